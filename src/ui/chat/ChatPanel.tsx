import { useStore } from 'zustand';
import {
  canGoOn,
  chatObstacle,
  chatStore,
  clearChat,
  dismissChatProblem,
  draftOf,
  formOf,
  goOn,
  hasAdapter,
  send,
  setDraft,
  stopChat,
  type ChatForm,
} from '../../state/chat';
import { isOnlyShown, runStore } from '../../state/run';
import { setupStore } from '../../state/setup';
import { Notice } from '../shared/Notice';
import './chat.css';
import { Choices } from './Choices';
import { Exchanges } from './Exchanges';
import { SamplingFields } from './SamplingFields';
import { stageText } from './words';

const TITLE = 'Chat and generate';

/** Base model and adapter continue a text, or answer in a conversation, side by side: with any run, and with none. */
export default function ChatPanel() {
  const chat = useStore(chatStore);
  const setup = useStore(setupStore);
  const run = useStore(runStore);
  const { status } = run;
  const form = formOf(chat, setup);
  const isWriting = chat.stage !== undefined;
  const obstacle = chatObstacle(status, setup);
  return (
    <section className="card chat" aria-label={TITLE}>
      <div className="card-head">
        <h2>{TITLE}</h2>
      </div>
      <Choices form={form} hasAdapter={hasAdapter(run)} onlyShown={isOnlyShown(run)} isWriting={isWriting} />
      <Exchanges form={form} />
      <Box form={form} obstacle={obstacle} />
      {chat.problem === undefined ? null : (
        <Notice bad onDismiss={dismissChatProblem}>
          {chat.problem}
        </Notice>
      )}
      <p className="small muted number chat-status" role="status">
        {stageText(chat, status) ?? obstacle ?? ''}
      </p>
      <SamplingFields />
    </section>
  );
}

/** What is asked next, and what can be done about the reply. */
function Box({ form, obstacle }: { readonly form: ChatForm; readonly obstacle: string | undefined }) {
  const chat = useStore(chatStore);
  const setup = useStore(setupStore);
  const draft = draftOf(chat, setup);
  const isWriting = chat.stage !== undefined;
  const last = chat.exchanges.at(-1);
  const isOpen = Object.values(last?.answers ?? {}).some(canGoOn);
  const isReady = !isWriting && obstacle === undefined;
  const isText = form === 'text';
  return (
    <form
      className="chat-box"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && draft !== '') void send();
      }}
    >
      <textarea
        aria-label={isText ? 'Text to continue' : 'Your turn of the conversation'}
        placeholder={isText ? 'A beginning for the model to continue' : 'Ask something'}
        rows={isText ? 3 : 2}
        spellCheck={false}
        value={draft}
        onChange={(event) => {
          setDraft(event.target.value);
        }}
        onKeyDown={(event) => {
          // In a conversation Enter sends, as everywhere; a text may have many lines.
          const sends = isText ? event.ctrlKey || event.metaKey : !event.shiftKey;
          if (event.key !== 'Enter' || !sends || event.nativeEvent.isComposing) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <div className="chat-actions">
        {isWriting ? (
          <button
            type="button"
            className="button primary"
            disabled={chat.stopping}
            onClick={() => void stopChat()}
          >
            {chat.stopping ? 'Stopping …' : 'Stop writing'}
          </button>
        ) : (
          <button type="submit" className="button primary" disabled={!isReady || draft === ''}>
            {isText ? 'Write' : 'Send'}
          </button>
        )}
        {isOpen && !isWriting ? (
          <button type="button" className="button" disabled={!isReady} onClick={() => void goOn()}>
            Continue
          </button>
        ) : null}
        {chat.exchanges.length > 0 && !isWriting ? (
          <button type="button" className="button quiet" onClick={clearChat}>
            {isText ? 'Clear' : 'New conversation'}
          </button>
        ) : null}
        <span className="small muted chat-keys">{isText ? 'Ctrl + Enter writes' : 'Enter sends'}</span>
      </div>
    </form>
  );
}
