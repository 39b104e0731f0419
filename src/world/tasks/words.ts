import {
  ANIMALS as ANIMAL_ROWS,
  PEOPLE,
  PLACES as PLACE_ROWS,
  THINGS as THING_ROWS,
} from '../language/lexicon';

/** The words that the reasoning tasks ask about: those of the world's stories, and a few closed lists. */
export const PEOPLE_NAMES = firstColumn(PEOPLE);
export const THINGS = firstColumn(THING_ROWS);
export const ANIMALS = firstColumn(ANIMAL_ROWS);
export const PLACES = firstColumn(PLACE_ROWS);

export const COLOURS = ['red', 'blue', 'green', 'yellow', 'white', 'black', 'brown', 'grey'] as const;

/** From one on; index 0 is no number. */
export const NUMBER_WORDS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
] as const;

export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** `a drum`, `an owl`. */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

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
