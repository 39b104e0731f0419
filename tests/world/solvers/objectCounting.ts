const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five'];
const LIVING = /^(cat|dog|goat|hen|owl|fox|pony|ponie|duck|rabbit|crow)(s|es)?$/;

export function solveObjectCounting(question: string): string {
  const [, list, asked] = /^\w+ has (.*)\. How many (\w+) does \w+ have\?$/.exec(question)!;
  let total = 0;
  for (const part of list!.split(/, | and /)) {
    const [quantity, noun] = part.split(' ');
    const wanted = LIVING.test(noun!) === (asked === 'animals');
    if (wanted) total += /^an?$/.test(quantity!) ? 1 : NUMBERS.indexOf(quantity!);
  }
  return `${total}`;
}
