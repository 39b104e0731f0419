import type { GpuDevice } from '../engine/gpu/device';
import type { Dispatch } from '../engine/gpu/dispatch';
import { pinnedKernels, usualKernels, type GemmVariant } from '../engine/ops/gemm/choice';
import { downProjection, presum, stackTable, type Stack } from '../engine/ops/lowRank';
import { matmul } from '../engine/ops/matmul';
import type { ForwardTail } from '../engine/ops/operands';
import { unfusedForward } from '../engine/ops/unfused';
import type { Weight } from '../engine/ops/weight';
import { openBed } from './bed';
import { randomFloats } from './random';
import { forwardProduct, requireClose, type Reference } from './reference';
import { guarded, ratio, timeTogether, type Figure, type Subject, type TimingOptions } from './timing';

/** T, N = C and r of one adapted linear. */
const SHAPE = { rows: 256, width: 512, rank: 8, scale: 2 } as const;
/** Every E, and those that the sequence without fusion is timed for. */
const EXPERTS = [1, 4, 8, 16] as const;
const UNFUSED = [4, 8] as const;

export interface LowRankResults {
  /** Adapted ÷ frozen forward product, by E; the presum counts. */
  readonly forwardOverhead: Readonly<Record<string, Figure>>;
  /** Unfused ÷ fused forward product, by E. */
  readonly fusedSpeedup: Readonly<Record<string, Figure>>;
  readonly largestError: number;
}

/**
 * One linear with a MASA adapter, y = W x + s·B Σ_i A_i x, in f32: fused, as the formula is written, and frozen.
 *
 * @param variant of all frozen products
 */
export async function measureLowRank(
  gpu: GpuDevice,
  variant: GemmVariant,
  options: TimingOptions,
): Promise<LowRankResults> {
  const { rows, width, rank } = SHAPE;
  const matrices = {
    x: randomFloats(rows * width, 1),
    w: randomFloats(width * width, 2),
    a: randomFloats(16 * rank * width, 3),
    b: randomFloats(width * rank, 4),
  };
  const floats = (count: number) => new Float32Array(count);
  const bed = await openBed(gpu, {
    ...matrices,
    zeros: floats(width * rank),
    sums: floats(rank * width),
    y: floats(rows * width),
    u: floats(rows * rank),
    share: floats(rows * rank),
    increment: floats(rows * width),
    ...Object.fromEntries(EXPERTS.map((experts) => [`stack ${experts}`, stackTable([stackOf(experts)])])),
  });
  try {
    const product = (tail?: ForwardTail) => frozen(gpu, variant, tail);
    const base = await bed.subject('base', product());
    const subjects: { readonly subject: Subject; readonly experts: number }[] = [
      { subject: base, experts: 0 },
    ];
    for (const experts of EXPERTS) {
      const subject = await bed.subject(`fused ${experts}`, fused(experts, 'b', product));
      subjects.push({ subject, experts });
    }
    for (const experts of UNFUSED) {
      const subject = await bed.subject(`unfused ${experts}`, unfused(experts, product()));
      subjects.push({ subject, experts });
    }
    const silent = await bed.subject('fused with B = 0', fused(4, 'zeros', product));
    let largestError = 0;
    await guarded(gpu.device, async () => {
      const frozenProduct = forwardProduct(matrices.x, matrices.w, rows, width, width);
      for (const { subject, experts } of subjects) {
        const reference = experts === 0 ? frozenProduct : adapted(frozenProduct, matrices, experts);
        const actual = await bed.result(subject, 'y');
        largestError = Math.max(largestError, requireClose(subject.name, actual, reference));
      }
      const plain = await bed.result(base, 'y');
      const same = (await bed.result(silent, 'y')).every((value, i) => value === plain[i]);
      if (!same) throw new Error('an adapter with B = 0 changes the frozen product');
    });
    const timings = await timeTogether(
      gpu.device,
      subjects.map(({ subject }) => subject),
      options,
    );
    const byExperts = (experts: readonly number[], value: (e: number) => Figure) =>
      Object.fromEntries(experts.map((e) => [e, value(e)]));
    return {
      forwardOverhead: byExperts(EXPERTS, (e) => ratio(timings, `fused ${e}`, 'base')),
      fusedSpeedup: byExperts(UNFUSED, (e) => ratio(timings, `unfused ${e}`, `fused ${e}`)),
      largestError,
    };
  } finally {
    bed.destroy();
  }
}

const X = { buffer: 'x' };
const U = { buffer: 'u' };

function frozen(gpu: GpuDevice, variant: GemmVariant, tail: ForwardTail | undefined): Dispatch[] {
  const { rows, width } = SHAPE;
  const weight: Weight = { buffer: 'w', dtype: 'F32', shape: [width, width] };
  return matmul({
    label: 'frozen product',
    x: X,
    weight,
    tail,
    y: { view: { buffer: 'y' }, stride: width, offset: 0 },
    rows,
    kernels: pinnedKernels(usualKernels(gpu), variant),
    maxBinding: gpu.device.limits.maxStorageBufferBindingSize,
  });
}

function stackOf(experts: number): Stack {
  return { aOffset: 0, experts, elements: SHAPE.rank * SHAPE.width, sumOffset: 0 };
}

/** What the engine launches: the sum of the A's, where there are several, u = A_eff x, and the product with s·B u. */
function fused(experts: number, b: string, product: (tail: ForwardTail) => Dispatch[]): Dispatch[] {
  const { rows, width, rank, scale } = SHAPE;
  const a = experts === 1 ? 'a' : 'sums';
  const sum = presum({
    label: 'sum of the experts',
    a: { buffer: 'a' },
    table: { buffer: `stack ${experts}` },
    sums: { buffer: 'sums' },
    stacks: [stackOf(experts)],
  });
  const down = downProjection({
    label: 'u',
    x: X,
    a: { buffer: a },
    aOffset: 0,
    u: U,
    rows,
    inner: width,
    rank,
    modules: ['q_proj'],
  });
  const u = { view: U, stride: rank, offset: 0 };
  const tail: ForwardTail = { u, b: { buffer: b }, bOffset: 0, rank, scale };
  return [...(experts === 1 ? [] : [sum]), down, ...product(tail)];
}

function unfused(experts: number, base: readonly Dispatch[]): Dispatch[] {
  const { rows, width, rank, scale } = SHAPE;
  return unfusedForward({
    label: 'unfused',
    base,
    x: X,
    a: { buffer: 'a' },
    aOffset: 0,
    b: { buffer: 'b' },
    bOffset: 0,
    y: { buffer: 'y' },
    u: U,
    share: { buffer: 'share' },
    increment: { buffer: 'increment' },
    rows,
    inner: width,
    outs: width,
    rank,
    experts,
    scale,
  });
}

/** W x + s·B Σ_i A_i x in float64; every rounding of A_i x, of the sums and of B u is on the way of some term. */
function adapted(
  base: Reference,
  { x, a, b }: Readonly<Record<'x' | 'a' | 'b', Float32Array>>,
  experts: number,
): Reference {
  const { rows, width, rank, scale } = SHAPE;
  const sum = new Float64Array(rank * width);
  const sizes = new Float64Array(rank * width);
  for (let i = 0; i < experts * rank * width; i++) {
    const at = i % (rank * width);
    sum[at] = (sum[at] ?? 0) + (a[i] ?? 0);
    sizes[at] = (sizes[at] ?? 0) + Math.abs(a[i] ?? 0);
  }
  const magnitude = (values: Float32Array) => values.map(Math.abs);
  const u = forwardProduct(x, sum, rows, rank, width).values;
  const sizesOfU = forwardProduct(magnitude(x), sizes, rows, rank, width).values;
  const increment = forwardProduct(u, b, rows, width, rank).values;
  const sizesOfIncrement = forwardProduct(sizesOfU, magnitude(b), rows, width, rank).values;
  return {
    values: base.values.map((value, i) => value + scale * (increment[i] ?? 0)),
    magnitudes: base.magnitudes.map((size, i) => size + scale * (sizesOfIncrement[i] ?? 0)),
    roundings: 2 * width + experts + rank + 4,
  };
}
