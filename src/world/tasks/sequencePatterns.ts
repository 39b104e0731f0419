import { makeItem, type Item, type Task } from '../item';
import type { Random } from '../random';
import { COLOURS, PEOPLE_NAMES, THINGS } from './words';

const CHOICES = 3;

/** Rows that go on by a rule: numbers, of which the next is asked for, or colours, of which a later one is. */
export const sequencePatterns: Task = {
  id: 'sequence_patterns',
  title: 'How does a row of numbers or colours go on?',
  levels: [
    'steps of one to three; three colours in turn',
    'steps of up to nine, up to 99; four colours in turn',
    'growing steps; two rows in one',
  ],
  choices: CHOICES,
  make(random, level) {
    if (level === 3) return random.below(2) === 0 ? numbers(random, GROWING) : numbers(random, INTERLEAVED);
    if (random.below(2) === 0) return numbers(random, level === 1 ? SMALL_STEPS : STEPS);
    return colours(random, level + 2);
  },
};

interface Rule {
  /** No number is greater, none is below 0. */
  readonly most: number;
  /** The next number lies so far from the last of its row: at least 1, at most this, not counting the choices. */
  readonly furthest: number;
  /** Draws what else there is to the rule; the numbers shown if the next is `last + step`, by the step. */
  draw(random: Random, last: number, up: boolean): (step: number) => number[];
}

const steady = (count: number) => (_: Random, last: number) => (step: number) =>
  Array.from({ length: count }, (_, index) => last - step * (count - 1 - index));

const SMALL_STEPS: Rule = { most: 20, furthest: 1, draw: steady(3) };
const STEPS: Rule = { most: 99, furthest: 7, draw: steady(4) };

/** Each step is greater, or smaller, than the one before by the same number. */
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

/** Two steady rows by turns; the one that goes on is shown at the places 1, 3 and 5. */
const INTERLEAVED: Rule = {
  most: 99,
  furthest: 7,
  draw(random, last) {
    const first = random.below(100);
    const otherStep = (1 + random.below(9)) * (random.below(2) === 0 ? 1 : -1);
    return (step) => [0, 1, 2].flatMap((at) => [last - step * (2 - at), first + at * otherStep]);
  },
};

/**
 * The choices are numbers in a row, drawn first, all on the same side of the last number, none among those shown;
 * each of them could be the next one by another step, and which it is, is drawn last.
 */
function numbers(random: Random, rule: Rule): Item {
  for (;;) {
    const up = random.below(2) === 0;
    const last = random.below(rule.most + 1);
    const nearest = 1 + random.below(rule.furthest);
    const steps = Array.from({ length: CHOICES }, (_, index) => (nearest + index) * (up ? 1 : -1));
    const next = steps.map((step) => last + step);
    const shown = steps.map(rule.draw(random, last, up));
    const fit = (value: number) => value >= 0 && value <= rule.most;
    if (!next.every(fit) || !shown.flat().every((value) => fit(value) && !next.includes(value))) continue;

    const answer = random.below(CHOICES);
    const row = `${random.pick(PEOPLE_NAMES)} counts ${random.pick(THINGS)}s : ${(shown[answer] ?? []).join(' ')}`;
    const choices = next.map(String);
    return makeItem(
      random,
      `${row} . Which number is next ?`,
      choices[answer] ?? '',
      choices.filter((_, index) => index !== answer),
    );
  }
}

/** `period` colours in turn, shown twice; a place of the third round is asked for, apart from what is shown. */
function colours(random: Random, period: number): Item {
  const round = random.shuffle(COLOURS).slice(0, period);
  const asked = random.below(period);
  const thing = random.pick(THINGS);
  const row = `${random.pick(PEOPLE_NAMES)} paints ${thing}s : ${[...round, ...round].join(' ')}`;
  const question = `${row} . Which colour is ${thing} ${2 * period + asked + 1} ?`;
  const wrong = random.shuffle(round.filter((_, index) => index !== asked)).slice(0, CHOICES - 1);
  return makeItem(random, question, round[asked] ?? '', wrong);
}
