import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parses, splitSentences } from '../../src/world/general/corpus';
import {
  generateInstructions,
  HELD_OUT_RECORDS,
  INSTRUCTION_SEED,
  TASKS,
  toJsonLines,
  TRAIN_RECORDS,
} from '../../src/world/instructions';

const data = resolve(import.meta.dirname, '../../public/data');
const { train, heldOut } = generateInstructions(INSTRUCTION_SEED, TRAIN_RECORDS, HELD_OUT_RECORDS);

describe('the instruction data', () => {
  it('is the same for one seed and another for another seed', () => {
    const again = generateInstructions(INSTRUCTION_SEED, TRAIN_RECORDS, HELD_OUT_RECORDS);
    expect(again).toEqual({ train, heldOut });
    expect(generateInstructions(INSTRUCTION_SEED + 1, TRAIN_RECORDS, HELD_OUT_RECORDS).train).not.toEqual(
      train,
    );
  });

  it('has the promised numbers of records', () => {
    expect([train.length, heldOut.length]).toEqual([TRAIN_RECORDS, HELD_OUT_RECORDS]);
  });

  it('asks nothing twice, neither inside a set nor across the two', () => {
    const questions = [...train, ...heldOut].map(({ instruction, input }) => `${instruction}\n${input}`);
    const answers = [...train, ...heldOut].map(({ input, output }) => `${input}\n${output}`);
    expect(new Set(questions).size).toBe(questions.length);
    expect(new Set(answers).size).toBe(answers.length);
  });

  it('has answers in a style that the corpus does not know', () => {
    const known = [...train, ...heldOut].flatMap(({ output }) => splitSentences(output)).filter(parses);
    expect(known).toEqual([]);
  });

  it('is what the committed files hold', () => {
    expect(readFileSync(resolve(data, 'clerk-train.jsonl'), 'utf8')).toBe(toJsonLines(train));
    expect(readFileSync(resolve(data, 'clerk-heldout.jsonl'), 'utf8')).toBe(toJsonLines(heldOut));
  });

  it('refuses to make more questions than its tasks have', () => {
    const fewPeople = TASKS.filter((task) => task.id === 'person');
    expect(generateInstructions(1, 15, 5, fewPeople).train.length).toBe(15);
    expect(() => generateInstructions(1, 16, 5, fewPeople)).toThrow('too few different questions');
  });
});
