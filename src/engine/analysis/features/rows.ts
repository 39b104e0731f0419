import type { TokenExample } from '../../data/examples';
import { lowbias32 } from '../../ops/dropoutHash';

/** A token whose features are read, with its labels. */
export interface FeatureRow {
  /** Index of its example. */
  readonly sample: number;
  /** Its place in the example, from 0. */
  readonly position: number;
  /** Its id. */
  readonly token: number;
  /** The example's task or domain; null where the data names none. */
  readonly task: string | null;
}

/**
 * Which tokens are looked at. `prompt_end`: the last token of each prompt, whose row must predict the answer (where all
 * prompts end alike, the first layer's q, k and v see the same x in all of them). `counted`: every token whose
 * successor counts in the loss.
 */
export type RowChoice = 'prompt_end' | 'counted';

export interface RowOptions {
  readonly choice: RowChoice;
  /** Rows to choose, at most. */
  readonly most: number;
  readonly seed: number;
}

/** `prompt_end` where every example has a prompt that tells it from others (more than one token), else `counted`. */
export function usualChoice(examples: readonly TokenExample[]): RowChoice {
  return examples.every(({ train }) => train.indexOf(1) > 1) ? 'prompt_end' : 'counted';
}

/**
 * Chooses rows evenly: every task gets the same number as far as it has them, spread evenly over its candidates in
 * the order of the data. Where a task has more candidates than places, the seed says where the spread begins.
 *
 * @returns in the order of the data
 */
export function chooseRows(examples: readonly TokenExample[], options: RowOptions): readonly FeatureRow[] {
  const tasks = new Map<string | undefined, FeatureRow[]>();
  examples.forEach((example, sample) => {
    const found = tasks.get(example.task) ?? [];
    tasks.set(example.task, found);
    for (const position of candidates(example, options.choice)) {
      const token = example.ids[position] ?? 0;
      found.push({ sample, position, token, task: example.task ?? null });
    }
  });
  const all = [...tasks.values()];
  const places = shareOut(
    all.map(({ length }) => length),
    options.most,
  );
  return all
    .flatMap((found, task) => spread(found, places[task] ?? 0, lowbias32(lowbias32(options.seed) ^ task)))
    .sort((a, b) => a.sample - b.sample || a.position - b.position);
}

function candidates({ train }: TokenExample, choice: RowChoice): number[] {
  if (choice === 'prompt_end') return [train.indexOf(1) - 1];
  return Array.from(train.keys())
    .filter((at) => train[at] === 1)
    .map((at) => at - 1);
}

/** `places` for lists of the given lengths: equally many each, as far as a list goes; the first ones get the rest. */
function shareOut(lengths: readonly number[], places: number): number[] {
  const shares = lengths.map(() => 0);
  let left = places;
  for (;;) {
    const open = [...lengths.keys()].filter((i) => (shares[i] ?? 0) < (lengths[i] ?? 0));
    if (open.length === 0 || left === 0) return shares;
    const each = Math.max(1, Math.floor(left / open.length));
    for (const i of open) {
      const more = Math.min(each, left, (lengths[i] ?? 0) - (shares[i] ?? 0));
      shares[i] = (shares[i] ?? 0) + more;
      left -= more;
    }
  }
}

/** `count` of the items at equal distances; `key` (u32) says how far into the first distance they begin. */
function spread<T>(items: readonly T[], count: number, key: number): T[] {
  const phase = key / 2 ** 32;
  const chosen = new Set(
    Array.from({ length: count }, (_, k) => Math.floor(((k + phase) * items.length) / count)),
  );
  return items.filter((_, index) => chosen.has(index));
}
