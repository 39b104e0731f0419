import type { ModuleName } from '../../../config/modules';
import type { AdapterConfig } from '../../adapters/adapter';
import type { ExpertCase } from '../../adapters/expertCase';
import type { RowChoice } from './rows';

/** A value for every pair of experts, [E][E]; null where it is not defined. */
export type Pairs = readonly (readonly (number | null)[])[];

/** How many directions some features take up; see spectrum.ts. */
export interface SpectrumReport {
  /** Singular values, falling, not centred. */
  readonly values: readonly number[];
  readonly rank: number;
  /** null where all features are zero. */
  readonly effective_rank: number | null;
}

/** How a router spreads the chosen tokens over the experts. */
export interface LoadReport {
  /** Mean gate of each expert; they add up to 1. */
  readonly mean: readonly number[];
  /** The same over the tokens of each task; tokens without a task do not count here. */
  readonly by_task: Readonly<Record<string, readonly number[]>>;
  /** Mean over the tokens of −Σ g ln g, in nats: 0 where each token has one expert, ln E where all weigh the same. */
  readonly entropy: number;
}

/** What one module of one layer makes of the chosen tokens. */
export interface ModuleReport {
  readonly layer: number;
  readonly module: ModuleName;
  readonly spectra: {
    /** A_i x of each down-projection alone. */
    readonly single: readonly SpectrumReport[];
    /** Σ_i A_i x: at most R directions, however many experts (Theorem 1). */
    readonly sum: SpectrumReport;
    /** [A_1 x; …; A_E x] side by side. */
    readonly stack: SpectrumReport;
  };
  /** null without a router. */
  readonly load: LoadReport | null;
}

/** Several projections of one kind: the A's of a group of layers and module, or the B's of a layer and module. */
export interface StackReport {
  readonly role: 'A' | 'B';
  readonly module: ModuleName;
  /** First and last layer that they belong to. */
  readonly layers: readonly [first: number, last: number];
  /** ‖X_i − X_j‖ over their quadratic mean: 0 equal, √2 orthogonal and equally long. */
  readonly distance: Pairs;
  /** ‖A_i − A_j‖ over its initial value; null where the start is not known. */
  readonly kept: Pairs | null;
  /** Cosine between A_i − A_j and its initial value; null where the start is not known. */
  readonly direction: Pairs | null;
  /**
   * Cosine between the gradients. `algebra`: one gradient serves all, so it is 1 without measuring; `measured`: on
   * one batch of the examples.
   */
  readonly gradient_cosine: { readonly from: 'algebra' | 'measured'; readonly values: Pairs };
}

/** Linear CKA over the layers that were looked at, in their order; null where features do not vary. */
export interface DepthReport {
  /** Of each layer with the next one that was looked at: one value less than layers. */
  readonly adjacent: readonly (number | null)[];
  /** Mean of those that are defined; null where none is. */
  readonly mean: number | null;
  /** Of each layer with each, where it was asked for. */
  readonly map: Pairs | null;
}

export interface SimilarityReport {
  readonly module: ModuleName;
  /** Of what the A's give: the mix that one B reads, or all A_i x side by side where every expert has its own B. */
  readonly a_outputs: DepthReport;
  /** Of s·B u, all that the adapter adds. */
  readonly increments: DepthReport;
}

/** Everything that is said about the experts of an adapter at one moment; plain JSON. */
export interface ExpertReport {
  readonly settings: AdapterConfig;
  readonly case: ExpertCase;
  /** Optimiser steps that the adapter has seen; null where that is not known. */
  readonly step: number | null;
  /** The tokens that were looked at. */
  readonly rows: {
    readonly count: number;
    readonly choice: RowChoice;
    readonly seed: number;
    /** Number by task or domain; tokens without one do not count here. */
    readonly tasks: Readonly<Record<string, number>>;
  };
  /** The layers that were looked at. */
  readonly layers: readonly number[];
  /** By layer, then by module. */
  readonly modules: readonly ModuleReport[];
  /** By module, then by layer; empty where there is nothing to compare. */
  readonly stacks: readonly StackReport[];
  /** By module. */
  readonly similarity: readonly SimilarityReport[];
}
