import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A seeded stream of choices. Everything in the world that looks random comes from one of these. */
export interface Random {
  /** A whole number in [0, n); n >= 1. */
  below(n: number): number;
  /** One of the items, each as likely as the other; throws on an empty list. */
  pick<T>(items: readonly T[]): T;
  /** The items in a new order. */
  shuffle<T>(items: readonly T[]): T[];
}

/** The same seed (a 32-bit integer) gives the same stream on every machine. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const below = (n: number) => uniformInt(generator, 0, n - 1);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const rest = [...items];
    const order: T[] = [];
    while (rest.length > 0) order.push(...rest.splice(below(rest.length), 1));
    return order;
  };
  return { below, pick, shuffle };
}
