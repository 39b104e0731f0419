import type { KnobKey, NumberKnob } from './knob';
import { KNOB_KEYS, knob } from './knobs';
import type { RunConfig } from './runConfig';

/** What the knob table cannot know: the model and the machine. */
export interface RunLimits {
  /** L. */
  readonly layers: number;
  /** Whether the adapter is a software one (`isFallbackAdapter`); defaults are then smaller. */
  readonly software?: boolean;
}

/** Least and greatest value of a number knob for a given model. */
export function knobRange(row: NumberKnob, limits: RunLimits): readonly [number, number] {
  return [row.min, row.max === 'layers' ? limits.layers : row.max];
}

/** Default of one setting for a model with the given limits. */
export function knobDefault(key: KnobKey, limits: RunLimits): RunConfig[KnobKey] {
  const row = knob(key);
  if (row.kind !== 'integer' && row.kind !== 'number') return row.default as RunConfig[KnobKey];
  const [min, max] = knobRange(row, limits);
  const wanted = limits.software === true ? (row.softwareDefault ?? row.default) : row.default;
  return Math.min(Math.max(wanted, min), max);
}

/** The settings of a run that nobody has touched, for a model with L layers: only `group_size` depends on L. */
export function defaultRunConfig(layers: number, software = false): RunConfig {
  // The table has exactly the keys of RunConfig, each with a default of the key's type (see KnobTable).
  return Object.fromEntries(
    KNOB_KEYS.map((key) => [key, knobDefault(key, { layers, software })]),
  ) as unknown as RunConfig;
}
