import type { ExpectedResult } from './scenario';

/**
 * What came of each scenario with all its defaults, by its id: `masa train --scenario ID`, then `masa eval --scenario
 * ID --task choice` with and without the adapter.
 */
export const EXPECTED: Readonly<Record<string, ExpectedResult>> = {};
