import { planSweep, type Materials } from '../compare/plan';
import { runQueue, type JobStore } from '../compare/queue';
import type { BaseResult, RunResult } from '../compare/result';
import { parseSweep } from '../compare/sweep';
import { UserError } from '../config/errors';
import { browserSweeps, type SweepMemory } from '../storage/sweeps';
import { client } from './client';
import { deviceStore } from './device';
import { evaluationStore } from './evaluation';
import { expertsStore } from './experts';
import { isActive, runStore } from './run';
import { chosenScenario, currentSettings, setupStore } from './setup';
import { isSweeping, NO_SWEEP, sweepStore, type PlannedSweep, type SweepChoice } from './sweep';
import { sweepFile } from './sweepFile';

/** What is kept of a sweep beside its outcomes. */
interface KeptSweep {
  readonly choice: SweepChoice;
  readonly file: object;
  readonly materials: Materials;
  /** Whether it was under way. */
  readonly running: boolean;
}

let memory: SweepMemory = browserSweeps();

/** Keeps sweeps elsewhere. */
export function setSweepMemory(other: SweepMemory): void {
  memory = other;
}

/** Changes what is to be compared. */
export function setChoice(part: Partial<SweepChoice>): void {
  sweepStore.setState(({ choice }) => ({ choice: { ...choice, ...part } }));
}

let lastDraft = 0;

/** Plans the present choice at the present settings; only the latest answer counts. */
export async function draftSweep(): Promise<void> {
  const turn = ++lastDraft;
  const { choice } = sweepStore.getState();
  let part: Partial<ReturnType<typeof sweepStore.getState>>;
  try {
    if (choice.contenders.length === 0) throw new Error('Choose what to compare.');
    const materials = await client().call({ type: 'materials' });
    const setup = setupStore.getState();
    const scenario = chosenScenario(setup);
    const file = sweepFile(
      { ...choice, questions: Math.min(choice.questions, scenario?.heldOut ?? 0) },
      currentSettings().values,
      {
        model: materials.model.name,
        scenario: scenario?.id,
        data: materials.data.name,
        columns: materials.data.columns ?? undefined,
      },
    );
    part = { draft: await planned(file, materials), draftProblem: undefined };
  } catch (error) {
    part = { draft: undefined, draftProblem: messageOf(error) };
  }
  if (turn === lastDraft) sweepStore.setState(part);
}

/** Starts the sweep that was planned. What an earlier one has done of it is not done again. */
export async function startSweep(): Promise<void> {
  const { draft } = sweepStore.getState();
  if (draft !== undefined) await work(draft);
}

/** Goes on with the sweep that was started last: does what is missing, and what failed once more. */
export async function continueSweep(): Promise<void> {
  const { sweep } = sweepStore.getState();
  if (sweep !== undefined) await work(sweep);
}

let abort = new AbortController();

/** Stops the sweep after the step under way; of the run under way nothing is kept. */
export async function stopSweep(): Promise<void> {
  if (!isSweeping(sweepStore.getState())) return;
  sweepStore.setState({ phase: 'stopping' });
  abort.abort();
  await client().call({ type: 'stopJob' });
}

/** Shows the sweep of an earlier visit, and goes on with it where the page was left in the middle of it. */
export async function restoreSweep(): Promise<void> {
  const kept = (await memory.kept()) as KeptSweep | undefined;
  if (kept === undefined || sweepStore.getState().sweep !== undefined) return;
  let sweep: PlannedSweep;
  try {
    sweep = await planned(kept.file, kept.materials);
  } catch {
    return; // of a version that knew other settings
  }
  sweepStore.setState({ sweep, choice: kept.choice });
  const { plan } = sweep;
  if (plan.base !== undefined) await watched<BaseResult>(noteBase).read(plan.base.id);
  for (const { id } of plan.runs) await watched<RunResult>(noteRun).read(id);
  if (kept.running) await work(sweep);
}

async function planned(file: object, materials: Materials): Promise<PlannedSweep> {
  return { file, plan: await planSweep(parseSweep('Comparison', file), materials) };
}

async function work(sweep: PlannedSweep): Promise<void> {
  const obstacle = sweepRefusal();
  if (obstacle !== undefined) {
    sweepStore.setState({ problem: obstacle });
    return;
  }
  const { outcomes } = NO_SWEEP;
  sweepStore.setState({ sweep, outcomes, phase: 'running', problem: undefined, began: undefined });
  abort = new AbortController();
  try {
    const isOurs = await memory.alone(() => runAll(sweep, abort.signal));
    if (!isOurs) throw new Error('A comparison is running on another page of this browser; stop it there.');
  } catch (error) {
    sweepStore.setState({ problem: messageOf(error) });
  } finally {
    sweepStore.setState({ phase: 'idle', job: undefined });
  }
}

async function runAll({ file, plan }: PlannedSweep, signal: AbortSignal): Promise<void> {
  const { materials, sweep } = plan;
  const { choice } = sweepStore.getState();
  const keep = (running: boolean) => memory.keep({ choice, file, materials, running } satisfies KeptSweep);
  await requireMaterials(materials);
  await keep(true);
  const options = {
    signal,
    onEvent: ({ type, job }: { readonly type: string; readonly job: { readonly id: string } }) => {
      if (type === 'started') begin(job.id);
    },
  };
  const { questions } = sweep;
  if (plan.base !== undefined && questions !== undefined) {
    await runQueue([plan.base], {
      ...options,
      store: watched<BaseResult>(noteBase),
      execute: ({ id }) => settled(client().call({ type: 'askBase', id, questions }), signal),
    });
  }
  await runQueue(plan.runs, {
    ...options,
    store: watched<RunResult>(noteRun),
    execute: (job) => settled(client().call({ type: 'runJob', job, questions }), signal),
  });
  await keep(false);
}

/** Throws where another model or other data was chosen than the sweep began with. */
async function requireMaterials({ model, data }: Materials): Promise<void> {
  const now = await client().call({ type: 'materials' });
  const isSame =
    now.model.fingerprint === model.fingerprint &&
    now.data.sha256 === data.sha256 &&
    now.data.columns === data.columns;
  if (isSame) return;
  const what = `it learns ${data.name} with ${model.name}`;
  throw new UserError('Comparison', what, 'choose these two to go on with it');
}

/** The answer of the worker, which is empty after a stop. */
async function settled<T>(call: Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  try {
    const result = await call;
    signal.throwIfAborted();
    if (result === undefined) throw new Error('The run was stopped.');
    return result;
  } catch (error) {
    // Without the worker no run can succeed.
    if (deviceStore.getState().status !== 'ready') abort.abort();
    throw error;
  }
}

function begin(id: string): void {
  sweepStore.setState(({ began, outcomes }) => ({
    job: { id, stage: 'loading', done: 0, total: 0 },
    began: began ?? { at: performance.now(), done: outcomes.runs.size },
  }));
}

/** The store, with every outcome that goes through it shown on the page. */
function watched<Result extends object>(
  note: (id: string, outcome: NonNullable<Awaited<ReturnType<JobStore<Result>['read']>>>) => void,
): JobStore<Result> {
  const store = memory.store<Result>();
  return {
    read: async (id) => {
      const outcome = await store.read(id);
      if (outcome !== undefined) note(id, outcome);
      return outcome;
    },
    write: async (id, outcome) => {
      await store.write(id, outcome);
      note(id, outcome);
    },
  };
}

const noteBase: Parameters<typeof watched<BaseResult>>[0] = (_id, base) => {
  sweepStore.setState(({ outcomes }) => ({ outcomes: { ...outcomes, base } }));
};

const noteRun: Parameters<typeof watched<RunResult>>[0] = (id, outcome) => {
  sweepStore.setState(({ outcomes }) => ({
    outcomes: { ...outcomes, runs: new Map([...outcomes.runs, [id, outcome]]) },
  }));
};

/** Why no comparison can be started now; undefined where one can. */
export function sweepRefusal(): string | undefined {
  if (deviceStore.getState().status === 'replay')
    return 'A recorded run is compared with nothing; that needs WebGPU.';
  if (isSweeping(sweepStore.getState())) return 'A comparison is running already.';
  if (isActive(runStore.getState().status)) return 'A run is under way; stop it first.';
  if (evaluationStore.getState().asking) return 'Questions are being asked; stop that first.';
  return expertsStore.getState().reading === undefined
    ? undefined
    : 'The experts are being looked at; stop that first.';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
