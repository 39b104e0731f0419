import type { GpuDevice } from '../engine/gpu/device';
import type { BufferView, Dispatch } from '../engine/gpu/dispatch';
import {
  fits,
  GEMM_VARIANTS,
  pinnedKernels,
  usualKernels,
  type GemmDirection,
  type GemmVariant,
} from '../engine/ops/gemm/choice';
import { matmul, matmulBackward } from '../engine/ops/matmul';
import type { Weight, WeightDtype } from '../engine/ops/weight';
import { openBed, type Bed } from './bed';
import { naiveBackward, naiveForward } from './naive';
import { fromBf16, randomFloats, toBf16 } from './random';
import { forwardProduct, requireClose, transpose, type Reference } from './reference';
import { fromTime, guarded, timeTogether, type Figure, type Subject, type TimingOptions } from './timing';

/** M, N and K: a weight [outs, inner] of a small model's MLP and 256 rows. */
export const GEMM_SHAPE = { rows: 256, outs: 1536, inner: 512 } as const;

const DIRECTIONS: readonly GemmDirection[] = ['nt', 'nn'];

/** Rates in GFLOP/s (2·M·N·K a product) of one direction. */
export interface GemmRates {
  /** One thread an output. */
  readonly naive: Figure;
  /** The fastest variant for weights in f32 and in bf16. */
  readonly f32: Figure;
  readonly bf16: Figure;
}

export interface GemmResults {
  readonly rates: Readonly<Record<GemmDirection, GemmRates>>;
  /** Which variant was the fastest. */
  readonly winners: Readonly<Record<GemmDirection, Readonly<Record<'f32' | 'bf16', GemmVariant>>>>;
  /** Rates of all variants that fit the device. */
  readonly variants: Readonly<Record<string, Figure>>;
  /** Largest error of any result, in units of the largest value. */
  readonly largestError: number;
}

/** Measures the naive product and every variant of the engine's that fits the device, all in turns. */
export async function measureGemmRates(gpu: GpuDevice, options: TimingOptions): Promise<GemmResults> {
  const { bed, references } = await openGemmBed(gpu);
  try {
    const subjects = await gemmSubjects(gpu, bed);
    let largestError = 0;
    await guarded(gpu.device, async () => {
      for (const { subject, direction, precision } of subjects) {
        const actual = await bed.result(subject, OUTPUT[direction].buffer);
        const reference = references[direction][precision];
        largestError = Math.max(largestError, requireClose(subject.name, actual, reference));
      }
    });
    const timings = await timeTogether(
      gpu.device,
      subjects.map(({ subject }) => subject),
      options,
    );
    const rate = (subject: Subject) => fromTime(timings, subject.name, gigaflops);
    const best = (direction: GemmDirection, precision: Precision) => {
      const [first, ...others] = subjects.filter(
        (entry) =>
          entry.variant !== undefined && entry.direction === direction && entry.precision === precision,
      );
      if (first === undefined) throw new Error('there is no variant for this device');
      return others.reduce((a, b) => (rate(b.subject).best > rate(a.subject).best ? b : a), first);
    };
    const naive = (direction: GemmDirection) => fromTime(timings, `${direction} naive`, gigaflops);
    const ratesOf = (direction: GemmDirection): GemmRates => ({
      naive: naive(direction),
      f32: rate(best(direction, 'f32').subject),
      bf16: rate(best(direction, 'bf16').subject),
    });
    const winnersOf = (direction: GemmDirection) => ({
      f32: best(direction, 'f32').variant ?? 'tile 32x32',
      bf16: best(direction, 'bf16').variant ?? 'tile 32x32',
    });
    return {
      rates: { nt: ratesOf('nt'), nn: ratesOf('nn') },
      winners: { nt: winnersOf('nt'), nn: winnersOf('nn') },
      variants: Object.fromEntries(subjects.map(({ subject }) => [subject.name, rate(subject)])),
      largestError,
    };
  } finally {
    bed.destroy();
  }
}

/** GFLOP/s of the product of GEMM_SHAPE that takes so many seconds. */
export function gigaflops(seconds: number): number {
  const { rows, outs, inner } = GEMM_SHAPE;
  return (2 * rows * outs * inner) / seconds / 1e9;
}

type Precision = 'f32' | 'bf16';

const DTYPES: Readonly<Record<Precision, WeightDtype>> = { f32: 'F32', bf16: 'BF16' };
const INPUT: Readonly<Record<GemmDirection, BufferView>> = { nt: { buffer: 'x' }, nn: { buffer: 'dy' } };
const OUTPUT: Readonly<Record<GemmDirection, BufferView>> = { nt: { buffer: 'y' }, nn: { buffer: 'dx' } };

async function openGemmBed(gpu: GpuDevice) {
  const { rows, outs, inner } = GEMM_SHAPE;
  const x = randomFloats(rows * inner, 1);
  const dy = randomFloats(rows * outs, 2);
  const w = randomFloats(outs * inner, 3);
  const halves = toBf16(w);
  const rounded = fromBf16(halves);
  const bed = await openBed(gpu, {
    x,
    dy,
    f32: w,
    bf16: halves,
    y: new Float32Array(rows * outs),
    dx: new Float32Array(rows * inner),
  });
  const forward = (weights: Float32Array) => forwardProduct(x, weights, rows, outs, inner);
  const backward = (weights: Float32Array) =>
    forwardProduct(dy, transpose(weights, outs, inner), rows, inner, outs);
  const references: Record<GemmDirection, Record<Precision, Reference>> = {
    nt: { f32: forward(w), bf16: forward(rounded) },
    nn: { f32: backward(w), bf16: backward(rounded) },
  };
  return { bed, references };
}

interface Entry {
  readonly subject: Subject;
  readonly direction: GemmDirection;
  readonly precision: Precision;
  /** Undefined for the naive product. */
  readonly variant: GemmVariant | undefined;
}

async function gemmSubjects(gpu: GpuDevice, bed: Bed): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const direction of DIRECTIONS) {
    const launch = direction === 'nt' ? naiveForward : naiveBackward;
    const naive = launch(INPUT[direction], { buffer: 'f32' }, OUTPUT[direction], GEMM_SHAPE);
    const subject = await bed.subject(`${direction} naive`, [naive]);
    entries.push({ subject, direction, precision: 'f32', variant: undefined });
    for (const precision of ['f32', 'bf16'] as const) {
      const weight = weightOf(precision);
      const usual = usualKernels(gpu);
      for (const variant of GEMM_VARIANTS.filter((each) => fits(each, direction, weight, usual))) {
        const name = `${direction} ${precision} ${variant}`;
        const product = gemmLaunches(gpu, direction, precision, variant);
        entries.push({ subject: await bed.subject(name, product), direction, precision, variant });
      }
    }
  }
  return entries;
}

function weightOf(precision: Precision): Weight {
  return { buffer: precision, dtype: DTYPES[precision], shape: [GEMM_SHAPE.outs, GEMM_SHAPE.inner] };
}

/** The engine's product of GEMM_SHAPE in one variant. */
function gemmLaunches(
  gpu: GpuDevice,
  direction: GemmDirection,
  precision: Precision,
  variant: GemmVariant,
): Dispatch[] {
  const { rows, outs, inner } = GEMM_SHAPE;
  const common = {
    label: `${direction} ${precision}`,
    weight: weightOf(precision),
    rows,
    kernels: pinnedKernels(usualKernels(gpu), variant),
    maxBinding: gpu.device.limits.maxStorageBufferBindingSize,
  };
  if (direction === 'nt') {
    return matmul({ ...common, x: INPUT.nt, y: { view: OUTPUT.nt, stride: outs, offset: 0 } });
  }
  const dx = { view: OUTPUT.nn, stride: inner, offset: 0 };
  return matmulBackward({ ...common, dy: INPUT.nn, dx, accumulate: false });
}

/** The f32 products by given variants alone, to be timed beside something else. */
export async function openGemms(
  gpu: GpuDevice,
  winners: GemmResults['winners'],
): Promise<{ readonly subjects: readonly Subject[]; destroy(): void }> {
  const { rows, outs, inner } = GEMM_SHAPE;
  const bed = await openBed(gpu, {
    x: randomFloats(rows * inner, 1),
    dy: randomFloats(rows * outs, 2),
    f32: randomFloats(outs * inner, 3),
    y: new Float32Array(rows * outs),
    dx: new Float32Array(rows * inner),
  });
  const subjects: Subject[] = [];
  for (const direction of DIRECTIONS) {
    const launches = gemmLaunches(gpu, direction, 'f32', winners[direction].f32);
    subjects.push(await bed.subject(direction, launches));
  }
  return {
    subjects,
    destroy: () => {
      bed.destroy();
    },
  };
}
