import { UserError } from '../config/errors';
import { evaluate, type Evaluation } from '../engine';
import { validationBatches, type MicroBatch } from '../engine/data/batch';
import { readDataset } from '../engine/data/dataset';
import { rowsOf, textWindows, tokenizeRecords } from '../engine/data/examples';
import { encodeText } from '../engine/data/guard';
import { packExamples, type PackedLine } from '../engine/data/pack';
import { readText } from '../engine/formats/jsonFile';
import { testItems, testRecords } from '../scenarios/records';
import type { Scenario } from '../scenarios/scenario';
import { alignColumns } from './columns';
import { openDataFile, readData, saySkipped, type OpenedData } from './data';
import type { Measurement, MeasurementInput } from './evalMeasurement';
import type { Flags } from './flags';
import type { Outcome } from './io';
import { recordsSource } from './scenario';

/** A text of up to so many tokens is scored in one pass, as one context. */
const WHOLE_TEXT = 4096;
/** Rows of one pass over records, unless one of them is longer. */
const PACKED_ROWS = 512;

/** `--task loss`: how well the model predicts a text, or the answers of records; of a scenario, by task. */
export async function lossMeasurement(input: MeasurementInput): Promise<Measurement> {
  const { flags, io, progress, scenario } = input;
  if (scenario === undefined && flags.optional('limit') !== undefined) {
    const remedy = 'leave it out, or give --task choice or exact';
    throw new UserError('--limit', 'the loss of a file is that of all of it', remedy);
  }
  const parts = scenario === undefined ? [await dataPart(input)] : await scenarioParts(scenario, input);
  const passes = parts.reduce((sum, { batches }) => sum + batches.length, 0);
  return async (base, adapter) => {
    const measured: Measured[] = [];
    let before = 0;
    for (const { id, batches } of parts) {
      const { loss, tokens } = await evaluate(base, batches, {
        adapter,
        signal: io.interrupted,
        onProgress: (done) => {
          progress.show(`Evaluating: ${before + done} of ${passes} passes`, false);
        },
      });
      measured.push({ id, loss, tokens });
      before += batches.length;
    }
    return scenario === undefined ? outcomeOf(whole(measured)) : outcomeByTask(measured);
  };
}

/** Passes that belong together; all passes of a measurement have the same number of rows. */
interface Part {
  readonly id: string;
  readonly batches: readonly MicroBatch[];
}

interface Measured extends Evaluation {
  readonly id: string;
}

async function dataPart(input: MeasurementInput): Promise<Part> {
  const data = await readData(await openDataFile(input.flags), input.flags, input.io);
  const isText = data.dataset.summary.container === 'plain text';
  const lines = isText ? await textLines(data, input) : recordLines(data, input);
  return { id: data.source.name, batches: batchesOf(lines) };
}

/** The test questions of a scenario, those of each task packed by themselves. */
async function scenarioParts(scenario: Scenario, input: MeasurementInput): Promise<readonly Part[]> {
  const parts: { id: string; lines: readonly PackedLine[] }[] = [];
  const limit = input.flags.number('limit', { integer: true, min: 1, max: scenario.heldOut });
  for (const test of testItems(scenario, limit)) {
    const source = recordsSource(scenario, testRecords([test]));
    const lines = recordLines({ source, dataset: await readDataset(source) }, input);
    parts.push({ id: test.task.id, lines });
  }
  const all = parts.flatMap(({ lines }) => lines);
  return parts.map(({ id, lines }) => ({ id, batches: batchesOf(lines, all) }));
}

/** The whole file as one document, without any template or EOS; a window a line. */
async function textLines({ source }: OpenedData, input: MeasurementInput): Promise<readonly PackedLine[]> {
  const { flags, io, tokenizer } = input;
  const { maxPositions } = input.checkpoint.config;
  const ids = encodeText(await readText(source), tokenizer);
  const window =
    maxLength(flags) ?? (ids.length <= WHOLE_TEXT ? WHOLE_TEXT : Math.min(maxPositions, WHOLE_TEXT));
  if (ids.length > window) {
    io.err(`${source.name}: ${ids.length} tokens are scored in windows of ${window}.\n`);
  } else if (ids.length > maxPositions) {
    const remark = `${ids.length} tokens are more than the ${maxPositions} that the model was made for`;
    io.err(`${source.name}: ${remark}; --max_length ${maxPositions} scores them in windows.\n`);
  }
  const windows = textWindows(ids, tokenizer.bosId, window);
  if (windows.length === 0) {
    throw new UserError(source.name, 'it is too short to predict anything', 'give a longer text');
  }
  return windows.map((example) => [example]);
}

/** Records through the model's template, only the answers counted, as in training. */
function recordLines({ source, dataset }: OpenedData, input: MeasurementInput): readonly PackedLine[] {
  const { flags, io, tokenizer, checkpoint } = input;
  const limit = maxLength(flags) ?? checkpoint.config.maxPositions;
  const { examples, truncated, problems } = tokenizeRecords(dataset.records, tokenizer, limit);
  saySkipped(io, source.name, dataset.summary.unit, problems.length, problems.slice(0, 10));
  if (truncated > 0) io.err(`${source.name}: ${truncated} records were shortened to ${limit} tokens.\n`);
  if (examples.length === 0) {
    throw new UserError(source.name, 'none of its records can be scored', 'use another data set');
  }
  const rows = Math.max(...examples.map(rowsOf));
  return packExamples(examples, Math.max(rows, Math.min(limit, PACKED_ROWS)));
}

/** Each line as a pass of its own, of as many rows as the longest of `all`. */
function batchesOf(lines: readonly PackedLine[], all = lines): readonly MicroBatch[] {
  const rows = all.map((line) => line.reduce((sum, example) => sum + rowsOf(example), 0));
  return validationBatches(lines, 1, Math.max(...rows));
}

function maxLength(flags: Flags): number | undefined {
  return flags.number('max_length', { integer: true, min: 1, max: 131_072 });
}

/** Every token counts the same, whatever its part. */
function whole(parts: readonly Measured[]): Evaluation {
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
  const [first, ...rest] = parts;
  if (first !== undefined && rest.length === 0) return first;
  return { loss: parts.reduce((sum, part) => sum + part.loss * part.tokens, 0) / tokens, tokens };
}

function outcomeOf({ loss, tokens }: Evaluation): Outcome {
  const perplexity = Math.exp(loss);
  return {
    document: { loss, perplexity, tokens },
    text: `loss ${loss.toFixed(4)} nats, perplexity ${perplexity.toPrecision(5)}, ${tokens} tokens`,
  };
}

function outcomeByTask(parts: readonly Measured[]): Outcome {
  const total = outcomeOf(whole(parts));
  const tasks = parts.map(({ id, loss, tokens }) => ({ id, loss, perplexity: Math.exp(loss), tokens }));
  const rows = tasks.map(({ id, loss, perplexity, tokens }) => [
    ...[id, loss.toFixed(4), perplexity.toPrecision(5), `${tokens}`],
  ]);
  const table = alignColumns([['task', 'loss', 'perplexity', 'tokens'], ...rows]);
  return { document: { ...total.document, tasks }, text: `${table}\n\nAll: ${total.text}` };
}
