import { join } from 'node:path';
import { UserError } from '../config/errors';
import { MODULES, type ModuleName } from '../config/modules';
import type { FeatureRow, RowChoice } from '../engine/analysis/features/rows';
import { inspectExperts, type Inspection, type InspectionRequest } from '../engine/analysis/features/inspect';
import { writeFeatures } from '../engine/analysis/features/save';
import { adapterOf } from './adapter';
import { ADAPTER, COLUMNS, DATA, MODEL, SCENARIO, unlessScenario, type CommandSpec } from './commandSpec';
import { makeFolder, namesIn, writeWhole } from './disk';
import { dataExamples, scenarioExamples } from './expertExamples';
import { expertText } from './expertText';
import { parseNumber, type Flags } from './flags';
import { withDevice } from './gpu';
import { loadModel, openModel, requireTokenizer } from './model';
import { Progress } from './progress';
import { bundledModel, scenarioOf } from './scenario';

const DEFAULT_ROWS = 256;
const DEFAULT_SEED = 42;

/** `masa experts`: looks inside the experts of an adapter, on real activations. */
export const experts: CommandSpec = {
  name: 'experts',
  summary: 'measures what the experts of an adapter do: CKA over depth, ranks, distances, gradients, loads',
  flags: [
    { ...ADAPTER, required: true },
    SCENARIO,
    unlessScenario(MODEL),
    unlessScenario({ ...DATA, hint: 'data set as for train, of whose records the tokens are taken' }),
    COLUMNS,
    { key: 'layer', value: 'N,…', hint: 'these layers only, counted from 0 (default all)' },
    { key: 'module', value: 'NAME,…', hint: 'these modules only (default all that the adapter has)' },
    {
      key: 'tokens',
      value: 'prompt_end|counted',
      hint: 'which tokens: the last of each prompt (default where all records have prompts), or all whose successor counts',
    },
    {
      key: 'rows',
      value: 'N',
      hint: `tokens at most, the same number of each task (default ${DEFAULT_ROWS})`,
    },
    { key: 'seed', value: 'N', hint: `another seed chooses other tokens (default ${DEFAULT_SEED})` },
    {
      key: 'save',
      value: 'DIR',
      hint: 'writes the report and what it was computed from to this folder: features.safetensors, rows.jsonl, report.json',
    },
  ],
  async run(flags, io) {
    const scenario = scenarioOf(flags);
    const choices = choicesOf(flags);
    const save = flags.optional('save');
    if (save !== undefined) await requireEmpty(save);
    const checkpoint = await openModel(flags, scenario && bundledModel(scenario.model));
    const tokenizer = requireTokenizer(checkpoint);
    const adapter = await adapterOf(flags, checkpoint);
    if (adapter === undefined)
      throw new UserError('--adapter', 'this flag is missing', 'give --adapter PATH');
    const examples =
      scenario === undefined
        ? await dataExamples(flags, io, tokenizer, checkpoint)
        : await scenarioExamples(scenario, tokenizer, checkpoint.config.maxPositions);
    const progress = new Progress(io);
    const inspection = await withDevice(io, async (gpu) => {
      const base = await loadModel(io, gpu, checkpoint);
      const onProgress = (done: number, total: number) => {
        progress.show(`Reading features: ${done} of ${total} tokens`, false);
      };
      const request = { ...choices, examples, maps: true, increments: save !== undefined };
      return await inspectExperts(base, adapter, request, { onProgress, signal: io.interrupted }).finally(
        () => {
          progress.clear();
        },
      );
    });
    if (save !== undefined) await write(save, inspection);
    return { document: inspection.report, text: expertText(inspection.report, save) };
  },
};

function choicesOf(flags: Flags): Omit<InspectionRequest, 'examples' | 'maps'> {
  return {
    layers: listOf(flags, 'layer', (text) =>
      parseNumber('--layer', text, { integer: true, min: 0, max: 9999 }),
    ),
    modules: listOf(flags, 'module', moduleOf),
    choice: tokensOf(flags),
    rows: flags.number('rows', { integer: true, min: 1, max: 100_000 }) ?? DEFAULT_ROWS,
    seed: flags.number('seed', { integer: true, min: 0, max: 2 ** 32 - 1 }) ?? DEFAULT_SEED,
  };
}

function listOf<T>(flags: Flags, key: string, parse: (text: string) => T): readonly T[] | undefined {
  return flags
    .optional(key)
    ?.split(',')
    .map((part) => parse(part.trim()));
}

function moduleOf(text: string): ModuleName {
  const found = MODULES.find((module) => module === text);
  if (found !== undefined) return found;
  const problem = `there is no module ${JSON.stringify(text)}`;
  throw new UserError('--module', problem, `give one of ${MODULES.join(', ')}`);
}

function tokensOf(flags: Flags): RowChoice | undefined {
  const text = flags.optional('tokens');
  if (text === undefined || text === 'prompt_end' || text === 'counted') return text;
  throw new UserError('--tokens', `there is no choice ${JSON.stringify(text)}`, 'give prompt_end or counted');
}

async function requireEmpty(folder: string): Promise<void> {
  if ((await namesIn(folder)).length === 0) return;
  throw new UserError(folder, 'the folder is not empty', 'give a new one to --save, or empty it first');
}

async function write(folder: string, { report, features }: Inspection): Promise<void> {
  await makeFolder(folder);
  const line = (row: FeatureRow) => `${JSON.stringify(row)}\n`;
  await writeWhole(join(folder, 'features.safetensors'), writeFeatures(features));
  await writeWhole(join(folder, 'rows.jsonl'), features.rows.map(line).join(''));
  await writeWhole(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
}
