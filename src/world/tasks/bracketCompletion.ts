import { makeItem, type Item, type Task } from '../item';
import type { Random } from '../random';
import { ofLevel } from './levels';

/** An opening bracket and the closing one that belongs to it. */
const PAIRS = ['( )', '[ ]', '{ }', '< >'].map((pair) => {
  const [open = '', close = ''] = pair.split(' ');
  return { open, close };
});
type Pair = (typeof PAIRS)[number];

/**
 * Four kinds of brackets, each opened equally often, each left open once. Which kind is left open where does not
 * depend on the kinds of the brackets that are closed, so counting brackets or repeating a closing one is no help.
 */
export const bracketCompletion: Task = {
  id: 'bracket_completion',
  title: 'Close the brackets that are still open',
  levels: [
    'the next closing bracket, nothing within closed brackets',
    'all closing brackets',
    'all closing brackets of a longer row',
  ],
  choices: PAIRS.length,
  make(random, level) {
    return ofLevel([closeOne, closeAll(1), closeAll(2)], level)(random);
  },
};

/** As many pairs are closed as brackets are left open, each at once. */
function closeOne(random: Random): Item {
  const open = random.shuffle(PAIRS); // outermost first
  const row = fillShape(flatShape(random), open, random.shuffle(PAIRS));
  const closers = open.map((pair) => pair.close).reverse();
  return makeItem(random, `Close one bracket : ${row.join(' ')}`, closers[0] ?? '', closers.slice(1));
}

/** Each kind is closed `times` times; the choices are orders of the four closing brackets. */
function closeAll(times: number): (random: Random) => Item {
  return (random) => {
    const open = random.shuffle(PAIRS);
    const closed = random.shuffle(Array.from({ length: times }, () => PAIRS).flat());
    const row = fillShape(nestedShape(random, closed.length), open, closed);
    const closers = open.map((pair) => pair.close).reverse();
    const orders = new Set([closers.join(' ')]);
    while (orders.size < PAIRS.length) orders.add(random.shuffle(closers).join(' '));
    const [answer = '', ...wrong] = orders;
    return makeItem(random, `Close all brackets : ${row.join(' ')}`, answer, wrong);
  };
}

/** A row as steps: true opens a bracket, false closes the last open one. */
type Shape = readonly boolean[];

/** As many pairs, each closed at once, as brackets left open, in any order. */
function flatShape(random: Random): Shape {
  return random.shuffle(PAIRS.flatMap(() => [[true], [true, false]])).flat();
}

/** Every shape with so many closed pairs, and as many open brackets as there are kinds, is as likely as another. */
function nestedShape(random: Random, closedPairs: number): Shape {
  const opened = closedPairs + PAIRS.length;
  const steps = Array.from({ length: opened + closedPairs }, (_, index) => index < opened);
  for (;;) {
    const shape = random.shuffle(steps);
    let depth = 0;
    if (shape.every((opens) => (depth += opens ? 1 : -1) >= 0)) return shape;
  }
}

/** The brackets of a shape; `open` stay open, outermost first, `closed` are used in the order of their opening. */
function fillShape(shape: Shape, open: readonly Pair[], closed: readonly Pair[]): string[] {
  const closes = closedSteps(shape);
  const [still, done] = [[...open], [...closed]];
  const row: string[] = [];
  shape.forEach((opens, step) => {
    if (!opens) return;
    const closedAt = closes.get(step);
    const pair = closedAt === undefined ? still.shift() : done.shift();
    row[step] = pair?.open ?? '';
    if (closedAt !== undefined) row[closedAt] = pair?.close ?? '';
  });
  return row;
}

/** For each opening step that is closed, the step that closes it. */
function closedSteps(shape: Shape): Map<number, number> {
  const stack: number[] = [];
  const closes = new Map<number, number>();
  shape.forEach((opens, step) => {
    if (opens) stack.push(step);
    else closes.set(stack.pop() ?? 0, step);
  });
  return closes;
}
