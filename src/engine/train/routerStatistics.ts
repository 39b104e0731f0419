import type { ModuleName } from '../../config/modules';
import type { RunConfig } from '../../config/runConfig';
import { expertsOf, type AdapterLayout } from '../adapters/layout';

/** What the router of one layer and module did with the counted tokens of a step. */
export interface RouterStatistics {
  readonly layer: number;
  readonly module: ModuleName;
  /** Mean gate of each expert, [E]; they add up to 1. */
  readonly load: readonly number[];
  /** Share of the tokens whose largest gate each expert has, [E]. */
  readonly largest: readonly number[];
  /** Mean entropy of the softmax over all experts, in nats: 0 where one takes all, ln E where they are equal. */
  readonly entropy: number;
  /** E·Σ_i f_i·P_i; see balancedAuxLoss. */
  readonly auxLoss: number;
}

/** What all routers of a step come to, the mean over layers and modules. */
export interface RouterMetrics {
  /** Mean entropy of the softmax over the experts, in nats. */
  readonly router_entropy: number;
  /** Mean gate of the most loaded expert: 1/E where the load is even, 1 where one expert takes all. */
  readonly router_load: number;
  /**
   * Share of the mixing weight that each expert has, [E], adding up to 1: the mean gate of expert i over the counted tokens,
   * then over the routers. Experts of one index in different layers are different ones where layers share none, so an even
   * mean can hide routers that lean on one expert each: router_load shows these.
   */
  readonly expert_load: readonly number[];
  /** The balance loss before its coefficient. */
  readonly router_aux_loss: number;
  /** The same of routers that use their experts evenly. */
  readonly router_aux_balanced: number;
}

/**
 * The balance loss of an even router: E·Σ_i f_i·P_i with P_i the mean over tokens of the softmax over all experts, and f_i
 * the share of tokens that go to expert i, counted over its k places (Mixtral), or, where all experts run, the share of
 * those whose largest gate it is (Switch, k = 1). An even router gives k, one that sends all to one expert up to E.
 */
export function balancedAuxLoss({ top_k }: Pick<RunConfig, 'top_k'>, experts: number): number {
  return top_k === 0 || top_k >= experts ? 1 : top_k;
}

/**
 * Reads the routers' totals of a step.
 *
 * @param totals f32 [routers, E, 4], by layer and module (shaders/routerLoad.wgsl)
 * @param tokens counted tokens of the step
 */
export function routerStatistics(
  { targets, block }: AdapterLayout,
  totals: Float32Array,
  tokens: number,
): RouterStatistics[] {
  const experts = expertsOf(block);
  const size = experts * 4;
  return Array.from({ length: totals.length / size }, (_, router) => {
    const own = totals.subarray(router * size, (router + 1) * size);
    const column = (index: number) =>
      Array.from({ length: experts }, (__, expert) => (own[expert * 4 + index] ?? 0) / tokens);
    const [module = 'q_proj'] = targets.slice(router % targets.length);
    return {
      layer: Math.floor(router / targets.length),
      module,
      load: column(0),
      largest: column(1),
      entropy: sum(column(2)),
      auxLoss: experts * sum(column(3)),
    };
  });
}

/** The mean over all routers; nothing where there is none. */
export function routerMetrics(
  routers: readonly RouterStatistics[],
  run: Pick<RunConfig, 'top_k'>,
): RouterMetrics | undefined {
  const [first] = routers;
  if (first === undefined) return undefined;
  const mean = (value: (router: RouterStatistics) => number) => sum(routers.map(value)) / routers.length;
  return {
    router_entropy: mean(({ entropy }) => entropy),
    router_load: mean(({ load }) => Math.max(...load)),
    expert_load: first.load.map((_, expert) => mean(({ load }) => load[expert] ?? 0)),
    router_aux_loss: mean(({ auxLoss }) => auxLoss),
    router_aux_balanced: balancedAuxLoss(run, first.load.length),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
