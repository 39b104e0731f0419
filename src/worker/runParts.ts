import type { RunConfig } from '../config/runConfig';
import { runBatches, type PreparedData } from '../engine/data/prepare';
import type { Tokenizer } from '../engine/data/tokenizer';
import type { BaseModel } from '../engine/model/baseModel';
import type { createGenerator, Generator } from '../engine/model/generate';
import type { Snapshot } from '../engine/train/snapshot';
import type { createTrainer, Trainer } from '../engine/train/trainer';
import type { Scenario } from '../scenarios/scenario';
import { DeviceLost } from './faults';
import type { chooseKernels } from './kernels';
import type { RunEvent } from './protocol';
import { openAsker, scenarioQuestions, type Asker, type AskingEngine } from './questions';
import { samplingCapacity } from './sampling';
import type { Turns } from './turns';

/** The parts of the engine that a run drives on the GPU. */
export interface RunEngine extends AskingEngine {
  readonly createTrainer: typeof createTrainer;
  readonly createGenerator: typeof createGenerator;
  readonly chooseKernels: typeof chooseKernels;
}

/** What a run is made of. */
export interface RunMaterials {
  readonly runId: number;
  readonly run: RunConfig;
  readonly prompt: string;
  /** Where the data is from, when it is from one: its watched questions are asked during the run. */
  readonly scenario: Scenario | undefined;
  readonly data: PreparedData;
  /** Name and sha256 of the data file. */
  readonly dataName: string;
  readonly dataHash: string;
  /** The column mapping that the data was read with. */
  readonly columns: string | null;
  readonly tokenizer: Tokenizer;
  /** Puts the base model on the GPU, or gives the one that is there. */
  readonly loadBase: (
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ) => Promise<BaseModel>;
}

/** What a run has on the GPU. */
export interface RunParts {
  readonly base: BaseModel;
  readonly trainer: Trainer;
  /** Continues texts with the adapter as it is at every moment. */
  readonly generator: Generator;
  /** Asks the watched questions of a scenario. */
  readonly watch: Asker | undefined;
  /** Frees all of it but the base model, which belongs to the session. */
  destroy(): void;
}

export interface OpenParts {
  /** The run begins there, with the kernels that it names. */
  readonly resume: Snapshot | undefined;
  readonly turns: Turns;
  readonly post: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/** Brings a run onto the GPU: the base model, then its kernels. Says how far it is. */
export async function openParts(
  engine: RunEngine,
  materials: RunMaterials,
  { resume, turns, post, signal }: OpenParts,
): Promise<RunParts> {
  const { runId, run, scenario, data, tokenizer, loadBase } = materials;
  post({ type: 'loading', runId, done: 0, total: 0 });
  const base = await loadBase((done, total) => {
    post({ type: 'loading', runId, done, total });
  }, signal);
  turns.endWith(
    base.gpu.lost.then((reason): never => {
      throw new DeviceLost(reason);
    }),
  );
  post({ type: 'compiling', runId, done: 0, total: 0 });
  const report = (done: number, total: number, kernel: string) => {
    post({ type: 'compiling', runId, done, total, kernel });
  };
  const choose = () =>
    engine.chooseKernels(base, run, {
      onProgress: (done, total, shape) => {
        report(done, total, `measuring ${shape}`);
      },
      signal,
    });
  const opened: { destroy(): void }[] = [];
  const destroy = () => {
    for (const part of opened.splice(0).reverse()) part.destroy();
  };
  const keep = async <T extends { destroy(): void }>(open: () => Promise<T>): Promise<T> => {
    const part = await turns.take(open);
    opened.push(part);
    return part;
  };
  try {
    const trainer = await keep(async () =>
      engine.createTrainer(base, {
        run,
        batches: runBatches(data, run),
        ...(resume === undefined ? { kernels: await choose() } : { resume }),
        onCompile: report,
      }),
    );
    const generator = await keep(() => trainer.generator(samplingCapacity(base.config)));
    const watch =
      scenario === undefined
        ? undefined
        : await keep(() => {
            const questions = scenarioQuestions(scenario, scenario.watched);
            return openAsker(engine, base, tokenizer, questions, trainer.inference);
          });
    signal.throwIfAborted();
    return { base, trainer, generator, watch, destroy };
  } catch (error) {
    destroy();
    throw error;
  }
}
