import { describeDiff } from '../config/describeDiff';
import { UserError } from '../config/errors';
import { KNOBS } from '../config/knobs';
import type { RunConfig } from '../config/runConfig';
import type { Command, FileSource } from '../worker/protocol';
import type { Moment, StoredRun } from '../worker/storedRun';
import { client } from './client';
import { evaluationStore, NOTHING_ASKED } from './evaluation';
import { forgetExperts } from './experts';
import { messageOf } from './messageOf';
import { metrics, metricsChanged } from './metrics';
import { readData, readModel } from './reading';
import { isActive, NO_RUN, runStore, type RunStatus, type Sample } from './run';
import { fillMetrics, refreshRuns, runLibrary, runsStore } from './runs';
import { setupStore } from './setup';

/** How a run that starts now is to be kept: under a new id, its caption told from the run before. */
export function keepAs(settings: RunConfig): NonNullable<Extract<Command, { type: 'train' }>['keep']> {
  const { runs } = runsStore.getState();
  const { model, data } = setupStore.getState();
  const [modelName, dataName] = [model.chosen?.info.name ?? '', data.chosen?.info.name ?? ''];
  const [last] = runs;
  const before = last && { settings: last.settings, model: last.model.name, data: last.data.name };
  const title = `${KNOBS.method.choices[settings.method]} on ${dataName}`;
  const id = crypto.randomUUID();
  void claimWhileActive(id).catch(() => undefined); // a browser without locks has no other page either
  return {
    id,
    name: freeName(title, new Set(runs.map(({ name }) => name))),
    caption: describeDiff(before, { settings, model: modelName, data: dataName }),
  };
}

function freeName(title: string, taken: ReadonlySet<string>): string {
  let name = title;
  for (let count = 2; taken.has(name); count++) name = `${title}, ${count}`;
  return name;
}

/**
 * Shows a kept run as it was when it was kept last: its curves and texts, at rest. It can be exported and gone on
 * with.
 */
export async function showKept(id: string): Promise<void> {
  if (isActive(runStore.getState().status)) return; // the button is off
  const run = await runLibrary().find(id);
  if (run !== undefined) await put(run, restOf(run));
}

/** Goes on with a kept run that is not done, on its own model and data. What keeps it from that ends in the run's status. */
export async function continueKept(id: string, paused = false): Promise<void> {
  const run = await runLibrary().find(id);
  if (run === undefined) return;
  await put(run, { phase: 'loading', done: 0, total: 0 });
  try {
    if (!(await claimWhileActive(id))) {
      throw new UserError(run.name, 'it goes on on another page of this browser', 'look there, or close it');
    }
    const { model, data } = await runLibrary().sources(id);
    const chosen = setupStore.getState();
    const modelSource = wholeSource(run, run.model.name, model, chosen.model.chosen?.source);
    const dataSource = wholeSource(run, run.data.name, data, chosen.data.chosen?.source);
    if (!(await readModel(modelSource))) {
      throw new Error(setupStore.getState().model.problem);
    }
    await readData(dataSource);
    const { problem } = setupStore.getState().data;
    if (problem !== undefined) throw new Error(problem);
    const { runId } = runStore.getState();
    await client().call({ type: 'continueRun', runId, id, paused });
    runStore.setState({ held: true });
  } catch (error) {
    const resumable = run.snapshotBytes > 0 ? run.steps : undefined;
    runStore.setState({ held: false, status: { phase: 'failed', message: messageOf(error), resumable } });
  }
}

/**
 * After a reload: goes on with the run that was under way, or shows the last one.
 *
 * @returns whether a run was gone on with, its model and data then being read
 */
export async function takeUp(): Promise<boolean> {
  await runLibrary()
    .purge()
    .catch(() => undefined); // there may be no database
  await refreshRuns();
  const { runs } = runsStore.getState();
  const [last] = runs;
  const unfinished = runs.find(({ status }) => status === 'running' || status === 'paused');
  if (unfinished !== undefined) {
    await continueKept(unfinished.id, unfinished.status === 'paused');
    return runStore.getState().held;
  }
  if (last !== undefined) await showKept(last.id);
  return false;
}

let lastCrash: { readonly id: string; readonly step: number } | undefined;

/** After the worker was killed and started anew: reads model and data again, and goes on with the run. */
export async function recover(message: string): Promise<void> {
  const { id, status, held } = runStore.getState();
  const wasActive = isActive(status) && held;
  const run = wasActive && id !== undefined ? await runLibrary().find(id) : undefined;
  // Twice at the same place is no accident.
  if (run !== undefined && (lastCrash?.id !== run.id || lastCrash.step < run.steps)) {
    lastCrash = { id: run.id, step: run.steps };
    await continueKept(run.id, status.phase === 'paused');
    return;
  }
  if (wasActive) {
    const resumable = run !== undefined && run.snapshotBytes > 0 ? run.steps : undefined;
    runStore.setState({ status: { phase: 'failed', message, resumable } });
  }
  runStore.setState({ held: false });
  const { model } = setupStore.getState();
  if (model.chosen === undefined) return;
  await readModel(model.chosen.source); // reads the data anew as well
}

/** Puts a kept run in place of the one on the page. */
async function put(run: StoredRun, status: RunStatus): Promise<void> {
  const history = await runLibrary().history(run.id);
  // The log must not reach further than what it goes on from.
  fillMetrics(metrics, history, run.marks);
  metrics.rewind(run.steps);
  metricsChanged();
  evaluationStore.setState(NOTHING_ASKED, true);
  forgetExperts();
  const { id, settings, scenario, prompt } = run;
  const sample = (kind: 'before' | 'after') => lastSample(history.moments, kind);
  runStore.setState({
    ...NO_RUN,
    runId: runStore.getState().runId + 1,
    ...{ id, settings, scenario, prompt, status },
    ...{ before: sample('before'), after: sample('after') },
  });
}

function lastSample(moments: readonly Moment[], wanted: 'before' | 'after'): Sample | undefined {
  const found = moments.findLast(({ kind }) => kind === wanted);
  if (found === undefined || found.kind === 'accuracy') return undefined;
  const { step, prompt, text } = found;
  return { step, prompt, text, complete: true };
}

function restOf({ status, steps, settings, snapshotBytes }: StoredRun): RunStatus {
  if (status === 'done' || status === 'stopped') {
    return { phase: 'done', step: steps, stopped: steps < settings.max_steps };
  }
  const message = 'The run ended before it was done.';
  return { phase: 'failed', message, resumable: snapshotBytes > 0 ? steps : undefined };
}

/** The kept source; where its files were too large to be kept, the files on the page, if they are called the same. */
function wholeSource(
  run: StoredRun,
  name: string,
  kept: FileSource | undefined,
  chosen: FileSource | undefined,
): FileSource {
  if (kept !== undefined && (kept.kind !== 'files' || kept.files.length > 0)) return kept;
  // Whether they are the same files inside is checked by the worker.
  if (chosen?.kind === 'files' && (kept === undefined || chosen.name === kept.name)) return chosen;
  throw new UserError(
    run.name,
    `the files of ${kept?.name ?? name} were too large to be kept with it`,
    'choose them again, then press Resume',
  );
}

/** Keeps other pages of this browser from going on with the run for as long as it is under way here. */
async function claimWhileActive(id: string): Promise<boolean> {
  if (claims.has(id)) return true;
  const release = await runLibrary().claim(id);
  if (release === undefined) return false;
  claims.add(id);
  const unsubscribe = runStore.subscribe(({ id: now, status }) => {
    if (now === id && isActive(status)) return;
    unsubscribe();
    claims.delete(id);
    release();
  });
  return true;
}

const claims = new Set<string>();
