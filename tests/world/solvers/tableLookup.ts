/** Joins all rows that share a value and looks for what stands in the place of the kind that is asked for. */
export function solveTableLookup(question: string): string {
  const tables = question.split(' . ');
  const asked = tables.pop()!;
  const [, known] = /(\w+) \?$/.exec(asked)!;
  const rows = tables.map((table) => table.split(' , ').map((row) => row.split(/ : | /)));
  const joined = rows[0]!.map((row) => [
    ...new Set([...row, ...(rows[1] ?? []).filter((other) => row.includes(other[0]!)).flat()]),
  ]);
  const found = joined.filter((row) => row.includes(known!));
  const kinds = rows.length === 2 ? ['person', 'thing', 'colour'] : ['thing', 'colour', 'place'];
  const kind = /which (\w+)/i.exec(asked)?.[1] ?? 'person';
  return found.map((row) => row[kinds.indexOf(kind)]).join(' or ');
}
