import { knobRange } from '../../config/defaults';
import { KNOBS } from '../../config/knobs';
import type { LlamaConfig } from '../model/llamaConfig';
import { linearShape } from '../model/tensorShapes';
import type { AdapterSettings } from './attach';
import { expertsOf, type AdapterShapeConfig } from './layout';
import { METHODS } from './registry';

/** Trainable weights as a line in r: `perRank`·r + `fixed`. Only a router has weights that r does not touch. */
interface BudgetLine {
  readonly perRank: number;
  readonly fixed: number;
}

/**
 * Number of trainable weights, in closed form: over the target modules m,
 *
 *     Σ_m [ ceil(L/S)·E_A·R·in_m + L·E_B·R·out_m + L·E·in_m ]      (the last term where a router mixes)
 *
 * with E_A down-projections, E_B up-projections and S from the method's block. Equals adapterLayout(…).size, which
 * lists every tensor (method: MASA and the family, sections 1 and 2).
 */
export function trainableWeights(settings: AdapterShapeConfig, config: LlamaConfig): number {
  const { perRank, fixed } = budgetLine(settings, config);
  return perRank * settings.r + fixed;
}

function budgetLine(settings: AdapterShapeConfig, config: LlamaConfig): BudgetLine {
  const block = METHODS[settings.method].block(settings);
  const { downs, ups, groupSize } = block;
  const { layers } = config;
  const groups = Math.ceil(layers / groupSize);
  const routed = block.mix === 'router' ? expertsOf(block) : 0;
  let perRank = 0;
  let fixed = 0;
  for (const module of settings.target_modules) {
    const [out, input] = linearShape(config, module);
    perRank += groups * downs * input + layers * ups * out;
    fixed += layers * routed * input;
  }
  return { perRank, fixed };
}

/** Which settings besides r may change to meet a budget, each with the values that it may take. */
export interface BudgetChoices {
  readonly num_experts?: readonly number[];
  readonly group_size?: readonly number[];
}

/** The settings that come closest to a budget. */
export interface BudgetMatch<T extends AdapterSettings = AdapterSettings> {
  readonly settings: T;
  /** Trainable weights of these settings. */
  readonly weights: number;
  /** weights / target: 1 where the budget is met exactly. */
  readonly ratio: number;
}

/**
 * The r (and, where `choices` lets them vary, E and S) with the number of trainable weights closest to `target`.
 *
 * - r stays in its range, so a target may be out of reach: `ratio` says how far off the closest is.
 * - Of equally close ones it takes the E and S nearest to the present ones, then the one with fewer weights.
 * - lora_alpha changes with r, so that the scale lora_alpha / r stays what it was.
 *
 * @param target trainable weights to come close to, above 0
 * @throws Error where the target is not above 0, or no module is adapted
 */
export function matchBudget<T extends AdapterSettings>(
  target: number,
  settings: T,
  config: LlamaConfig,
  choices: BudgetChoices = {},
): BudgetMatch<T> {
  if (!(target > 0)) throw new Error(`a budget of ${target} weights cannot be met`);
  let best: BudgetMatch<T> | undefined;
  for (const num_experts of nearestFirst(choices.num_experts, settings.num_experts)) {
    for (const group_size of nearestFirst(choices.group_size, settings.group_size)) {
      const shape = { ...settings, num_experts, group_size };
      for (const r of closestRanks(target, shape, config)) {
        const weights = trainableWeights({ ...shape, r }, config);
        if (best !== undefined && Math.abs(weights - target) >= Math.abs(best.weights - target)) continue;
        best = { settings: withRank(shape, r), weights, ratio: weights / target };
      }
    }
  }
  if (best === undefined) throw new Error('no value of E or S is given to choose from');
  return best;
}

/** The settings with another r and the same scale lora_alpha / r. */
function withRank<T extends AdapterSettings>(settings: T, r: number): T {
  if (r === settings.r) return settings;
  return { ...settings, r, lora_alpha: (settings.lora_alpha * r) / settings.r };
}

/** The two whole ranks around the one that meets the target, within the range of the setting; the smaller first. */
function closestRanks(target: number, settings: AdapterShapeConfig, config: LlamaConfig): number[] {
  const { perRank, fixed } = budgetLine(settings, config);
  if (perRank === 0) throw new Error('an adapter of no module has no budget');
  const [min, max] = knobRange(KNOBS.r, config);
  const below = Math.floor((target - fixed) / perRank);
  return [below, below + 1].map((r) => Math.min(Math.max(r, min), max));
}

function nearestFirst(choices: readonly number[] | undefined, present: number): readonly number[] {
  if (choices === undefined) return [present];
  return choices.toSorted((a, b) => Math.abs(a - present) - Math.abs(b - present) || a - b);
}

/**
 * How a number of weights compares to another, in words: `exactly as many`, `0.52 % more`.
 *
 * @param other whose weights they are compared to, for `0.52 % more than LoRA`
 */
export function describeRatio(ratio: number, other?: string): string {
  if (ratio === 1) return other === undefined ? 'exactly as many' : `exactly as many as ${other}`;
  const percent = Math.abs(ratio - 1) * 100;
  const size = percent < 0.01 ? 'less than 0.01' : String(Number(percent.toPrecision(2)));
  return `${size} % ${ratio > 1 ? 'more' : 'fewer'}${other === undefined ? '' : ` than ${other}`}`;
}
