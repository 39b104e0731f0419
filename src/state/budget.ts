import { KNOBS } from '../config/knobs';
import type { MethodId, RunConfig } from '../config/runConfig';
import { describeRatio, matchBudget, trainableWeights, type BudgetMatch } from '../engine/adapters/budget';
import { METHODS } from '../engine/adapters/registry';
import type { LlamaConfig } from '../engine/model/llamaConfig';
import { setTouched } from './actions';
import { currentSettings, setupStore, type SetupState } from './setup';

/** What a method would train with the settings of the form, and the r that gives it the chosen method's budget. */
export interface MethodBudget {
  readonly weights: number;
  /** Undefined for the chosen method itself. */
  readonly match: BudgetMatch<RunConfig> | undefined;
}

/** The budget of a method beside that of the settings, which have to be valid. */
export function methodBudget(method: MethodId, values: RunConfig, config: LlamaConfig): MethodBudget {
  const settings = { ...values, method };
  const target = trainableWeights(values, config);
  return {
    weights: trainableWeights(settings, config),
    match: method === values.method ? undefined : matchBudget(target, settings, config),
  };
}

/**
 * Chooses a method with the r that gives it the budget of the present one, at the same lora_alpha / r, and leaves a
 * sentence about it in the store. Does nothing before there is a model or while a setting is wrong.
 */
export function matchMethod(method: MethodId): void {
  const { model, touched } = setupStore.getState();
  const { values, problem } = currentSettings();
  if (model.chosen === undefined || problem !== undefined) return;
  const { match } = methodBudget(method, values, model.chosen.info.config);
  if (match === undefined) return;
  const { r, lora_alpha } = match.settings;
  const after = { ...touched, method, ...(r === values.r ? {} : { r, lora_alpha }) };
  setTouched(after);
  setupStore.setState({ matched: { sentence: describeMatch(values, match), before: touched, after } });
}

/** The match that the form still shows: nothing was set since. */
export function presentMatch({ matched, touched }: SetupState): SetupState['matched'] {
  return matched?.after === touched ? matched : undefined;
}

/** Puts the settings back to what they were before the last match. */
export function undoMatch(): void {
  const matched = presentMatch(setupStore.getState());
  if (matched !== undefined) setTouched(matched.before);
}

/** What a match did, in words: `MASA now trains 7,040 weights, 3.1 % more than LoRA did: r 8 → 11, …`. */
function describeMatch(from: RunConfig, { settings, weights, ratio }: BudgetMatch<RunConfig>): string {
  const [method, earlier] = [METHODS[settings.method].label, METHODS[from.method].label];
  const change =
    settings.r === from.r
      ? `r stays ${from.r}`
      : `r ${from.r} → ${settings.r}, alpha ${short(from.lora_alpha)} → ${short(settings.lora_alpha)} for the same scale`;
  return `${method} now trains ${weights.toLocaleString('en')} weights, ${describeRatio(ratio, earlier)} did: ${change}.${atTheEnd(settings.r, ratio)}`;
}

/** Why the budget is missed by more than a rank, where the range of r is the reason. */
function atTheEnd(r: number, ratio: number): string {
  const { min, max } = KNOBS.r;
  if (r === min && ratio > 1) return ' r cannot be smaller.';
  if (r === max && ratio < 1) return ' r cannot be larger.';
  return '';
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
