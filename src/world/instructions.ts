import type { Task } from './general/domain';
import { fillTemplate } from './language/generate';
import { EMPTY_SCOPE } from './language/grammar';
import { seededRandom, type Random } from './random';
import { DOMAINS, GRAMMAR } from './general/registry';

/** One record of the instruction data, in Alpaca's fields. */
export interface InstructionRecord {
  readonly instruction: string;
  readonly input: string;
  readonly output: string;
}

/** Seed and sizes of the data set that is bundled with the page. */
export const INSTRUCTION_SEED = 2;
export const TRAIN_RECORDS = 480;
export const HELD_OUT_RECORDS = 120;

/** What all domains can be asked for. */
export const TASKS: readonly Task[] = DOMAINS.flatMap((domain) => domain.tasks);

/** So many repeats in a row mean that the tasks have no new question left. */
const PATIENCE = 1000;

/**
 * Training and held-out records. Each question (input and answer) is drawn once, in one wording, and then falls
 * in one of the sets: no two records ask the same. Throws where the tasks have too few different questions.
 */
export function generateInstructions(
  seed: number,
  trainCount: number,
  heldOutCount: number,
  tasks: readonly Task[] = TASKS,
): { train: InstructionRecord[]; heldOut: InstructionRecord[] } {
  const random = seededRandom(seed);
  const records = new Map<string, InstructionRecord>();
  for (let repeats = 0; records.size < trainCount + heldOutCount; repeats++) {
    if (repeats > PATIENCE) throw new Error('the tasks have too few different questions');
    const record = fillTask(random.pick(tasks), random);
    const question = `${record.input}\n${record.output}`;
    if (records.has(question)) continue;
    records.set(question, record);
    repeats = 0;
  }
  const all = [...records.values()];
  return { train: all.slice(0, trainCount), heldOut: all.slice(trainCount) };
}

function fillTask(task: Task, random: Random): InstructionRecord {
  const instruction = fillTemplate(GRAMMAR, random.pick(task.instructions), random, EMPTY_SCOPE);
  const input = fillTemplate(GRAMMAR, task.input, random, instruction.scope);
  const output = fillTemplate(GRAMMAR, task.output, random, input.scope);
  return { instruction: instruction.text, input: input.text, output: output.text };
}

/** The records as JSON Lines, ending with a line break. */
export function toJsonLines(records: readonly InstructionRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}
