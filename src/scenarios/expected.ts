import measured from './expected.json';
import type { ExpectedResult } from './scenario';

/** What came of each scenario with all its defaults, by its id; `masa scenarios --measure` writes the file. */
export const EXPECTED: Readonly<Record<string, ExpectedResult>> = measured as unknown as Readonly<
  Record<string, ExpectedResult>
>;
