import type { Random } from '../random';

/**
 * `count` different whole numbers from `from` to `to`, of which the first is the answer. Drawing the choices before
 * the question makes each of them the answer equally often: neither its size nor its frequency gives it away.
 */
export function drawNumbers(random: Random, from: number, to: number, count: number): number[] {
  const all = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return random.shuffle(all).slice(0, count);
}
