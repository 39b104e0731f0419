import { solveBooleanExpressions } from './booleanExpressions';
import { solveBracketCompletion } from './bracketCompletion';
import { solveDateArithmetic } from './dateArithmetic';
import { solveLogicalDeduction } from './logicalDeduction';
import { solveMultistepArithmetic } from './multistepArithmetic';
import { solveNavigate } from './navigate';
import { solveObjectCounting } from './objectCounting';
import { solveSequencePatterns } from './sequencePatterns';
import { solveTableLookup } from './tableLookup';
import { solveTrackingShuffledObjects } from './trackingShuffledObjects';
import { solveWebOfLies } from './webOfLies';
import { solveWordSorting } from './wordSorting';

/** Reads the text of a question and finds the answer; knows nothing of how the question was made. */
export type Solver = (question: string) => string;

/** By the task's id. A new solver is a file in this folder and a row here. */
export const SOLVERS: Readonly<Partial<Record<string, Solver>>> = {
  boolean_expressions: solveBooleanExpressions,
  navigate: solveNavigate,
  object_counting: solveObjectCounting,
  multistep_arithmetic: solveMultistepArithmetic,
  word_sorting: solveWordSorting,
  tracking_shuffled_objects: solveTrackingShuffledObjects,
  web_of_lies: solveWebOfLies,
  date_arithmetic: solveDateArithmetic,
  bracket_completion: solveBracketCompletion,
  logical_deduction: solveLogicalDeduction,
  table_lookup: solveTableLookup,
  sequence_patterns: solveSequencePatterns,
};
