import { bench } from './bench';
import { budget } from './budget';
import type { CommandSpec } from './commandSpec';
import { compare } from './compare';
import { evalCommand } from './eval';
import { experts } from './experts';
import { exportAdapter } from './export';
import { generate } from './generate';
import { info } from './info';
import { inspectCommand } from './inspect';
import { logitsCommand } from './logits';
import { scenariosCommand } from './scenarios';
import { train } from './train';

/** Every command, in the order of the help. A new one is a file and a line here. */
export const COMMANDS: readonly CommandSpec[] = [
  info,
  inspectCommand,
  scenariosCommand,
  budget,
  train,
  compare,
  evalCommand,
  experts,
  generate,
  logitsCommand,
  exportAdapter,
  bench,
];
