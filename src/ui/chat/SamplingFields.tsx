import { useId, useState } from 'react';
import { useStore } from 'zustand';
import { chatSettings, chatStore, setChatSetting, usualSettings } from '../../state/chat';
import { setupStore } from '../../state/setup';
import type { ChatSettings } from '../../worker/chatProtocol';
import { Icon } from '../shared/Icon';

interface Field {
  readonly key: keyof ChatSettings;
  readonly label: string;
  readonly hint: string;
  readonly step: number;
  readonly min: number;
  readonly max: number;
}

const FIELDS: readonly Field[] = [
  {
    key: 'temperature',
    label: 'Temperature',
    hint: 'Higher is freer; 0 always takes the most likely token.',
    ...{ step: 0.1, min: 0, max: 5 },
  },
  {
    key: 'top_p',
    label: 'Top p',
    hint: 'Lower keeps only the most likely tokens, up to this sum of probabilities; 1 keeps all.',
    ...{ step: 0.05, min: 0.01, max: 1 },
  },
  {
    key: 'top_k',
    label: 'Top k',
    hint: 'Keeps so many most likely tokens, before top p; 0 keeps all.',
    ...{ step: 1, min: 0, max: 1_000_000 },
  },
  {
    key: 'max_new_tokens',
    label: 'New tokens',
    hint: 'At most; Continue goes on behind them.',
    ...{ step: 1, min: 1, max: 100_000 },
  },
  {
    key: 'seed',
    label: 'Seed',
    hint: 'The same for both sides; another one writes another text.',
    ...{ step: 1, min: 0, max: 2 ** 32 - 1 },
  },
];

/** How tokens are drawn. */
export function SamplingFields() {
  const chat = useStore(chatStore);
  const setup = useStore(setupStore);
  const values = chatSettings(chat, setup);
  const usual = usualSettings(setup);
  const own = setup.model.chosen?.info.sampling ?? {};
  return (
    <details className="details chat-sampling">
      <summary>
        Sampling <span className="muted number">{summary(values)}</span>
      </summary>
      <div className="chat-fields">
        {FIELDS.map((field) => (
          <NumberField
            key={field.key}
            field={field}
            value={values[field.key]}
            usual={usual[field.key]}
            isOwn={field.key in own}
          />
        ))}
      </div>
    </details>
  );
}

function NumberField({
  field: { key, label, hint, step, min, max },
  value,
  usual,
  isOwn,
}: {
  readonly field: Field;
  readonly value: number;
  readonly usual: number;
  /** Whether the usual value is the checkpoint's own. */
  readonly isOwn: boolean;
}) {
  const id = useId();
  /** What is typed, while it is no value. */
  const [typed, setTyped] = useState<string>();
  const bad = typed !== undefined;
  return (
    <div className="chat-field">
      <div className="chat-field-head">
        <label htmlFor={id}>{label}</label>
        {value === usual ? null : (
          <button
            type="button"
            className="icon-button"
            aria-label={`Reset ${label}`}
            title={isOwn ? 'Back to what the checkpoint asks for' : 'Back to the default'}
            onClick={() => {
              setTyped(undefined);
              setChatSetting(key, undefined);
            }}
          >
            <Icon name="reset" size={13} />
          </button>
        )}
      </div>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        {...{ min, max, step }}
        value={typed ?? value}
        aria-invalid={bad}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => {
          const next = Number(target.value);
          const whole = step < 1 || Number.isInteger(next);
          const fits = target.value.trim() !== '' && next >= min && next <= max && whole;
          setTyped(fits ? undefined : target.value);
          if (fits) setChatSetting(key, next);
        }}
        onBlur={() => {
          setTyped(undefined);
        }}
      />
      <p id={`${id}-hint`} className={bad ? 'small chat-bad' : 'small muted'}>
        {bad ? `${step < 1 ? 'A number' : 'A whole number'} from ${min} to ${max}.` : hint}
        {isOwn && value === usual && !bad ? ' This value is the checkpoint’s own.' : ''}
      </p>
    </div>
  );
}

function summary({ temperature, top_p, top_k, max_new_tokens, seed }: ChatSettings): string {
  const drawn =
    temperature === 0
      ? ['most likely token']
      : [
          `temperature ${temperature}`,
          ...(top_p < 1 ? [`top p ${top_p}`] : []),
          ...(top_k > 0 ? [`top k ${top_k}`] : []),
        ];
  return [...drawn, `${max_new_tokens} tokens`, `seed ${seed}`].join(', ');
}
