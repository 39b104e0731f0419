import type { Task } from '../item';

/** The reasoning suite. A new task is a file in this folder and a row here. */
export const REASONING_TASKS: readonly Task[] = [];
