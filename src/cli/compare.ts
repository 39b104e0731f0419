import { basename, dirname, extname, join, resolve } from 'node:path';
import { UserError } from '../config/errors';
import { curveBands } from '../compare/curves';
import { curvesCsv, runsCsv } from '../compare/csv';
import { sweepDocument } from '../compare/document';
import { comparisonMarkdown } from '../compare/markdown';
import { planSweep, type SweepPlan } from '../compare/plan';
import { runQueue, type QueueEvent } from '../compare/queue';
import type { BaseResult, RunResult } from '../compare/result';
import { finishedRuns, summariseSweep, type Outcomes } from '../compare/summary';
import { parseSweep, type Sweep } from '../compare/sweep';
import type { Checkpoint } from '../engine';
import { describeRatio } from '../engine/adapters/budget';
import { adapterBase } from '../engine/export/adapterBase';
import type { ByteSource } from '../engine/formats/byteSource';
import { readJsonObject } from '../engine/formats/jsonFile';
import { isFileSet } from '../engine/formats/recognise';
import { SCENARIOS } from '../scenarios/table';
import { alignColumns } from './columns';
import type { CommandSpec } from './commandSpec';
import { identifyData, readRecords } from './data';
import { openPath } from './files';
import type { Flags } from './flags';
import { withDevice } from './gpu';
import { Interrupted, type Io, type Outcome } from './io';
import { loadModel, openModel, requireTokenizer } from './model';
import { bundledModel, trainingSource } from './scenario';
import { SweepFolder } from './sweepFolder';
import { executeRun, measureBase, type Bench } from './sweepRun';

/** `masa compare`: trains the runs of a sweep one after the other and compares what came of them. */
export const compare: CommandSpec = {
  name: 'compare',
  summary: 'trains configurations × seeds as a sweep file says, one after the other, and compares them',
  flags: [
    { key: 'config', value: 'FILE', hint: 'the sweep, in JSON: see docs/sweeps.md', required: true },
    {
      key: 'out',
      value: 'DIR',
      hint: 'folder for runs, tables and results; a sweep that is there goes on (default sweeps/NAME)',
    },
    { key: 'dry_run', value: 'on', preset: 'on', hint: 'only list the runs, with their trainable weights' },
  ],
  async run(flags, io) {
    const path = flags.required('config');
    const source = await openPath(path);
    if (isFileSet(source)) throw new UserError(path, 'this is a folder', 'give the sweep file in it');
    const file = await readJsonObject(source);
    const sweep = parseSweep(path, file);
    const checkpoint = await openModel(flags, modelPath(sweep));
    requireTokenizer(checkpoint);
    const records = await trainingData(sweep);
    const identity = await identifyData(records, columnsOf(sweep) ?? null);
    const plan = await planSweep(sweep, { model: await modelOf(checkpoint), data: identity });
    if (flags.optional('dry_run') !== undefined) return listOf(plan);
    const folder = new SweepFolder(flags.optional('out') ?? join('sweeps', basename(path, extname(path))));
    const data = await readRecords(records, columnsOf(sweep), io);
    const outcomes = await withDevice(io, async (gpu) => {
      // Without its GPU no run can succeed: the queue has to end then, too.
      const lost = new AbortController();
      void gpu.lost.then(() => {
        lost.abort();
      });
      const ours = { ...io, interrupted: AbortSignal.any([io.interrupted, lost.signal]) };
      const base = await loadModel(ours, gpu, checkpoint);
      return await runAll({ io: ours, plan, checkpoint, base, data, identity, folder });
    });
    return await report(plan, outcomes, folder, io, { command: commandLine(flags), file });
  },
};

/** Paths in a sweep file start from its own folder. */
function modelPath({ file, model, data }: Sweep): string {
  const name = model ?? (data.kind === 'scenario' ? data.scenario.model : '');
  const bundled = SCENARIOS.find((scenario) => scenario.model === name);
  return bundled === undefined ? resolve(dirname(file), name) : bundledModel(bundled.model);
}

async function trainingData({ file, data }: Sweep): Promise<ByteSource> {
  if (data.kind === 'scenario') return trainingSource(data.scenario);
  const path = resolve(dirname(file), data.path);
  const source = await openPath(path);
  if (isFileSet(source)) throw new UserError(path, 'this is a folder', 'give one of the files in it');
  return source;
}

function columnsOf({ data }: Sweep): string | undefined {
  return data.kind === 'file' ? data.columns : undefined;
}

async function modelOf(checkpoint: Checkpoint) {
  const { name, config, fingerprint = '' } = await adapterBase(checkpoint);
  return { name, config, fingerprint };
}

/** Does what is not done yet; after Ctrl-C the outcomes are those so far. */
async function runAll(bench: Bench): Promise<Outcomes> {
  const { io, plan, folder } = bench;
  const signal = io.interrupted;
  const queue = {
    signal,
    onEvent: (event: QueueEvent<{ readonly id: string }>) => {
      const sentence = sentenceOf(event);
      if (sentence !== undefined) io.err(`${sentence}\n`);
    },
  };
  const questions = plan.base === undefined ? [] : [plan.base];
  const before = await runQueue(questions, {
    ...queue,
    store: folder.store<BaseResult>(),
    execute: () => measureBase(bench),
  });
  const runs = await runQueue(plan.runs, {
    ...queue,
    store: folder.store<RunResult>(),
    execute: (run) => executeRun(run, bench),
  });
  return { base: [...before.values()][0], runs };
}

function sentenceOf({
  type,
  job,
  index,
  total,
  sentence,
}: QueueEvent<{ readonly id: string }>): string | undefined {
  const place = `${index + 1} of ${total}, ${job.id}`;
  switch (type) {
    case 'kept':
      return `${place}: done before.`;
    case 'started':
      return `${place}: begins.`;
    case 'finished':
      return `${place}: done.`;
    case 'failed':
      return `${place}: failed. ${sentence ?? ''}`;
  }
}

async function report(
  plan: SweepPlan,
  outcomes: Outcomes,
  folder: SweepFolder,
  io: Io,
  provenance: { readonly command: string; readonly file: unknown },
): Promise<Outcome> {
  const summary = summariseSweep(plan, outcomes);
  const runs = finishedRuns(plan, outcomes);
  const table = comparisonMarkdown(summary, provenance.command);
  const document = sweepDocument(plan, outcomes, provenance);
  await folder.write('results.json', `${JSON.stringify(document, null, 2)}\n`);
  await folder.write('results.csv', runsCsv(runs));
  await folder.write('curves.csv', curvesCsv(curveBands(runs)));
  await folder.write('table.md', table);
  const where = `Results, curves and this table are in ${folder.path}.`;
  const outcome = { document: { ...summary, out: folder.path }, text: `${table}\n${where}` };
  if (!io.interrupted.aborted) return outcome;
  const rest = 'the same command goes on from there';
  throw new Interrupted(`Stopped with ${summary.finished} of ${summary.total} runs done; ${rest}.`, outcome);
}

function listOf({ sweep, materials, configurations, runs }: SweepPlan): Outcome {
  const rows = runs.map(({ id, configuration, seed, run }) => {
    const { weights = 0, budgetRatio = null } =
      configurations.find(({ name }) => name === configuration) ?? {};
    return { id, configuration, seed, trainable_weights: weights, budget_ratio: budgetRatio, settings: run };
  });
  const cells = rows.map(({ id, settings, trainable_weights, budget_ratio }) => [
    ...[id, `${settings.r}`, `${trainable_weights}`],
    ...(budget_ratio === null ? [] : [describeRatio(budget_ratio)]),
  ]);
  const titles = ['run', 'r', 'weights', ...(sweep.budget === undefined ? [] : [`beside ${sweep.budget}`])];
  return {
    document: { model: materials.model.name, reference: sweep.reference, runs: rows },
    text: alignColumns([titles, ...cells]),
  };
}

/** The call that repeats the sweep. */
function commandLine(flags: Flags): string {
  const given = flags.chosen((key) => key === 'config' || key === 'out');
  return ['masa compare', ...given.map(([key, value]) => `--${key} ${value}`)].join(' ');
}
