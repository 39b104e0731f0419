import type { Task } from '../item';
import { booleanExpressions } from './booleanExpressions';
import { bracketCompletion } from './bracketCompletion';
import { dateArithmetic } from './dateArithmetic';
import { logicalDeduction } from './logicalDeduction';
import { multistepArithmetic } from './multistepArithmetic';
import { navigate } from './navigate';
import { objectCounting } from './objectCounting';
import { sequencePatterns } from './sequencePatterns';
import { tableLookup } from './tableLookup';
import { trackingShuffledObjects } from './trackingShuffledObjects';
import { webOfLies } from './webOfLies';
import { wordSorting } from './wordSorting';

/** The reasoning suite. A new task is a file in this folder and a row here. */
export const REASONING_TASKS: readonly Task[] = [
  booleanExpressions,
  navigate,
  objectCounting,
  multistepArithmetic,
  wordSorting,
  trackingShuffledObjects,
  webOfLies,
  dateArithmetic,
  bracketCompletion,
  logicalDeduction,
  tableLookup,
  sequencePatterns,
];
