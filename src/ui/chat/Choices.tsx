import { useId } from 'react';
import { useStore } from 'zustand';
import { chatStore, setAsked, setChatForm, type ChatForm, type ChatState } from '../../state/chat';
import { setupStore } from '../../state/setup';

const ASKED: readonly (readonly [ChatState['asked'], string])[] = [
  ['both', 'Side by side'],
  ['base', 'Base'],
  ['adapter', 'Adapter'],
];

const FORMS: readonly (readonly [ChatForm, string])[] = [
  ['turns', 'Conversation'],
  ['text', 'Plain text'],
];

/** Who writes, and whether it is a conversation, where the checkpoint knows those. */
export function Choices({
  form,
  hasAdapter,
  onlyShown,
  isWriting,
}: {
  readonly form: ChatForm;
  readonly hasAdapter: boolean;
  readonly onlyShown: boolean;
  readonly isWriting: boolean;
}) {
  const asked = useStore(chatStore, (chat) => chat.asked);
  const model = useStore(setupStore, (setup) => setup.model.chosen?.info);
  return (
    <div className="chat-choices">
      <Segments
        legend="Who writes"
        options={ASKED}
        value={hasAdapter ? asked : 'base'}
        isDisabled={(option) => isWriting || (!hasAdapter && option !== 'base')}
        onChoose={setAsked}
      />
      {model?.hasChatTemplate === true ? (
        <Segments
          legend="Form"
          options={FORMS}
          value={form}
          isDisabled={() => isWriting}
          onChoose={setChatForm}
        />
      ) : null}
      <p className="small muted">
        {hasAdapter
          ? 'Both stay on the graphics card: switching between them costs nothing.'
          : onlyShown
            ? 'The base model alone: the run is shown as it was kept. Bring it back to the GPU, on the page, to ask its adapter.'
            : 'The base model alone; the adapter of a run can be asked as soon as it trains.'}
        {model !== undefined && !model.hasChatTemplate
          ? ' This model has no chat template, so it continues texts.'
          : ''}
      </p>
    </div>
  );
}

/** One of a few, as buttons side by side. */
function Segments<T extends string>({
  legend,
  options,
  value,
  isDisabled,
  onChoose,
}: {
  readonly legend: string;
  readonly options: readonly (readonly [T, string])[];
  readonly value: T;
  readonly isDisabled: (option: T) => boolean;
  readonly onChoose: (option: T) => void;
}) {
  const name = useId();
  return (
    <fieldset className="chat-segments">
      <legend className="visually-hidden">{legend}</legend>
      {options.map(([option, label]) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            checked={option === value}
            disabled={isDisabled(option)}
            onChange={() => {
              onChoose(option);
            }}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
