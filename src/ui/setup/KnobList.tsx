import { useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { defaultRunConfig } from '../../config/defaults';
import type { Knob, KnobKey } from '../../config/knob';
import { knob, KNOB_KEYS } from '../../config/knobs';
import { resetKnobs } from '../../state/actions';
import { command } from '../../state/commands';
import { deviceInfo, deviceStore } from '../../state/device';
import { chosenScenario, setupStore, type Settings } from '../../state/setup';
import { KnobField } from './KnobField';
import { useSettings } from './useSettings';

const GROUP_TITLES: Readonly<Record<Knob['group'], string>> = {
  method: 'Adapter',
  training: 'Training',
  data: 'Data',
  schedule: 'When to measure',
};

/** Every setting but the method (which has its cards): the basic ones, and the rest by group under "More". */
export function KnobList() {
  const settings = useSettings();
  const shown = KNOB_KEYS.filter((key) => {
    const { methods } = knob(key);
    return key !== 'method' && (methods === undefined || methods.includes(settings.values.method));
  });
  const touched = useStore(setupStore, (setup) => Object.keys(setup.touched).length);
  return (
    <section className="card" aria-label="Settings">
      <div className="card-head">
        <h2>Settings</h2>
        {touched === 0 ? null : (
          <button type="button" className="button quiet" onClick={command('reset').run}>
            Reset all
          </button>
        )}
      </div>
      <SoftwareRemark settings={settings} />
      <div className="knobs">
        {shown
          .filter((key) => knob(key).level === 'basic')
          .map((key) => (
            <KnobField key={key} name={key} settings={settings} />
          ))}
      </div>
      <More keys={shown.filter((key) => knob(key).level === 'advanced')} settings={settings} />
    </section>
  );
}

function More({ keys, settings }: { readonly keys: readonly KnobKey[]; readonly settings: Settings }) {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found = keys.filter(
    (key) => wanted === '' || `${key} ${knob(key).label} ${knob(key).hint}`.toLowerCase().includes(wanted),
  );
  return (
    <details className="details">
      <summary>More: {keys.length} settings</summary>
      <label className="field knob-search">
        <input
          type="search"
          aria-label="Search the settings"
          placeholder="Search, for example clipping"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
      </label>
      {(Object.keys(GROUP_TITLES) as Knob['group'][]).map((group) => {
        const rows = found.filter((key) => knob(key).group === group);
        return rows.length === 0 ? null : (
          <Group key={group} title={GROUP_TITLES[group]} keys={rows}>
            {rows.map((key) => (
              <KnobField key={key} name={key} settings={settings} />
            ))}
          </Group>
        );
      })}
      {found.length === 0 ? <p className="small muted">No setting is called so.</p> : null}
    </details>
  );
}

const STEP_KEYS = ['max_length', 'per_device_train_batch_size', 'gradient_accumulation_steps'] as const;

/** Says which defaults are smaller here than on a graphics card: settings must not change in silence. */
function SoftwareRemark({ settings }: { readonly settings: Settings }) {
  const software = useStore(deviceStore, (device) => deviceInfo(device)?.fallback === true);
  const scenario = useStore(setupStore, chosenScenario);
  if (!software) return null;
  const elsewhere = { ...defaultRunConfig(settings.layers, false), ...scenario?.settings };
  const changes = STEP_KEYS.filter((key) => settings.defaults[key] < elsewhere[key]).map(
    (key) => `${knob(key).label} ${settings.defaults[key]} instead of ${elsewhere[key]}`,
  );
  if (changes.length === 0) return null;
  return (
    <p className="knob-remark">
      A processor plays the GPU here, so a step is small by default: {changes.join(', ')}.
    </p>
  );
}

function Group({
  title,
  keys,
  children,
}: {
  readonly title: string;
  readonly keys: readonly KnobKey[];
  readonly children: ReactNode;
}) {
  const touched = useStore(setupStore, (setup) => keys.some((key) => key in setup.touched));
  return (
    <div role="group" aria-label={title}>
      <div className="knob-group-head">
        <h3 className="knob-group-title">{title}</h3>
        {touched ? (
          <button
            type="button"
            className="button quiet"
            aria-label={`Reset ${title}`}
            onClick={() => {
              resetKnobs(keys);
            }}
          >
            Reset
          </button>
        ) : null}
      </div>
      <div className="knobs">{children}</div>
    </div>
  );
}
