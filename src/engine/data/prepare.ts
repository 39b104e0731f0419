import { UserError } from '../../config/errors';
import type { RunConfig } from '../../config/runConfig';
import { type MicroBatch, trainingBatches, type TrainingBatches, validationBatches } from './batch';
import { type Dataset, SHOWN_PROBLEMS } from './dataset';
import { rowsOf, tokenizeRecords } from './examples';
import { packExamples, type PackedLine } from './pack';
import type { RecordProblem } from './record';
import { splitBySeed } from './shuffle';
import type { Tokenizer } from './tokenizer';

/** A data set in the form in which a run reads it. */
export interface PreparedData {
  readonly train: readonly PackedLine[];
  /** Empty where nothing is held out. */
  readonly validation: readonly PackedLine[];
  readonly summary: PreparationSummary;
}

export interface PreparationSummary {
  readonly trainExamples: number;
  readonly validationExamples: number;
  /** Input tokens of all examples, and how many predictions the loss counts. */
  readonly tokens: number;
  readonly countedTokens: number;
  /** Share of the packed rows that is not padding, 0 to 1. */
  readonly fill: number;
  /** Examples that were shortened to `max_length`. */
  readonly truncated: number;
  /** Records that gave no example, beyond those that the reading of the file skipped. */
  readonly skipped: number;
  readonly problems: readonly RecordProblem[];
}

type DataSettings = Pick<RunConfig, 'max_length' | 'val_size' | 'seed'>;

/**
 * Tokenises, splits and packs a data set. What is split is the examples, so that one long text, whose windows
 * are examples of their own, has a validation part too.
 *
 * @throws UserError where no record gives an example
 */
export function prepareData(dataset: Dataset, tokenizer: Tokenizer, settings: DataSettings): PreparedData {
  const { name, unit } = dataset.summary;
  const { examples, truncated, problems } = tokenizeRecords(dataset.records, tokenizer, settings.max_length);
  if (examples.length === 0) {
    const [first] = problems;
    const detail = first === undefined ? '' : ` (${unit} ${first.at}: ${first.reason})`;
    throw new UserError(name, `none of its records can be learnt from${detail}`, 'use another data set');
  }
  const parts = splitBySeed(examples, settings.val_size, settings.seed);
  const train = packExamples(parts.train, settings.max_length);
  const validation = packExamples(parts.validation, settings.max_length);
  const tokens = sum(examples, rowsOf);
  return {
    train,
    validation,
    summary: {
      trainExamples: parts.train.length,
      validationExamples: parts.validation.length,
      tokens,
      countedTokens: sum(examples, (example) => sum(example.train, Number)),
      fill: tokens / ((train.length + validation.length) * settings.max_length),
      truncated,
      skipped: problems.length,
      problems: problems.slice(0, SHOWN_PROBLEMS),
    },
  };
}

/** What a trainer reads in a run: endless training batches, and the held-out part as a list. */
export interface RunBatches extends TrainingBatches {
  readonly validation: readonly MicroBatch[];
}

/** The batches of prepared data under the settings with which it was prepared. */
export function runBatches(data: PreparedData, run: RunConfig): RunBatches {
  const { per_device_train_batch_size: batch, gradient_accumulation_steps: accumulation } = run;
  const order = { batch, accumulation, maxLength: run.max_length, seed: run.seed };
  return {
    ...trainingBatches(data.train, order),
    validation: validationBatches(data.validation, batch, run.max_length),
  };
}

function sum<T>(items: Iterable<T>, value: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += value(item);
  return total;
}
