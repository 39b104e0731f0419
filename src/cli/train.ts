import { UserError } from '../config/errors';
import { adapterBase, requireSameBase } from '../engine/export/adapterBase';
import type { Scenario } from '../scenarios/scenario';
import { COLUMNS, DATA, MODEL, SCENARIO, unlessScenario, type CommandSpec } from './commandSpec';
import { identifyData, openDataFile, prepare, readData } from './data';
import { withDevice } from './gpu';
import { EXPERT_STEPS } from './expertLog';
import { Interrupted, type Outcome } from './io';
import type { Results } from './metrics';
import { loadModel, openModel, requireTokenizer } from './model';
import { KERNELS } from './kernels';
import { percent } from './percent';
import { bundledModel, scenarioOf, trainingSource } from './scenario';
import { readRun, refuseOtherRun, type DataIdentity, type EarlierRun } from './runFolder';
import { chosenSettings, KNOB_FLAGS, newRun, remarksOn, remarksOnResumed, resumedRun } from './settings';
import { trainRun } from './trainRun';

/** `masa train`: trains an adapter. */
export const train: CommandSpec = {
  name: 'train',
  summary: 'trains an adapter; writes metrics.jsonl, a snapshot, the native adapter and run.json',
  flags: [
    SCENARIO,
    unlessScenario(MODEL),
    unlessScenario(DATA),
    COLUMNS,
    { key: 'out', value: 'DIR', hint: 'folder for the run, to be made (with --resume: that one by default)' },
    { key: 'resume', value: 'DIR', hint: 'go on with the run in this folder' },
    { key: 'config', value: 'FILE', hint: 'settings from a run.json; flags go before them' },
    KERNELS,
    EXPERT_STEPS,
    ...KNOB_FLAGS,
  ],
  async run(flags, io) {
    const scenario = scenarioOf(flags);
    const resume = flags.optional('resume');
    // A run that goes on has its settings already; those of its scenario may have been overridden.
    const settings = resume === undefined ? scenario?.settings : undefined;
    const chosen = { ...settings, ...(await chosenSettings(flags)) };
    const out = flags.optional('out') ?? resume;
    if (out === undefined) throw new UserError('--out', 'this flag is missing', 'give --out DIR');
    const wish = flags.optional('kernels');
    const expertSteps = flags.number('expert_steps', { integer: true, min: 0, max: 1_000_000 });
    if (resume !== undefined && wish !== undefined) {
      const problem = 'a run that goes on keeps the kernels that it began with';
      throw new UserError('--kernels', problem, 'leave this flag out');
    }
    const checkpoint = await openModel(flags, scenario && bundledModel(scenario.model));
    const { layers, maxPositions } = checkpoint.config;
    // Whatever can be wrong is found before the GPU is touched; there, only defaults may become smaller.
    newRun(chosen, { layers, maxPositions, software: false });
    const tokenizer = requireTokenizer(checkpoint);
    await refuseOtherRun(out, resume);
    const earlier = resume === undefined ? undefined : await readRun(resume);
    if (earlier !== undefined)
      requireSameBase(earlier.path, earlier.snapshot.adapter, await adapterBase(checkpoint));
    const resumed = earlier === undefined ? undefined : resumedRun(chosen, earlier, layers);
    const source = scenario === undefined ? await openDataFile(flags) : trainingSource(scenario);
    const identity = await identifyData(source, flags.optional('columns') ?? null);
    if (earlier !== undefined) requireSameData(identity, earlier);
    const data = await readData(source, flags, io);
    const results = await withDevice(io, async (gpu) => {
      const surroundings = { layers, maxPositions, software: gpu.info.fallback };
      const run = resumed ?? newRun(chosen, surroundings);
      const remarks =
        earlier === undefined
          ? remarksOn(run, chosen, surroundings)
          : remarksOnResumed(run, earlier.snapshot, gpu.info.name);
      for (const remark of remarks) io.err(`${remark}\n`);
      const training = {
        scenario,
        watched: scenario,
        identity,
        run,
        earlier,
        kernels: wish,
        expertSteps,
        out,
      };
      const prepared = prepare(io, data, tokenizer, run);
      const base = await loadModel(io, gpu, checkpoint);
      return (await trainRun({ io, base, tokenizer, data: prepared, ...training })).results;
    });
    const outcome = outcomeOf(results, scenario && evaluation(scenario, flags.optional('model'), out));
    if (!io.interrupted.aborted) return outcome;
    const goOn = `\`masa train … --resume ${out}\` goes on from there`;
    throw new Interrupted(
      `Stopped after step ${results.steps}; the state is saved in ${out} and ${goOn}.`,
      outcome,
    );
  },
};

function requireSameData(now: DataIdentity, { data, path }: EarlierRun): void {
  // Without a run.json nobody knows; the snapshot alone is then trusted.
  if (data === undefined) return;
  if (data['sha256'] === now.sha256 && (data['columns'] ?? null) === now.columns) return;
  const before = typeof data['name'] === 'string' ? ` (${data['name']})` : '';
  throw new UserError(
    now.name,
    `the run in ${path} learns from other data${before}`,
    'give the same file and columns as before',
  );
}

/** How to find out what a run on a scenario has learnt. */
function evaluation({ id }: Scenario, model: string | undefined, out: string): string {
  const base = model === undefined ? '' : ` --model ${model}`;
  return `\`masa eval --scenario ${id}${base} --adapter ${out} --task choice\` asks it what it has learnt.`;
}

/** `next` is a sentence about what to do now. */
function outcomeOf(results: Results, next: string | undefined): Outcome {
  const { steps, first_loss, last_loss, first_val_loss, last_val_loss, first_acc, last_acc, out } = results;
  const pair = (name: string, first: number | null, last: number | null, show = toFourPlaces) =>
    first === null || last === null ? [] : [`${name} ${show(first)} → ${show(last)}`];
  const parts = [
    `${steps} steps`,
    ...pair('training loss', first_loss, last_loss),
    ...pair('validation loss', first_val_loss, last_val_loss),
    ...pair('accuracy', first_acc, last_acc, percent),
  ];
  const sentences = [
    `${parts.join(', ')}.`,
    `The adapter is in ${out}.`,
    ...(next === undefined ? [] : [next]),
  ];
  return { document: results, text: sentences.join(' ') };
}

function toFourPlaces(value: number): string {
  return value.toFixed(4);
}
