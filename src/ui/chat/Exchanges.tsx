import { useStore } from 'zustand';
import { chatStore, type ChatAnswer, type ChatForm, type Exchange } from '../../state/chat';
import type { ChatSide } from '../../worker/chatProtocol';
import { formatCount } from '../shared/format';
import { answerNote } from './words';

const SIDES: readonly ChatSide[] = ['base', 'adapter'];

/** What was asked, each time with what both sides made of it. */
export function Exchanges({ form }: { readonly form: ChatForm }) {
  const exchanges = useStore(chatStore, (chat) => chat.exchanges);
  return exchanges.map((exchange, index) => <One key={index} exchange={exchange} form={form} />);
}

function One({ exchange, form }: { readonly exchange: Exchange; readonly form: ChatForm }) {
  const { asked, answers, step } = exchange;
  const present = SIDES.flatMap((side) => {
    const answer = answers[side];
    return answer === undefined ? [] : [[side, answer] as const];
  });
  return (
    <div className="chat-exchange">
      {form === 'turns' ? <p className="chat-asked">{asked}</p> : null}
      <div className="chat-voices">
        {present.map(([side, answer]) => (
          <Answer
            key={side}
            title={side === 'base' ? 'Base model' : adapterTitle(step)}
            given={form === 'text' ? asked : ''}
            side={side}
            answer={answer}
          />
        ))}
      </div>
    </div>
  );
}

function adapterTitle(step: number | undefined): string {
  return step === undefined ? 'With the adapter' : `With the adapter, step ${formatCount(step)}`;
}

function Answer({
  title,
  given,
  side,
  answer,
}: {
  readonly title: string;
  /** The text that is continued; a short one is told apart by its colour. */
  readonly given: string;
  readonly side: ChatSide;
  readonly answer: ChatAnswer;
}) {
  const note = answerNote(answer);
  return (
    <article className="chat-voice" data-side={side} aria-label={title} aria-busy={answer.end === undefined}>
      <h3>{title}</h3>
      <p className="chat-text" tabIndex={0}>
        <span className="chat-given">{given}</span>
        {given === '' ? answer.text.trimStart() : answer.text}
        {answer.end === undefined ? <span className="chat-caret" aria-hidden="true" /> : null}
      </p>
      <p className="small muted number">{note}</p>
    </article>
  );
}
