import packageFile from '../../package.json';
import type { RunConfig } from '../config/runConfig';
import { createTrainer, type BaseModel, type Trainer } from '../engine';
import { runBatches, type PreparedData } from '../engine/data/prepare';
import type { Tokenizer } from '../engine/data/tokenizer';
import type { Scenario } from '../scenarios/scenario';
import { scenarioExamples } from './expertExamples';
import { openExpertLog } from './expertLog';
import type { Io } from './io';
import { chooseKernels } from './kernels';
import { summarise, type Point, type Results } from './metrics';
import { Progress } from './progress';
import { RunFolder, type DataIdentity, type EarlierRun } from './runFolder';
import { runSteps } from './runSteps';
import { openWatch } from './watch';

/** One training, with everything that it needs in memory. */
export interface Training {
  readonly io: Io;
  readonly base: BaseModel;
  readonly tokenizer: Tokenizer;
  readonly data: PreparedData;
  readonly identity: DataIdentity;
  /** Whose data it is; undefined where it is a file. */
  readonly scenario: Scenario | undefined;
  /** Whose watched questions are asked where the validation loss is measured; undefined where nothing is asked. */
  readonly watched: Scenario | undefined;
  readonly run: RunConfig;
  /** Goes on from here instead of starting anew. */
  readonly earlier: EarlierRun | undefined;
  /** The folder that it writes to. */
  readonly out: string;
  /** What `--kernels` would say; `auto` where undefined. */
  readonly kernels: string | undefined;
  /** The experts are looked at every so many steps; never where it is 0 or left out. */
  readonly expertSteps?: number | undefined;
}

/** What came of a training, and the metrics of all its steps, the earlier ones included. */
export interface Trained {
  readonly results: Results;
  readonly points: readonly Point[];
}

/**
 * Trains an adapter up to max_steps or Ctrl-C and writes the folder of the run: metrics, snapshots, adapter, run.json.
 * Frees what it took of the GPU; the base model stays there.
 *
 * @throws UserError when the loss stops being a number, or the folder cannot be written
 */
export async function trainRun(training: Training): Promise<Trained> {
  const { io, base, tokenizer, data, identity, scenario, watched, run, earlier, out } = training;
  const progress = new Progress(io);
  const measuring = (done: number, total: number, what: string) => {
    progress.show(`Measuring kernels: ${done} of ${total}, ${what}`, false);
  };
  const chosen = () => chooseKernels(training.kernels ?? 'auto', base, run, measuring, io.interrupted);
  const trainer = await createTrainer(base, {
    run,
    batches: runBatches(data, run),
    ...(earlier === undefined ? { kernels: await chosen() } : { resume: earlier.snapshot }),
    onCompile: (done, total, kernel) => {
      progress.show(`Compiling kernels: ${done} of ${total}, ${kernel}`, false);
    },
  });
  try {
    progress.say(describe(trainer, data));
    const folder = await RunFolder.open(out, earlier?.points ?? []);
    const { name, vendor, architecture } = base.gpu.info;
    const record = {
      config: run,
      base: { name: base.name, fingerprint: base.fingerprint },
      scenario: scenario?.id ?? null,
      data: identity,
      gpu: { name, vendor, architecture },
      kernels: trainer.kernels,
      versions: { masa: packageFile.version, node: process.versions.node },
    };
    await folder.writeRecord(record);
    const notes = {
      data: identity.name,
      data_sha256: identity.sha256,
      program: `${packageFile.name} ${packageFile.version}`,
    };
    const watch = watched && (await openWatch(watched, base, tokenizer, trainer.inference));
    const { expertSteps: every = 0 } = training;
    const looking = { base, trainer, run, every, earlier, out };
    const experts =
      every === 0 ? undefined : await openExpertLog({ ...looking, examples: await examplesOf(training) });
    const points = await runSteps({
      run,
      trainer,
      earlier: earlier?.points ?? [],
      progress,
      interrupted: io.interrupted,
      watch,
      experts,
      addPoint: (point) => folder.addPoint(point),
      rewritePoints: (points) => folder.rewritePoints(points),
      save: async () => {
        await folder.save(await trainer.snapshot(), notes);
      },
    });
    experts?.destroy();
    const results = summarise(points, trainer.plan.trainableParameters, out);
    await folder.writeRecord({ ...record, results });
    return { results, points };
  } finally {
    trainer.destroy();
  }
}

/** Whose tokens are looked at: a scenario's test questions, else what is held out, else what is learnt from. */
async function examplesOf({ scenario, tokenizer, base, data }: Training) {
  if (scenario !== undefined) return await scenarioExamples(scenario, tokenizer, base.config.maxPositions);
  return (data.validation.length > 0 ? data.validation : data.train).flat();
}

function describe({ plan }: Trainer, { summary }: PreparedData): string {
  const count = plan.trainableParameters;
  const share = ((100 * count) / plan.baseParameters).toPrecision(2);
  const memory = (plan.bytes.total / 2 ** 20).toFixed(1);
  const again = plan.recomputed ? ' (each layer is computed once more in the backward pass)' : '';
  return (
    `Training ${count} weights (${share} % of the base model) in ${memory} MiB of GPU memory${again} ` +
    `on ${summary.trainExamples} examples, ${summary.validationExamples} held out.`
  );
}
