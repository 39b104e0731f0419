import { makeItem, type Task } from '../item';
import type { Random } from '../random';
import { ofLevel } from './levels';

type Writer = (random: Random) => string;

/** By level. */
const WRITERS: readonly Writer[] = [
  (random) => chain(random, 6, literal),
  (random) => chain(random, 3, group),
  (random) => chain(random, 4, nested),
];

/** The value of an expression. As many are true as are false. */
export const booleanExpressions: Task = {
  id: 'boolean_expressions',
  title: 'Is this boolean expression true or false?',
  levels: ['a chain of and, or and not', 'with brackets', 'with nested brackets and repeated not'],
  choices: 2,
  make(random, level) {
    const write = ofLevel(WRITERS, level);
    const wanted = random.below(2) === 1;
    let expression = write(random);
    while (evaluate(expression) !== wanted) expression = write(random);
    const [answer, wrong] = wanted ? ['True', 'False'] : ['False', 'True'];
    return makeItem(random, `${expression} is`, answer, [wrong]);
  },
};

/** `part or part and part`, each `and` or `or` as likely. */
function chain(random: Random, parts: number, part: Writer): string {
  let text = part(random);
  for (let written = 1; written < parts; written++) {
    text += ` ${random.pick(['and', 'or'])} ${part(random)}`;
  }
  return text;
}

function literal(random: Random): string {
  return random.pick(['True', 'False', 'not True', 'not False']);
}

function group(random: Random): string {
  return `${random.pick(['', 'not '])}( ${chain(random, 2, literal)} )`;
}

function nested(random: Random): string {
  const part: Writer = () => random.pick([literal, group])(random);
  return `${random.pick(['', 'not ', 'not not '])}( ${chain(random, 2, part)} )`;
}

/** The value of an expression as Python reads it: `not` before `and` before `or`, innermost brackets first. */
function evaluate(expression: string): boolean {
  const reduced = expression.replace(/\( ([^()]*) \)/g, (_, inner: string) =>
    flat(inner) ? 'True' : 'False',
  );
  return reduced === expression ? flat(expression) : evaluate(reduced);
}

function flat(text: string): boolean {
  return text.split(' or ').some((terms) => terms.split(' and ').every(isTrue));
}

/** A value behind any number of `not`. */
function isTrue(text: string): boolean {
  const words = text.split(' ');
  return (words.at(-1) === 'True') === (words.length % 2 === 1);
}
