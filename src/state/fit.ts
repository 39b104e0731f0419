import { UserError } from '../config/errors';
import type { RunConfig } from '../config/runConfig';
import type { PlanInfo } from '../worker/protocol';
import { setTouched } from './actions';
import { client } from './client';
import { currentSettings, setupStore } from './setup';

/** Least length that is still worth training on. */
const LEAST_LENGTH = 32;

/** Whether every buffer of a plan is one that the device gives. */
export function fits({ largest }: PlanInfo): boolean {
  return largest.bytes <= largest.limit;
}

/** Share of what the device gives to one buffer that the largest one takes. */
export function fitShare({ largest }: PlanInfo): number {
  return largest.bytes / largest.limit;
}

/**
 * Ever smaller settings, the least loss first: layers computed twice change no result; fewer rows at a time with as
 * many more micro-batches change the result by rounding alone; then shorter rows, and at last a lower rank.
 */
export function smallerSettings(values: RunConfig): readonly Partial<RunConfig>[] {
  const rounds: Partial<RunConfig>[] = [];
  let change: Partial<RunConfig> = {};
  const add = (more: Partial<RunConfig>) => {
    change = { ...change, ...more };
    rounds.push(change);
  };
  if (values.gradient_checkpointing !== 'on') add({ gradient_checkpointing: 'on' });
  let { per_device_train_batch_size: rows, gradient_accumulation_steps: micro } = values;
  while (rows > 1) {
    const fewer = Math.ceil(rows / 2);
    micro = Math.round((micro * rows) / fewer);
    rows = fewer;
    add({ per_device_train_batch_size: rows, gradient_accumulation_steps: micro });
  }
  let length = values.max_length;
  while (length > LEAST_LENGTH) {
    length = Math.max(LEAST_LENGTH, Math.floor(length / 2));
    add({ max_length: length });
  }
  let { r, lora_alpha } = values;
  while (r > 1) {
    const lower = Math.max(1, Math.floor(r / 2));
    lora_alpha = (lora_alpha * lower) / r;
    r = lower;
    add({ r, lora_alpha });
  }
  return rounds;
}

/**
 * Sets the first smaller settings whose plan fits the device, and takes less memory than `below` where that is given:
 * what a run was refused.
 *
 * @throws UserError where not even the smallest fit
 */
export async function makeItFit(below = Infinity): Promise<void> {
  const { values } = currentSettings();
  for (const change of smallerSettings(values)) {
    const plan = await client()
      .call({ type: 'plan', run: { ...values, ...change } })
      .catch(() => undefined);
    if (plan === undefined || !fits(plan) || plan.bytes.total >= below) continue;
    setTouched({ ...setupStore.getState().touched, ...change });
    return;
  }
  throw new UserError('GPU memory', 'no smaller settings fit either', 'choose a smaller model');
}
