import { knob, KNOB_KEYS } from '../../config/knobs';
import type { Knob, KnobKey } from '../../config/knob';
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
      <div className="knobs">{shown.filter((key) => knob(key).level === 'basic').map(draw)}</div>
      <details className="details">
        <summary>More</summary>
        <div className="knobs">
          {(Object.keys(GROUP_TITLES) as Knob['group'][]).map((group) => {
            const keys = advanced.filter((key) => knob(key).group === group);
            return keys.length === 0 ? null : (
              <Group key={group} title={GROUP_TITLES[group]}>
                {keys.map(draw)}
              </Group>
            );
          })}
        </div>
      </details>
    </section>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <>
      <h3 className="knob-group-title">{title}</h3>
      {children}
    </>
  );
}
