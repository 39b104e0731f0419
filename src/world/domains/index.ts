import { clerk } from './clerk';
import { code } from './code';
import { dialogue } from './dialogue';
import { encyclopaedia } from './encyclopaedia';
import { recipes } from './recipes';
import type { SpecialDomain } from './specialDomain';
import { wordProblems } from './wordProblems';

/** Every special domain. A new one is a file in this folder and a row here. */
export const SPECIAL_DOMAINS: readonly SpecialDomain[] = [
  clerk,
  encyclopaedia,
  wordProblems,
  code,
  dialogue,
  recipes,
];
