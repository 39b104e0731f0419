import { makeItem, type Item, type Task } from '../item';
import type { Random } from '../random';
import { ofLevel } from './levels';
import { COLOURS, PEOPLE_NAMES, THINGS } from './words';

const CHOICES = 3;

/** Rows that go on by a rule: numbers, of which the next is asked for, or colours, of which a later one is. */
export const sequencePatterns: Task = {
  id: 'sequence_patterns',
  title: 'How does a row of numbers or colours go on?',
  levels: [
    'steps of one to three; three colours in turn',
    'steps of up to nine, up to 99; four colours in turn',
    'growing steps; two rows by turns',
  ],
  choices: CHOICES,
  make(random, level) {
    const [rule, other] = ofLevel<readonly [Rule, Rule | number]>(
      [
        [SMALL_STEPS, 3],
        [STEPS, 4],
        [GROWING, BY_TURNS],
      ],
      level,
    );
    if (random.below(2) === 0) return askNumber(random, rule);
    return typeof other === 'number' ? askColour(random, other) : askNumber(random, other);
  },
};

interface Rule {
  /** The greatest number; the smallest is 0. */
  readonly most: number;
  /** The nearest of the choices lies 1 to so many from the last number of its row. */
  readonly furthest: number;
  /** Draws what there is to the rule besides the next step; gives, by that step, the numbers shown before it. */
  draw(random: Random, last: number, up: boolean): (step: number) => number[];
}

const SMALL_STEPS: Rule = { most: 20, furthest: 1, draw: (_, last) => (step) => evenRow(last, step, 3) };
const STEPS: Rule = { most: 99, furthest: 7, draw: (_, last) => (step) => evenRow(last, step, 4) };

/** Each step upwards is greater by the same number than the one before it; each step downwards likewise. */
const GROWING: Rule = {
  most: 99,
  furthest: 10,
  draw(random, last, up) {
    const growth = (1 + random.below(3)) * (up ? 1 : -1);
    return (step) => {
      const shown = [last];
      for (let back = 1; back < 5; back++) shown.unshift((shown[0] ?? 0) - (step - back * growth));
      return shown;
    };
  },
};

/** Two even rows of three numbers, one of the first row, one of the second; the first row goes on. */
const BY_TURNS: Rule = {
  most: 99,
  furthest: 7,
  draw(random, last) {
    const otherStep = (1 + random.below(9)) * (random.below(2) === 0 ? 1 : -1);
    const other = evenRow(random.below(100), otherStep, 3);
    return (step) => evenRow(last, step, 3).flatMap((value, index) => [value, other[index] ?? 0]);
  },
};

function evenRow(last: number, step: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => last - step * (count - 1 - index));
}

/**
 * The choices are numbers next to each other, drawn first, all on the same side of the last number, none of them
 * shown. Each could be the next one, by another step; which it is, is drawn last.
 */
function askNumber(random: Random, rule: Rule): Item {
  const fits = (value: number) => value >= 0 && value <= rule.most;
  for (;;) {
    const up = random.below(2) === 0;
    const last = random.below(rule.most + 1);
    const nearest = 1 + random.below(rule.furthest);
    const steps = Array.from({ length: CHOICES }, (_, index) => (nearest + index) * (up ? 1 : -1));
    const next = steps.map((step) => last + step);
    const shown = steps.map(rule.draw(random, last, up));
    if (![...next, ...shown.flat()].every(fits) || shown.flat().some((value) => next.includes(value)))
      continue;

    const answer = random.below(CHOICES);
    const row = `${random.pick(PEOPLE_NAMES)} counts ${random.pick(THINGS)}s : ${shown[answer]?.join(' ') ?? ''}`;
    const wrong = next.filter((_, index) => index !== answer).map(String);
    return makeItem(random, `${row} . Which number is next ?`, String(next[answer]), wrong);
  }
}

/** `period` colours by turns, shown twice; the place of the third round that is asked for is drawn apart. */
function askColour(random: Random, period: number): Item {
  const round = random.shuffle(COLOURS).slice(0, period);
  const asked = random.below(period);
  const thing = random.pick(THINGS);
  const row = `${random.pick(PEOPLE_NAMES)} paints ${thing}s : ${[...round, ...round].join(' ')}`;
  const question = `${row} . Which colour is ${thing} ${2 * period + asked + 1} ?`;
  const wrong = random.shuffle(round.filter((_, index) => index !== asked)).slice(0, CHOICES - 1);
  return makeItem(random, question, round[asked] ?? '', wrong);
}
