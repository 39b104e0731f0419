import { createStore } from 'zustand/vanilla';
import type { FileSource } from '../worker/protocol';
import { setPrompt, setTouched } from './actions';
import { restoreMaterials } from './reading';
import { setupStore, type SetupState, type Touched } from './setup';
import { sweepObstacle } from './sweep';

/** All that somebody chose, as it can be brought back. */
export interface Chosen {
  readonly touched: Touched;
  readonly prompt: string | undefined;
  readonly model: FileSource | undefined;
  readonly modelByHand: boolean;
  readonly data: FileSource | undefined;
}

/** Set-ups before the present one, and those that were undone; the nearest last in both. */
export interface History {
  readonly past: readonly Chosen[];
  readonly future: readonly Chosen[];
}

export const NO_HISTORY: History = { past: [], future: [] };

export const historyStore = createStore<History>(() => NO_HISTORY);

const MOST = 100;
/** Changes of one setting that follow each other faster are one change: a slider that is drawn, a number that is typed. */
const ONE_CHANGE = 1000; // milliseconds

let present: Chosen | undefined;
let last: { readonly what: string; readonly at: number } | undefined;
let restoring = false;
let stopWatching: (() => void) | undefined;

/** Begins to remember every change of the set-up, from what it is now. */
export function watchSetup(): void {
  stopWatching?.();
  present = chosenIn(setupStore.getState());
  last = undefined;
  historyStore.setState(NO_HISTORY, true);
  stopWatching = setupStore.subscribe((state) => {
    const isReading = state.model.reading !== undefined || state.data.reading !== undefined;
    if (!restoring && !isReading) note(chosenIn(state), performance.now());
  });
}

/** Brings back the set-up before the last change. */
export async function undo(): Promise<void> {
  await move('past', 'future');
}

/** Takes an undo back. */
export async function redo(): Promise<void> {
  await move('future', 'past');
}

function note(next: Chosen, at: number): void {
  const before = present;
  present = next;
  if (before === undefined) return;
  const what = changed(before, next);
  if (what === undefined) return;
  const goesOn = last?.what === what && at - last.at < ONE_CHANGE;
  last = { what, at };
  historyStore.setState(({ past }) => ({
    past: goesOn && past.length > 0 ? past : [...past, before].slice(-MOST),
    future: [],
  }));
}

/** What is different, named so that two changes of the same thing have the same name. */
function changed(a: Chosen, b: Chosen): string | undefined {
  const names = new Set([...Object.keys(a.touched), ...Object.keys(b.touched)] as (keyof Touched)[]);
  const knobs = [...names].filter((key) => String(a.touched[key]) !== String(b.touched[key]));
  const parts = [
    ...knobs,
    ...(a.prompt === b.prompt ? [] : ['prompt']),
    ...(isSame(a.model, b.model) ? [] : ['model']),
    ...(isSame(a.data, b.data) ? [] : ['data']),
  ];
  return parts.length === 0 ? undefined : parts.join(' ');
}

async function move(from: keyof History, to: keyof History): Promise<void> {
  const target = historyStore.getState()[from].at(-1);
  if (restoring || target === undefined || present === undefined) return;
  const before = present;
  const needsReading = !isSame(before.model, target.model) || !isSame(before.data, target.data);
  if (needsReading && sweepObstacle() !== undefined) return;
  historyStore.setState((history) => ({
    [from]: history[from].slice(0, -1),
    [to]: [...history[to], before],
  }));
  restoring = true;
  try {
    setTouched(target.touched);
    setPrompt(target.prompt);
    if (needsReading) await restoreMaterials(target);
  } finally {
    restoring = false;
    present = chosenIn(setupStore.getState());
    last = undefined;
  }
}

function chosenIn({ touched, prompt, model, modelByHand, data }: SetupState): Chosen {
  return { touched, prompt, model: model.chosen?.source, modelByHand, data: data.chosen?.source };
}

/** A scenario that is chosen again is the same. */
function isSame(a: FileSource | undefined, b: FileSource | undefined): boolean {
  return a === b || (a?.kind === 'scenario' && b?.kind === 'scenario' && a.id === b.id);
}
