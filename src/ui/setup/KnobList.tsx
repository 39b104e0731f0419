import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { defaultRunConfig } from '../../config/defaults';
import { knob, KNOB_KEYS } from '../../config/knobs';
import type { Knob, KnobKey } from '../../config/knob';
import { deviceStore } from '../../state/device';
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
  const draw = (key: KnobKey) => <KnobField key={key} name={key} settings={settings} />;
  const advanced = shown.filter((key) => knob(key).level === 'advanced');
  return (
    <section className="card" aria-label="Settings">
      <div className="card-head">
        <h2>Settings</h2>
      </div>
      <SoftwareRemark settings={settings} />
      <div className="knobs">{shown.filter((key) => knob(key).level === 'basic').map(draw)}</div>
      <details className="details">
        <summary>More</summary>
        {(Object.keys(GROUP_TITLES) as Knob['group'][]).map((group) => {
          const keys = advanced.filter((key) => knob(key).group === group);
          return keys.length === 0 ? null : (
            <Group key={group} title={GROUP_TITLES[group]}>
              {keys.map(draw)}
            </Group>
          );
        })}
      </details>
    </section>
  );
}

const STEP_KEYS = ['max_length', 'per_device_train_batch_size', 'gradient_accumulation_steps'] as const;

/** Says which defaults are smaller here than on a graphics card: settings must not change in silence. */
function SoftwareRemark({ settings }: { readonly settings: Settings }) {
  const software = useStore(deviceStore, (device) => device.status === 'ready' && device.info.fallback);
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

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div role="group" aria-label={title}>
      <h3 className="knob-group-title">{title}</h3>
      <div className="knobs">{children}</div>
    </div>
  );
}
