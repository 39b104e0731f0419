import { UserError } from '../config/errors';
import type { Checkpoint } from '../engine';
import { readDataset } from '../engine/data/dataset';
import { tokenizeRecords, type TokenExample } from '../engine/data/examples';
import type { Tokenizer } from '../engine/data/tokenizer';
import { testItems, testRecords } from '../scenarios/records';
import type { Scenario } from '../scenarios/scenario';
import { openDataFile, readData, saySkipped, type OpenedData } from './data';
import type { Flags } from './flags';
import type { Io } from './io';
import { recordsSource } from './scenario';

/** Longest example that is looked at, where the model knows so many positions. */
const MOST_TOKENS = 512;

/** The test questions of a scenario, as training lays out its examples: labelled with their tasks, never learnt from. */
export async function scenarioExamples(
  scenario: Scenario,
  tokenizer: Tokenizer,
  maxPositions: number,
): Promise<readonly TokenExample[]> {
  const source = recordsSource(scenario, testRecords(testItems(scenario)));
  const { records } = await readDataset(source);
  return tokenizeRecords(records, tokenizer, Math.min(MOST_TOKENS, maxPositions)).examples;
}

/** The records of `--data`, as training lays them out. */
export async function dataExamples(
  flags: Flags,
  io: Io,
  tokenizer: Tokenizer,
  { config }: Checkpoint,
): Promise<readonly TokenExample[]> {
  const { source, dataset }: OpenedData = await readData(await openDataFile(flags), flags, io);
  const limit = Math.min(MOST_TOKENS, config.maxPositions);
  const { examples, problems } = tokenizeRecords(dataset.records, tokenizer, limit);
  saySkipped(io, source.name, dataset.summary.unit, problems.length, problems.slice(0, 10));
  if (examples.length > 0) return examples;
  throw new UserError(source.name, 'none of its records can be looked at', 'use another data set');
}
