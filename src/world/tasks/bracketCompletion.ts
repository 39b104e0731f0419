import { makeItem, type Task } from '../item';
import type { Random } from '../random';

/** An opening bracket and the closing one that belongs to it. */
const PAIRS = ['( )', '[ ]', '{ }', '< >'].map((pair) => {
  const [open = '', close = ''] = pair.split(' ');
  return { open, close };
});
type Pair = (typeof PAIRS)[number];

/**
 * Four kinds of brackets, each opened equally often, each left open once. Which kind is left open where does not
 * depend on the kinds of the brackets that are closed, so counting and looking at either end are of no use.
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
    const open = random.shuffle(PAIRS); // outermost first
    const shape =
      level === 1 ? flatShape(random, PAIRS.length) : nestedShape(random, (level - 1) * PAIRS.length);
    const closed = random.shuffle(Array.from({ length: Math.max(1, level - 1) }, () => PAIRS).flat());
    const row = fillShape(shape, open, closed).join(' ');
    if (level === 1) {
      const closers = open.map((pair) => pair.close);
      return makeItem(random, `Close one bracket : ${row}`, closers.at(-1) ?? '', closers.slice(0, -1));
    }
    const answer = closing(open);
    const wrong = new Set<string>();
    while (wrong.size < PAIRS.length - 1) {
      const order = closing(random.shuffle(PAIRS));
      if (order !== answer) wrong.add(order);
    }
    return makeItem(random, `Close all brackets : ${row}`, answer, [...wrong]);
  },
};

function closing(open: readonly Pair[]): string {
  return open
    .map((pair) => pair.close)
    .reverse()
    .join(' ');
}

/** A row as steps: true opens a bracket, false closes the last open one. */
type Shape = readonly boolean[];

/** As many closed pairs as brackets left open, each pair closed at once. */
function flatShape(random: Random, pairs: number): Shape {
  const parts = Array.from({ length: 2 * pairs }, (_, index) => (index < pairs ? [true] : [true, false]));
  return random.shuffle(parts).flat();
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
