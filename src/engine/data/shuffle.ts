import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { lowbias32 } from '../ops/dropoutHash';

/** What a permutation is for; each purpose draws from a stream of its own. */
export type ShuffleStream = 'split' | 'epoch' | 'experts';
const STREAMS: Readonly<Record<ShuffleStream, number>> = { split: 1, epoch: 2, experts: 3 };

/** A permutation of 0 … n − 1 (Fisher-Yates): a pure function of its arguments. */
export function permutation(n: number, seed: number, stream: ShuffleStream, index = 0): Uint32Array {
  const key = lowbias32(lowbias32(lowbias32(seed) ^ STREAMS[stream]) ^ index);
  const random = xoroshiro128plus(key | 0);
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
  return order;
}

/**
 * Parts a list by the seed into two disjoint lists, each in the original order. A `valSize` (share, [0, 1)) above
 * zero holds out at least one item and leaves at least one, given two or more.
 */
export function splitBySeed<T>(
  items: readonly T[],
  valSize: number,
  seed: number,
): { readonly train: readonly T[]; readonly validation: readonly T[] } {
  const n = items.length;
  const size = valSize > 0 && n > 1 ? Math.min(Math.max(Math.round(n * valSize), 1), n - 1) : 0;
  const held = new Set(permutation(n, seed, 'split').subarray(0, size));
  return {
    train: items.filter((_, index) => !held.has(index)),
    validation: items.filter((_, index) => held.has(index)),
  };
}
