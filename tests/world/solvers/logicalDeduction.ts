const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

/** Tries every order of the people and keeps those that agree with everything that is said. */
export function solveLogicalDeduction(question: string): string {
  const statements = [...question.matchAll(/(\w+) stands (left|right) of (\w+)\./g)];
  const [, ordinal] = /Who is (\w+) from the left\?$/.exec(question)!;
  const people = [...new Set(statements.flatMap(([, one, , other]) => [one!, other!]))];
  const rows = ordersOf(people).filter((row) =>
    statements.every(([, one, side, other]) => {
      const [left, right] = side === 'left' ? [one!, other!] : [other!, one!];
      return row.indexOf(left) < row.indexOf(right);
    }),
  );
  return [...new Set(rows.map((row) => row[ORDINALS.indexOf(ordinal!)]))].join(' or ');
}

function ordersOf(people: readonly string[]): string[][] {
  if (people.length === 0) return [[]];
  return people.flatMap((first) =>
    ordersOf(people.filter((name) => name !== first)).map((rest) => [first, ...rest]),
  );
}
