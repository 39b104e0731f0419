/** The row of a level, which counts from 1. @throws RangeError where there is none */
export function ofLevel<T>(rows: readonly T[], level: number): T {
  const row = rows[level - 1];
  if (row === undefined)
    throw new RangeError(`there is no level ${level}: the levels are 1 to ${rows.length}`);
  return row;
}
