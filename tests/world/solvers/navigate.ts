const COMPASS: Readonly<Record<string, readonly [number, number]>> = {
  north: [0, 1],
  east: [1, 0],
  south: [0, -1],
  west: [-1, 0],
};

/** Walks the walk, sentence by sentence, on a grid; who gets no direction faces north at first. */
export function solveNavigate(question: string): string {
  let [x, y] = [0, 0];
  let [dx, dy] = COMPASS.north!;
  for (const [, turn, steps, direction] of question.matchAll(
    /(?: turns (right|left|back) and)? goes (\d+) steps(?: (\w+))?\./g,
  )) {
    if (direction !== undefined) [dx, dy] = COMPASS[direction]!;
    if (turn === 'right') [dx, dy] = [dy, -dx];
    if (turn === 'left') [dx, dy] = [-dy, dx];
    if (turn === 'back') [dx, dy] = [-dx, -dy];
    x += dx * Number(steps);
    y += dy * Number(steps);
  }
  return x === 0 && y === 0 ? 'yes' : 'no';
}
