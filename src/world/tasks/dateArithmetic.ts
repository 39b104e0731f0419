import { makeItem, type Item, type Task } from '../item';
import type { Random } from '../random';
import { ofLevel } from './levels';
import { MONTHS, PEOPLE_NAMES, PLACES, WEEKDAYS } from './words';

const CHOICES = 4;
const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** The days of a year of 365, as `28 March`. */
const DATES = MONTHS.flatMap((month, index) =>
  Array.from({ length: MONTH_LENGTHS[index] ?? 0 }, (_, day) => `${day + 1} ${month}`),
);
/** No count goes over the end of February, which is not in every year the same day. */
const FIRST_OF_MARCH = DATES.indexOf('1 March');
const LONGEST = 40;

/** Days counted on and back. The days to choose from are drawn first, then which of them is the answer. */
export const dateArithmetic: Task = {
  id: 'date_arithmetic',
  title: 'On which day does something happen, some days before or after another?',
  levels: ['weekdays, up to four days on', 'weekdays, on and back in two steps', 'dates, up to forty days'],
  choices: CHOICES,
  make(random, level) {
    return ofLevel([nextDays, onAndBack, dates], level)(random);
  },
};

/** The choices are the four days after the one that is named. */
function nextDays(random: Random): Item {
  const first = random.below(7);
  const days = 1 + random.below(CHOICES);
  const [told, asked, ask] = people(random);
  const choices = Array.from({ length: CHOICES }, (_, index) => weekday(first + 1 + index));
  const question = `${told} on ${weekday(first)}. ${asked} came ${count(days)} later. ${ask('day')}`;
  return among(random, question, choices, days - 1);
}

/** The choices are four of the days that are not named. */
function onAndBack(random: Random): Item {
  const first = random.below(7);
  const shifts = random.shuffle([1, 2, 3, 4, 5, 6]).slice(0, CHOICES);
  const answer = random.below(CHOICES);
  const [told, asked, ask, between] = people(random);
  let steps = [0, 0];
  do steps = [step(random), step(random)];
  while ((steps.reduce((sum, days) => sum + days, 14) - (shifts[answer] ?? 0)) % 7 !== 0);
  const [way, further] = steps.map((days) => `${count(Math.abs(days))} ${days > 0 ? 'after' : 'before'}`);
  const question =
    `${told} on ${weekday(first)}. ${between} came ${way ?? ''} that. ` +
    `${asked} came ${further ?? ''} ${between}. ${ask('day')}`;
  return among(
    random,
    question,
    shifts.map((shift) => weekday(first + shift)),
    answer,
  );
}

/** The choices are four days in a row, all on the same side of the date that is named. */
function dates(random: Random): Item {
  const forward = random.below(2) === 0;
  const nearest = 1 + random.below(LONGEST - CHOICES + 1);
  const way = (days: number) => (forward ? days : -days);
  let first = 0;
  do first = random.below(DATES.length);
  while (side(first) !== side(first + way(LONGEST)));
  const answer = random.below(CHOICES);
  const [told, asked, ask] = people(random);
  const how = `${count(nearest + answer)} ${forward ? 'later' : 'before'}`;
  const question = `${told} on ${date(first)}. ${asked} came ${how}. ${ask('date')}`;
  const choices = Array.from({ length: CHOICES }, (_, index) => date(first + way(nearest + index)));
  return among(random, question, choices, answer);
}

function among(random: Random, question: string, choices: readonly string[], answer: number): Item {
  const wrong = choices.filter((_, index) => index !== answer);
  return makeItem(random, question, choices[answer] ?? '', wrong);
}

/** Who came somewhere, who else did, the question when, and the name of one more. */
function people(random: Random): [told: string, asked: string, ask: (what: string) => string, more: string] {
  const [one = '', other = '', more = ''] = random.shuffle(PEOPLE_NAMES);
  const told = `${one} came to the ${random.pick(PLACES)}`;
  return [told, other, (what) => `On which ${what} did ${other} come?`, more];
}

/** One to six days, on or back. */
function step(random: Random): number {
  return (1 + random.below(6)) * (random.below(2) === 0 ? 1 : -1);
}

function count(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

function weekday(days: number): string {
  return WEEKDAYS[days % 7] ?? '';
}

/** The same number for days between which no February ends. */
function side(day: number): number {
  return Math.floor((day - FIRST_OF_MARCH) / DATES.length);
}

/** `day` counts from the first of January, also beyond the year on either side. */
function date(day: number): string {
  return DATES[(day + DATES.length) % DATES.length] ?? '';
}
