import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adapterConfig, type BaseModel, type Trainer } from '../engine';
import { openExpertInspector } from '../engine/analysis/features/inspect';
import type { ExpertReport } from '../engine/analysis/features/report';
import type { RunConfig } from '../config/runConfig';
import type { TokenExample } from '../engine/data/examples';
import type { EvalOptions } from '../engine/eval/scorer';
import { isJsonObject, readText } from '../engine/formats/jsonFile';
import { writeWhole, writing } from './disk';
import { openFolder } from './files';
import type { FlagSpec } from './commandSpec';
import type { EarlierRun } from './runFolder';

/** A line a look at the experts: a report (see engine/analysis/features/report.ts), without the maps. */
const FILE = 'experts.jsonl';
/** Tokens that are looked at. */
const ROWS = 256;

export const EXPERT_STEPS: FlagSpec = {
  key: 'expert_steps',
  value: 'N',
  hint: `look at the experts every N steps, at the start and at the end, and write what is seen to ${FILE}; changes nothing of the run (default 0: never)`,
};

/** Looks at the experts of a run between its steps. */
export interface ExpertLog {
  /** Steps between two looks. */
  readonly every: number;
  look(step: number, options: EvalOptions): Promise<void>;
  destroy(): void;
}

/** Prepares the GPU, and the file with the looks of the run so far. */
export async function openExpertLog(input: {
  readonly base: BaseModel;
  readonly trainer: Pick<Trainer, 'inference'>;
  readonly run: RunConfig;
  readonly examples: readonly TokenExample[];
  readonly every: number;
  readonly earlier: EarlierRun | undefined;
  /** Folder of the run. */
  readonly out: string;
}): Promise<ExpertLog> {
  const { base, trainer, run, examples, every, earlier, out } = input;
  const path = join(out, FILE);
  const settings = adapterConfig(run);
  const inspected = { settings, inference: trainer.inference, seed: run.seed };
  const request = { examples, rows: ROWS, seed: run.seed, maps: false };
  await writeWhole(path, earlier === undefined ? '' : await earlierLines(earlier));
  const inspector = await openExpertInspector(base, inspected, request);
  const write = (report: ExpertReport) =>
    writing(path, () => appendFile(path, `${JSON.stringify(report)}\n`));
  return {
    every,
    look: async (step, options) => {
      await write((await inspector.inspect(step, options)).report);
    },
    destroy: () => {
      inspector.destroy();
    },
  };
}

/** The looks up to the snapshot that the run goes on from. */
async function earlierLines({ path, snapshot }: EarlierRun): Promise<string> {
  const file = (await openFolder(path)).files.get(FILE);
  const lines = file === undefined ? [] : (await readText(file)).split('\n');
  return lines
    .filter((line) => {
      const step = stepOf(line);
      return step !== undefined && step <= snapshot.step;
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** undefined for an empty line, and for one that was cut off in the middle. */
function stepOf(line: string): number | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const step = isJsonObject(value) ? value['step'] : undefined;
    return typeof step === 'number' ? step : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
