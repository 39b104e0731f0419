import type { BufferSpec, Dispatch } from '../../gpu/dispatch';
import type { GpuDevice } from '../../gpu/device';
import { completePlan, openWorkspace, type Workspace } from '../../gpu/workspace';
import { matmul, matmulBackward } from '../matmul';
import { WEIGHT_BYTES, type Weight } from '../weight';
import {
  fits,
  GEMM_VARIANTS,
  gemmClass,
  gemmVariant,
  pinnedKernels,
  type GemmDirection,
  type GemmVariant,
  type KernelChoice,
  type Measured,
  type WeightShape,
} from './choice';

/** One frozen GEMM of a run. */
export interface GemmShape {
  readonly direction: GemmDirection;
  readonly weight: WeightShape;
  readonly rows: number;
}

export interface TuneOptions {
  /** What was measured before; these classes are not measured again. */
  readonly known?: Measured;
  /** Told before a class is measured: how many are done, of how many, and which one it is. */
  readonly onProgress?: ((done: number, total: number, name: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Seconds of one timed batch: long beside the coarsest clock (browsers round to 0.1 ms) and beside what a submit
 * and a wait cost.
 */
const BATCH_SECONDS = 0.02;
/** Batches of every variant; the best one counts, because others use the GPU too. */
const ROUNDS = 5;
/** A variant that is this much slower than the best in the first round is not timed again. */
const HOPELESS = 2;
/** The usual variant stays where no other is this much faster: less may be chance. */
const CLEARLY = 1.05;

/**
 * Measures the variants that fit each shape class, in turns so that a slow moment hits all of them, and keeps the
 * fastest.
 *
 * @param usual what runs where nothing is measured; also the device's subgroups and precision
 * @throws what `signal` aborts with; nothing stays allocated
 */
export async function measureGemms(
  gpu: GpuDevice,
  shapes: readonly GemmShape[],
  usual: KernelChoice,
  { known = {}, onProgress, signal }: TuneOptions = {},
): Promise<Measured> {
  const classes = new Map(shapes.map((shape) => [className(shape), shape]));
  const open = [...classes].filter(([name]) => known[name] === undefined);
  const measured: Record<string, GemmVariant> = { ...known };
  for (const [done, [name, shape]] of open.entries()) {
    onProgress?.(done, open.length, name);
    measured[name] = await fastest(gpu, shape, usual, signal);
  }
  return measured;
}

/** The classes of these shapes that were not measured. */
export function unmeasured(shapes: readonly GemmShape[], known: Measured): string[] {
  return [...new Set(shapes.map(className))].filter((name) => known[name] === undefined);
}

function className({ direction, weight, rows }: GemmShape): string {
  return gemmClass(direction, weight, rows);
}

async function fastest(
  gpu: GpuDevice,
  { direction, weight: { dtype, shape }, rows }: GemmShape,
  usual: KernelChoice,
  signal: AbortSignal | undefined,
): Promise<GemmVariant> {
  const weight: Weight = { buffer: 'w', dtype, shape };
  const variants = GEMM_VARIANTS.filter((variant) => fits(variant, direction, weight, usual));
  const [only = usual.usual] = variants;
  if (variants.length < 2) return only;
  const [outs = 0, inner = 0] = shape;
  const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
  const programs = variants.map((variant): [string, Dispatch[]] => {
    const kernels = pinnedKernels(usual, variant);
    const label = `measure ${variant}`;
    const [left, right] = [{ buffer: 'left' }, { buffer: 'right' }];
    return [
      variant,
      direction === 'nt'
        ? matmul({
            label,
            x: left,
            weight,
            y: { view: right, stride: outs, offset: 0 },
            rows,
            kernels,
            maxBinding,
          })
        : matmulBackward({
            label,
            dy: left,
            weight,
            dx: { view: right, stride: inner, offset: 0 },
            accumulate: false,
            rows,
            kernels,
            maxBinding,
          }),
    ];
  });
  const [wide, narrow] = direction === 'nt' ? [inner, outs] : [outs, inner];
  const spec = (name: string, bytes: number): BufferSpec => ({ name, bytes, part: 'io' });
  const plan = completePlan(
    [
      spec('w', Math.ceil((outs * inner * WEIGHT_BYTES[dtype]) / 4) * 4),
      spec('left', rows * wide * 4),
      spec('right', rows * narrow * 4),
      spec('unused', 4),
    ],
    Object.fromEntries(programs),
  );
  const workspace = await openWorkspace(gpu, plan, { shared: () => undefined });
  try {
    const times = await race(gpu.device, workspace, variants, signal);
    const [best = only] = [...times].sort((a, b) => a[1] - b[1]).map(([variant]) => variant);
    const preferred = gemmVariant({ ...usual, gemm: {} }, direction, weight, rows);
    const gain = (times.get(preferred) ?? Number.POSITIVE_INFINITY) / (times.get(best) ?? 0);
    return gain < CLEARLY ? preferred : best;
  } finally {
    workspace.destroy();
  }
}

/** Times the variants in turns: seconds of one launch, by variant, without the hopeless ones. */
async function race(
  device: GPUDevice,
  workspace: Workspace,
  variants: readonly GemmVariant[],
  signal: AbortSignal | undefined,
): Promise<Map<GemmVariant, number>> {
  const time = async (variant: GemmVariant, times: number): Promise<number> => {
    signal?.throwIfAborted();
    const start = performance.now();
    workspace.run(
      Array.from({ length: times }, () => variant),
      {},
    );
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / 1000 / times;
  };
  const runners = [];
  for (const variant of variants) {
    await time(variant, 1); // drivers compile at the first launch
    let times = 1;
    let best = await time(variant, times);
    while (best * times < BATCH_SECONDS && times < 1024) {
      times *= 2;
      best = await time(variant, times);
    }
    runners.push({ variant, times, best });
  }
  const hopeless = HOPELESS * Math.min(...runners.map(({ best }) => best));
  const left = runners.filter(({ best }) => best <= hopeless);
  for (let round = 1; round < ROUNDS && left.length > 1; round++) {
    for (const runner of left) {
      runner.best = Math.min(runner.best, await time(runner.variant, runner.times));
    }
  }
  return new Map(left.map(({ variant, best }) => [variant, best]));
}
