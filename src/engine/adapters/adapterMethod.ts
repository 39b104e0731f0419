import type { MethodId, RunConfig } from '../../config/runConfig';

/**
 * The low-rank block that all four architectures of the paper's Figure 1 are cases of:
 * a stack of down-projections, a mixing step on small tensors, a stack of up-projections.
 */
export interface LowRankBlock {
  /** Number of down-projections A_i per module and group (E_A). */
  readonly downs: number;
  /** Number of up-projections B_i per module and layer (E_B). */
  readonly ups: number;
  /**
   * How the projections are combined: `sum` is MASA's Σ_i u_i, `mean` that divided by E (both have ups = 1), `router`
   * weighs expert i by softmax(router·x)_i, and `none` needs downs = ups = 1.
   */
  readonly mix: 'none' | 'sum' | 'mean' | 'router';
  /** Layers that share one stack of A's (S); the last group may be shorter. */
  readonly groupSize: number;
}

/** An adapter method: what the user picks, and the block that the engine runs for it. */
export interface AdapterMethod {
  readonly id: MethodId;
  readonly label: string;
  /** Where the method is described. */
  readonly paper: string;
  block(config: Pick<RunConfig, 'num_experts' | 'group_size' | 'expert_mix'>): LowRankBlock;
}
