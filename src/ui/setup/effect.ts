import { knob } from '../../config/knobs';
import type { KnobKey } from '../../config/knob';
import type { RunConfig } from '../../config/runConfig';
import { trainableWeights } from '../../engine/adapters/budget';
import type { LlamaConfig } from '../../engine/model/llamaConfig';
import { positionsPerStep } from '../../state/pace';
import type { Settings } from '../../state/setup';
import { formatCount } from '../shared/format';

const ROWS: readonly KnobKey[] = ['max_length', 'per_device_train_batch_size', 'gradient_accumulation_steps'];
const SHAPES: readonly KnobKey[] = ['r', 'num_experts', 'group_size'];

/** What raising a setting does in this set-up, in numbers; undefined where nothing can be counted. */
export function effectOf(
  key: KnobKey,
  { values, layers, problem }: Settings,
  config: LlamaConfig | undefined,
): string | undefined {
  if (problem !== undefined) return undefined;
  if (ROWS.includes(key)) return `A step now works through ${formatCount(positionsPerStep(values))} tokens.`;
  if (key === 'max_steps') {
    return `The run now works through ${formatCount(positionsPerStep(values) * values.max_steps)} tokens.`;
  }
  if (config === undefined || !SHAPES.includes(key)) return undefined;
  const row = knob(key);
  if (row.kind !== 'integer') return undefined;
  const raised = key === 'r' ? values.r * 2 : Number(values[key]) + 1;
  if (raised > (row.max === 'layers' ? layers : row.max)) return undefined;
  const weights = (run: RunConfig) => trainableWeights(run, config);
  const change = weights({ ...values, [key]: raised }) - weights(values);
  const sign = change < 0 ? 'fewer' : 'more';
  return change === 0
    ? `Here ${row.label} ${raised} would train as many weights.`
    : `Here ${row.label} ${raised} would train ${formatCount(Math.abs(change))} weights ${sign}.`;
}
