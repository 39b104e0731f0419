import type { Word } from '../language/grammar';
import type { Random } from '../random';
import { GRAMMAR } from '../general/registry';

/** `count` different ones of `list`, in random order; throws where the list has fewer. */
export function distinct<T>(random: Random, list: readonly T[], count: number): T[] {
  if (list.length < count) throw new RangeError(`cannot draw ${count} of ${list.length}`);
  return random.shuffle(list).slice(0, count);
}

/** The whole numbers from `first` to `last`, both included. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** What `make` draws, again and again until `accept` holds. */
export function drawUntil<T>(make: () => T, accept: (drawn: T) => boolean): T {
  for (;;) {
    const drawn = make();
    if (accept(drawn)) return drawn;
  }
}

/** The words of one category of the world's lexicon, for example `person`. */
export function wordsOf(category: string): readonly Word[] {
  const words = GRAMMAR.lexicon[category];
  if (words === undefined) throw new Error(`the lexicon has no category '${category}'`);
  return words;
}

/** The same words as they are written. */
export function textsOf(category: string): readonly string[] {
  return wordsOf(category).map(({ forms }) => forms.text ?? '');
}
