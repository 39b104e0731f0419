import type { BufferSpec, BufferView, Dispatch } from '../gpu/dispatch';
import type { GradientRun } from '../ops/adamw';
import { packHeads, presum, stackTable, type Stack } from '../ops/lowRank';
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
  /** f32 [B_1 … B_E] of every layer and module that has several B's */
  heads: { buffer: 'adapter heads' },
  /** u32 table for putting these side by side */
  headStacks: { buffer: 'adapter head stacks' },
} as const;

/** Buffers of the adapter: its values, and what is derived from them after every change. */
export function adapterBuffers(layout: AdapterLayout): BufferSpec[] {
  const buffer = ({ buffer: name }: BufferView, elements: number): BufferSpec[] =>
    elements === 0 ? [] : [{ name, bytes: elements * 4, part: 'adapter' }];
  const sums = presumStacks(layout);
  const heads = headStacks(layout);
  return [
    ...buffer(ADAPTER.values, layout.size),
    ...buffer(ADAPTER.stacks, sums.length * 4),
    ...buffer(ADAPTER.sums, sum(sums.map(({ elements }) => elements))),
    ...buffer(ADAPTER.headStacks, heads.length * 4),
    ...buffer(ADAPTER.heads, sum(heads.map(({ elements, experts }) => elements * experts))),
  ];
}

/** Contents of the tables among these buffers, by the buffer's name; they never change. */
export function adapterTables(layout: AdapterLayout): ReadonlyMap<string, Uint32Array<ArrayBuffer>> {
  const tables = [
    [ADAPTER.stacks.buffer, presumStacks(layout)],
    [ADAPTER.headStacks.buffer, headStacks(layout)],
  ] as const;
  return new Map(
    tables.filter(([, stacks]) => stacks.length > 0).map(([name, stacks]) => [name, stackTable(stacks)]),
  );
}

/** The stacks of A's to be summed, in buffer order; none where every module has a single A, or a router. */
export function presumStacks(layout: AdapterLayout): Stack[] {
  return isSummed(layout) ? stacksOf(layout, 'A') : [];
}

/** The stacks of B's to be put side by side, in buffer order; none where every module has a single B. */
export function headStacks(layout: AdapterLayout): Stack[] {
  return layout.block.ups > 1 ? stacksOf(layout, 'B') : [];
}

/** Every module's tensors of one role, and where what is made of them lies in a buffer of that alone. */
function stacksOf({ tensors, block }: AdapterLayout, role: 'A' | 'B'): Stack[] {
  const experts = role === 'A' ? block.downs : block.ups;
  const share = role === 'A' ? 1 : experts; // of what is made: one sum, or all heads
  let sumOffset = 0;
  return tensors
    .filter((tensor) => tensor.role === role && tensor.expert === 0)
    .map((tensor) => {
      const elements = tensor.shape[0] * tensor.shape[1];
      const stack = { aOffset: tensor.offset, experts, elements, sumOffset };
      sumOffset += elements * share;
      return stack;
    });
}

/** Whether a module's A's act as one, their sum; the mean is that with a smaller scale. */
export function isSummed({ block }: AdapterLayout): boolean {
  return block.downs > 1 && block.mix !== 'router';
}

/** The launches that derive what a pass reads from the adapter's values: the experts' sums, the heads side by side. */
export function presumLaunches(layout: AdapterLayout): Dispatch[] {
  const stacks = presumStacks(layout);
  const heads = headStacks(layout);
  const rank = heads.length === 0 ? 0 : (layout.tensors.find(({ role }) => role === 'B')?.shape[1] ?? 0);
  const { values, stacks: table, sums, headStacks: headTable, heads: packed } = ADAPTER;
  return [
    ...(stacks.length === 0 ? [] : [presum({ label: 'sum of the experts', a: values, table, sums, stacks })]),
    ...(heads.length === 0
      ? []
      : [
          packHeads({
            label: 'heads side by side',
            b: values,
            table: headTable,
            packed,
            stacks: heads,
            rank,
          }),
        ]),
  ];
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
