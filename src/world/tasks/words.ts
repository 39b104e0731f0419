import {
  ANIMALS as ANIMAL_ROWS,
  NUMBER_WORDS as ONE_TO_TEN,
  PEOPLE,
  PLACES as PLACE_ROWS,
  THINGS as THING_ROWS,
} from '../language/lexicon';

export { withArticle } from '../language/facts';
export { COLOURS, MONTHS, WEEKDAYS } from '../language/lexicon';

/** What the reasoning tasks ask about stands in the world's stories too. */
export const PEOPLE_NAMES = firstColumn(PEOPLE);
export const THINGS = firstColumn(THING_ROWS);
export const ANIMALS = firstColumn(ANIMAL_ROWS);
export const PLACES = firstColumn(PLACE_ROWS);

/** From one to nine; index 0 is no number. */
export const NUMBER_WORDS = ['no', ...ONE_TO_TEN.slice(0, 9)];

/** `a drum, a key and a hat`. */
export function enumerate(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

function firstColumn(table: string): readonly string[] {
  return table
    .trim()
    .split('\n')
    .map((row) => row.split('|')[0] ?? '');
}
