import type { BufferView } from '../gpu/dispatch';
import type { DropoutMask } from './dropout';

/** A matrix of activations [N, stride] of which some columns are meant. */
export interface Columns {
  readonly view: BufferView;
  /** Elements from row to row. */
  readonly stride: number;
  /** First column. */
  readonly offset: number;
}

/** The adapter's contribution s·B u to a linear layer's output. */
export interface ForwardTail {
  /** [N, stride] f32; `rank` columns are read. */
  readonly u: Columns;
  /** [out, rank] f32, from element `offset`. */
  readonly b: BufferView;
  readonly bOffset: number;
  readonly rank: number;
  readonly scale: number;
}

/** A contribution Σ_i M_i ∘ (du_i A_i) of the adapter to the gradient of a linear layer's input; without dropout one A. */
export interface BackwardTail {
  /** [N, stride] f32, already times s; `rank` columns are read, with `heads` those of every expert. */
  readonly du: Columns;
  /** [experts, rank, in] f32, from element `aOffset`; with `oneA` [rank, in]. */
  readonly a: BufferView;
  readonly aOffset: number;
  readonly rank: number;
  readonly experts: number;
  readonly dropout: DropoutMask | undefined;
  /** Each expert has a du of its own; else all have one. */
  readonly heads?: boolean | undefined;
  /** All experts have one A. */
  readonly oneA?: boolean | undefined;
}

/** Name of the four-byte buffer that every plan has, bound where a launch reads nothing. */
export const UNUSED: BufferView = { buffer: 'unused' };
