import type { Task } from '../item';
import { booleanExpressions } from './booleanExpressions';
import { multistepArithmetic } from './multistepArithmetic';
import { navigate } from './navigate';
import { objectCounting } from './objectCounting';
import { trackingShuffledObjects } from './trackingShuffledObjects';
import { wordSorting } from './wordSorting';

/** The reasoning suite. A new task is a file in this folder and a row here. */
export const REASONING_TASKS: readonly Task[] = [
  booleanExpressions,
  navigate,
  objectCounting,
  multistepArithmetic,
  wordSorting,
  trackingShuffledObjects,
];
