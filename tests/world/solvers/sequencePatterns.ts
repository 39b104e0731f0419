/** Finds the rule that the numbers follow; counts through the colours. */
export function solveSequencePatterns(question: string): string {
  const [, row, asked] = / : (.+) \. (.+) \?$/.exec(question)!;
  const shown = row!.split(' ');
  const place = /^Which colour is \w+ (\d+)$/.exec(asked!)?.[1];
  return place === undefined ? String(next(shown.map(Number))) : colourAt(shown, Number(place));
}

/** A row of equal steps, of steps with equal steps, or every other number of such a row. */
function next(numbers: readonly number[]): number {
  const steps = differences(numbers);
  const growths = differences(steps);
  if (isConstant(steps)) return numbers.at(-1)! + steps[0]!;
  if (isConstant(growths)) return numbers.at(-1)! + steps.at(-1)! + growths[0]!;
  if (numbers.length < 6) return NaN;
  return next(numbers.filter((_, index) => (numbers.length - index) % 2 === 0));
}

function differences(numbers: readonly number[]): number[] {
  return numbers.slice(1).map((value, index) => value - numbers[index]!);
}

function isConstant(numbers: readonly number[]): boolean {
  return numbers.every((value) => value === numbers[0]);
}

/** The shortest period that the shown colours have goes on. */
function colourAt(shown: readonly string[], place: number): string {
  const period = shown.findIndex(
    (_, length) =>
      length > 0 && shown.every((colour, index) => index < length || colour === shown[index - length]),
  );
  return shown[(place - 1) % period]!;
}
