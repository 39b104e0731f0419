import { UserError } from '../config/errors';
import { evaluate, type Checkpoint } from '../engine';
import { validationBatches, type MicroBatch } from '../engine/data/batch';
import { rowsOf, textWindows, tokenizeRecords } from '../engine/data/examples';
import { encodeText } from '../engine/data/guard';
import { packExamples, type PackedLine } from '../engine/data/pack';
import type { Tokenizer } from '../engine/data/tokenizer';
import { readText } from '../engine/formats/jsonFile';
import { adapterOf, withAdapter } from './adapter';
import { ADAPTER, COLUMNS, DATA, MODEL, type CommandSpec } from './commandSpec';
import { openDataFile, readData, saySkipped, type OpenedData } from './data';
import type { Flags } from './flags';
import { withDevice } from './gpu';
import type { Io } from './io';
import { loadModel, openModel, requireTokenizer } from './model';
import { Progress } from './progress';

/** A text of up to so many tokens is scored in one pass, as one context. */
const WHOLE_TEXT = 4096;
/** Rows of one pass over records, unless one of them is longer. */
const PACKED_ROWS = 512;

/** `masa eval`: how well the model predicts a data set. */
export const evalCommand: CommandSpec = {
  name: 'eval',
  summary: 'measures the loss of a data set: a plain text whole, of other data the answers',
  flags: [
    MODEL,
    ADAPTER,
    DATA,
    COLUMNS,
    {
      key: 'max_length',
      value: 'N',
      hint: 'cut texts into windows of N tokens, and shorten records to them (default: as long as they are)',
    },
  ],
  async run(flags, io) {
    const checkpoint = await openModel(flags);
    const tokenizer = requireTokenizer(checkpoint);
    const adapter = await adapterOf(flags, checkpoint);
    const data = await readData(await openDataFile(flags), flags, io);
    const batches =
      data.dataset.summary.container === 'plain text'
        ? await textBatches(data, tokenizer, checkpoint, flags, io)
        : recordBatches(data, tokenizer, checkpoint, flags, io);
    const progress = new Progress(io);
    const { loss, tokens } = await withDevice(io, async (gpu) => {
      const base = await loadModel(io, gpu, checkpoint);
      return await withAdapter(base, adapter, (attached) =>
        evaluate(base, batches, {
          adapter: attached,
          signal: io.interrupted,
          onProgress: (done, total) => {
            progress.show(`Evaluating: ${done} of ${total} passes`, false);
          },
        }),
      ).finally(() => {
        progress.clear();
      });
    });
    const perplexity = Math.exp(loss);
    return {
      document: { loss, perplexity, tokens },
      text: `loss ${loss.toFixed(4)} nats, perplexity ${perplexity.toPrecision(5)}, ${tokens} tokens`,
    };
  },
};

/** The whole file as one document, without any template or EOS. */
async function textBatches(
  { source }: OpenedData,
  tokenizer: Tokenizer,
  { config }: Checkpoint,
  flags: Flags,
  io: Io,
): Promise<readonly MicroBatch[]> {
  const ids = encodeText(await readText(source), tokenizer);
  const chosen = maxLength(flags);
  const window =
    chosen ?? (ids.length <= WHOLE_TEXT ? WHOLE_TEXT : Math.min(config.maxPositions, WHOLE_TEXT));
  if (ids.length > window) {
    io.err(`${source.name}: ${ids.length} tokens are scored in windows of ${window}.\n`);
  } else if (ids.length > config.maxPositions) {
    const remark = `${ids.length} tokens are more than the ${config.maxPositions} that the model was made for`;
    io.err(`${source.name}: ${remark}; --max_length ${config.maxPositions} scores them in windows.\n`);
  }
  const windows = textWindows(ids, tokenizer.bosId, window);
  if (windows.length === 0) {
    throw new UserError(source.name, 'it is too short to predict anything', 'give a longer text');
  }
  return batchesOf(windows.map((example) => [example]));
}

/** Records through the model's template, only the answers counted, as in training. */
function recordBatches(
  { source, dataset }: OpenedData,
  tokenizer: Tokenizer,
  { config }: Checkpoint,
  flags: Flags,
  io: Io,
): readonly MicroBatch[] {
  const limit = maxLength(flags) ?? config.maxPositions;
  const { examples, truncated, problems } = tokenizeRecords(dataset.records, tokenizer, limit);
  saySkipped(io, source.name, dataset.summary.unit, problems.length, problems.slice(0, 10));
  if (truncated > 0) io.err(`${source.name}: ${truncated} records were shortened to ${limit} tokens.\n`);
  if (examples.length === 0) {
    throw new UserError(source.name, 'none of its records can be scored', 'use another data set');
  }
  const longest = examples.reduce((rows, example) => Math.max(rows, rowsOf(example)), 0);
  return batchesOf(packExamples(examples, Math.max(longest, Math.min(limit, PACKED_ROWS))));
}

/** Each line as a pass of its own; all as long as the longest. */
function batchesOf(lines: readonly PackedLine[]): readonly MicroBatch[] {
  const rows = lines.map((line) => line.reduce((sum, example) => sum + rowsOf(example), 0));
  return validationBatches(lines, 1, Math.max(...rows));
}

function maxLength(flags: Flags): number | undefined {
  return flags.number('max_length', { integer: true, min: 1, max: 131_072 });
}
