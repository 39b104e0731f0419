import { makeItem, type Task } from '../item';
import type { Random } from '../random';
import { drawNumbers } from './choices';
import { ofLevel } from './levels';

interface Level {
  /** Everything before the last sign and number: `#` stands for a number from 1 to 9, `~` for plus or minus. */
  readonly shapes: readonly string[];
  /** The last number goes up to this. */
  readonly last: number;
  /** Answers, from 0 on. */
  readonly most: number;
}

const LEVELS: readonly Level[] = [
  { shapes: ['# ~ # ~ #'], last: 9, most: 20 },
  { shapes: ['( # ~ # ) * #', '# ~ # * #', '# * ( # ~ # )'], last: 50, most: 50 },
  {
    shapes: ['( # ~ # * # ) * ( # ~ # )', '( ( # ~ # ) * # ~ # ) * #', '# * ( # ~ # ) ~ # * #'],
    last: 99,
    most: 99,
  },
];
const CHOICES = 4;

/** The value of a sum. No choice stands in the question, so that copying a number does not help. */
export const multistepArithmetic: Task = {
  id: 'multistep_arithmetic',
  title: 'What is the value of this sum?',
  levels: ['plus and minus', 'with times and brackets', 'longer, with nested brackets'],
  choices: CHOICES,
  make(random, level) {
    const { shapes, last, most } = ofLevel(LEVELS, level);
    const numbers = drawNumbers(random, 0, most, CHOICES);
    const [answer = 0, ...wrong] = numbers;
    for (;;) {
      const start = fill(random, random.pick(shapes), numbers);
      const gap = answer - evaluate(start);
      const size = Math.abs(gap);
      if (size === 0 || size > last || numbers.includes(size)) continue;
      const sum = `${start} ${gap > 0 ? '+' : '-'} ${size}`;
      return makeItem(random, `${sum} =`, `${evaluate(sum)}`, wrong.map(String));
    }
  },
};

function fill(random: Random, shape: string, without: readonly number[]): string {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((number) => !without.includes(number));
  return shape.replace(/[#~]/g, (slot) =>
    slot === '#' ? `${random.pick(numbers)}` : random.pick(['+', '-']),
  );
}

/** The value of an expression: innermost brackets first, `*` before `+` and `-`, from left to right. */
function evaluate(expression: string): number {
  const reduced = expression.replace(/\( ([^()]*) \)/g, (_, inner: string) => `${flat(inner)}`);
  return reduced === expression ? flat(expression) : evaluate(reduced);
}

function flat(text: string): number {
  const [first = '', ...rest] = text.split(/ ([+-]) /);
  let value = product(first);
  for (let at = 0; at < rest.length; at += 2) {
    const term = product(rest[at + 1] ?? '');
    value += rest[at] === '+' ? term : -term;
  }
  return value;
}

function product(text: string): number {
  return text.split(' * ').reduce((value, factor) => value * Number(factor), 1);
}
