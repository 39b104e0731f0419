import type { BufferSpec, Dispatch } from '../gpu/dispatch';
import type { GradientRun } from '../ops/adamw';
import { presum, type Stack } from '../ops/lowRank';
import type { AdapterLayout, AdapterTensor } from './layout';

/** Buffers of the low-rank block. */
export const ADAPTER = {
  /** f32 [P] all trainable weights, by adapterLayout */
  values: { buffer: 'adapter' },
  /** f32 their gradients; one dA serves all experts where they are equal (see gradientLayout) */
  gradient: { buffer: 'adapter gradient' },
  /** f32 Σ_i A_i of every group and module */
  sums: { buffer: 'adapter sums' },
  /** u32 table for the presum */
  stacks: { buffer: 'adapter stacks' },
} as const;

/** Buffers of the adapter: its values, and the sums where a module has more than one A. */
export function adapterBuffers(layout: AdapterLayout): BufferSpec[] {
  const stacks = presumStacks(layout);
  return [
    { name: ADAPTER.values.buffer, bytes: layout.size * 4, part: 'adapter' },
    ...(stacks.length === 0
      ? []
      : ([
          { name: ADAPTER.stacks.buffer, bytes: stacks.length * 16, part: 'adapter' },
          { name: ADAPTER.sums.buffer, bytes: sum(stacks.map((s) => s.elements)) * 4, part: 'adapter' },
        ] as const)),
  ];
}

/** The stacks of A's to be summed, in buffer order; none where every module has a single A, or a router. */
export function presumStacks(layout: AdapterLayout): Stack[] {
  if (!isSummed(layout)) return [];
  let sumOffset = 0;
  return layout.tensors
    .filter((tensor) => tensor.role === 'A' && tensor.expert === 0)
    .map((tensor) => {
      const elements = tensor.shape[0] * tensor.shape[1];
      const stack = { aOffset: tensor.offset, experts: layout.block.downs, elements, sumOffset };
      sumOffset += elements;
      return stack;
    });
}

/** Whether a module's A's act as one, their sum; the mean is that with a smaller scale. */
export function isSummed({ block }: AdapterLayout): boolean {
  return block.downs > 1 && block.mix !== 'router';
}

/** The launch that sums each group's experts; none where every module has a single A. */
export function presumLaunches(layout: AdapterLayout): Dispatch[] {
  const stacks = presumStacks(layout);
  if (stacks.length === 0) return [];
  const { values: a, stacks: table, sums } = ADAPTER;
  return [presum({ label: 'sum of the experts', a, table, sums, stacks })];
}

export interface GradientLayout {
  /** First element of a tensor's gradient in the gradient buffer. */
  offset(tensor: AdapterTensor): number;
  /** Every tensor's run of weights and the gradient elements that serve it. */
  readonly runs: readonly GradientRun[];
  /** Elements of the gradient buffer. */
  readonly size: number;
}

/**
 * Where gradients lie. Under a plain sum every A_i of a group has the same gradient (method, section 3), so it is
 * computed and stored once and all experts' runs point at it; with a mask per expert or a router each has its own.
 */
export function gradientLayout(layout: AdapterLayout, perExpert: boolean): GradientLayout {
  const offsets = new Map<AdapterTensor, number>();
  let size = 0;
  let shared = 0;
  for (const tensor of layout.tensors) {
    const reuse = tensor.role === 'A' && tensor.expert > 0 && isSummed(layout) && !perExpert;
    if (!reuse) {
      shared = size;
      size += tensor.shape[0] * tensor.shape[1];
    }
    offsets.set(tensor, shared);
  }
  const offset = (tensor: AdapterTensor) => {
    const found = offsets.get(tensor);
    if (found === undefined) throw new Error(`${tensor.name} has no gradient`);
    return found;
  };
  const runs = layout.tensors.map((tensor) => ({
    weight: tensor.offset,
    gradient: offset(tensor),
    length: tensor.shape[0] * tensor.shape[1],
  }));
  return { offset, runs, size };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
