import { createStore } from 'zustand/vanilla';
import { defaultRunConfig } from '../config/defaults';
import { UserError } from '../config/errors';
import type { RunConfig } from '../config/runConfig';
import { validateRunConfig } from '../config/validate';
import type { Scenario } from '../scenarios/scenario';
import { findScenario } from '../scenarios/table';
import type { Catalogue } from '../storage/catalogue';
import type { DataInfo, FileSource, ModelInfo, PlanInfo, QuestionsInfo } from '../worker/protocol';
import { deviceInfo, deviceStore } from './device';

/** A model or a data set that the page works with. A problem with a new choice leaves the old one in place. */
export interface Slot<T> {
  readonly chosen: { readonly info: T; readonly source: FileSource } | undefined;
  /** What is being read, or waits for its turn to be read. */
  readonly reading: FileSource | undefined;
  readonly problem: string | undefined;
  /** What the problem is about, so that it can be read again in another way. */
  readonly refused: FileSource | undefined;
}

/** Settings that somebody set by hand. */
export type Touched = { -readonly [K in keyof RunConfig]?: RunConfig[K] };

export interface SetupState {
  readonly catalogue: Catalogue | undefined;
  /** Whether somebody chose the model; else it follows the scenario. */
  readonly modelByHand: boolean;
  readonly model: Slot<ModelInfo>;
  readonly data: Slot<DataInfo>;
  /** Questions that the chosen file holds. */
  readonly questions: { readonly info: QuestionsInfo; readonly source: FileSource } | undefined;
  /** Settings that somebody touched; all others follow the defaults of the model and the machine. */
  readonly touched: Touched;
  /** The last match of budgets: what it did, and what was touched before and after it. */
  readonly matched:
    { readonly sentence: string; readonly before: Touched; readonly after: Touched } | undefined;
  /** What the prompt box holds; `undefined` follows the data set. */
  readonly prompt: string | undefined;
  readonly plan: PlanInfo | undefined;
  /** Why there is no plan, where it is not a setting's fault. */
  readonly planProblem: string | undefined;
}

const EMPTY = { chosen: undefined, reading: undefined, problem: undefined, refused: undefined };

export const NOTHING_CHOSEN: SetupState = {
  catalogue: undefined,
  modelByHand: false,
  model: EMPTY,
  data: EMPTY,
  questions: undefined,
  touched: {},
  matched: undefined,
  prompt: undefined,
  plan: undefined,
  planProblem: undefined,
};

export const setupStore = createStore<SetupState>(() => NOTHING_CHOSEN);

/** The form's values and what is wrong with them. */
export interface Settings {
  readonly values: RunConfig;
  /** The same without what was touched: what a reset goes back to. */
  readonly defaults: RunConfig;
  readonly layers: number;
  readonly problem: { readonly key: string; readonly message: string } | undefined;
}

const LAYERS_UNKNOWN = 8; // until a model is there

/** The scenario that the data is from, where it is from one. */
export function chosenScenario({ data }: Pick<SetupState, 'data'>): Scenario | undefined {
  const source = data.chosen?.source;
  return source?.kind === 'scenario' ? findScenario(source.id) : undefined;
}

/** Settings as the form shows them: defaults for the model and the machine, the scenario's, what was touched. */
export function settings(setup: SetupState, software: boolean): Settings {
  const layers = setup.model.chosen?.info.config.layers ?? LAYERS_UNKNOWN;
  const defaults: RunConfig = { ...defaultRunConfig(layers, software), ...chosenScenario(setup)?.settings };
  const values: RunConfig = { ...defaults, ...setup.touched };
  return { values, defaults, layers, problem: firstProblem(values, layers, software) };
}

/** Settings of the page as it is now. */
export function currentSettings(): Settings {
  return settings(setupStore.getState(), isSoftware());
}

/** Whether a processor plays the GPU. */
export function isSoftware(): boolean {
  return deviceInfo(deviceStore.getState())?.fallback === true;
}

/** The prompt to continue: what was typed, or the data set's own. */
export function currentPrompt(setup: SetupState): string {
  return setup.prompt ?? setup.data.chosen?.info.prompt ?? '';
}

function firstProblem(values: RunConfig, layers: number, software: boolean): Settings['problem'] {
  try {
    validateRunConfig(values, { layers, software });
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return { key: error.subject, message: error.message };
    throw error;
  }
}
