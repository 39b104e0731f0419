import type { GpuDevice } from '../../gpu/device';
import type { Weight } from '../weight';

/**
 * The ways in which a frozen GEMM can be computed: three families (see shaders/matmul*.wgsl), each with tiles of
 * rows × columns. All accumulate in f32, but in different orders.
 */
export const GEMM_VARIANTS = [
  'tile 32x32',
  'direct 8x8',
  'direct 16x8',
  'subgroup 16x4',
  'subgroup 16x8',
] as const;
export type GemmVariant = (typeof GEMM_VARIANTS)[number];

/** What a choice depends on. */
export type WeightShape = Pick<Weight, 'dtype' | 'shape'>;

/** nt: y = x Wᵀ, the forward product. nn: dx = dy W, through the same stored W. */
export type GemmDirection = 'nt' | 'nn';

/**
 * Which kernels a run uses, as plain data: resolved before its first step, written into its files, and restored
 * when it goes on, because another kernel sums in another order and so gives other last bits.
 */
export interface KernelChoice {
  /** For every GEMM that is not listed. */
  readonly usual: GemmVariant;
  /** What was measured to be faster, by shape class (see `gemmClass`). */
  readonly gemm: Measured;
  /** Width of the subgroups that the subgroup family was built for; undefined where it may not be used. */
  readonly subgroupSize: number | undefined;
  /** Weights in f16 are read as such (shader-f16) instead of unpacked from words. */
  readonly nativeF16: boolean;
}

/** The fastest variants that were measured on one adapter, by shape class. */
export type Measured = Readonly<Record<string, GemmVariant>>;

/** Widths with which the subgroup family is tested; on others it is not used. */
const TESTED_SUBGROUPS: readonly number[] = [4, 8, 16];

/** Shapes that share a measurement: direction, precision, few or many rows, and the weight's own shape. */
export function gemmClass(direction: GemmDirection, { dtype, shape }: WeightShape, rows: number): string {
  return `${direction} ${dtype} ${shape.join('x')} rows ${rowClass(rows)}`;
}

/** Rows up to the next power of two. */
function rowClass(rows: number): number {
  return 2 ** Math.ceil(Math.log2(rows));
}

/** The variant for one GEMM: as chosen, or the tile of 32 × 32, which takes everything, where that does not fit. */
export function gemmVariant(
  choice: KernelChoice,
  direction: GemmDirection,
  weight: Weight,
  rows: number,
): GemmVariant {
  const wanted = choice.gemm[gemmClass(direction, weight, rows)] ?? narrowed(choice.usual, direction, weight);
  return fits(wanted, direction, weight, choice) ? wanted : 'tile 32x32';
}

/** A subgroup tile is 256 columns wide; where that would leave half of it without work, the one of 128 is used. */
function narrowed(
  usual: GemmVariant,
  direction: GemmDirection,
  { shape: [outs = 0, inner = 0] }: WeightShape,
) {
  const columns = direction === 'nt' ? outs : inner;
  return usual === 'subgroup 16x8' && columns <= 128 ? 'subgroup 16x4' : usual;
}

/** Whether a variant can compute a GEMM of this shape on this device. */
export function fits(
  variant: GemmVariant,
  direction: GemmDirection,
  { shape }: WeightShape,
  { subgroupSize }: Pick<KernelChoice, 'subgroupSize'>,
): boolean {
  const [outs = 0, inner = 0] = shape;
  if (variant.startsWith('tile')) return true;
  if (variant.startsWith('subgroup') && subgroupSize === undefined) return false;
  return inner % 4 === 0 && (direction === 'nt' || outs % 4 === 0);
}

/** What runs everywhere; for plans of which only the buffers matter, and for narrow products. */
export const ANY_DEVICE: KernelChoice = {
  usual: 'tile 32x32',
  gemm: {},
  subgroupSize: undefined,
  nativeF16: false,
};

/** The kernels that are usually good on a device, where nothing was measured. */
export function usualKernels(gpu: Pick<GpuDevice, 'info' | 'subgroupSize' | 'shaderF16'>): KernelChoice {
  const { subgroupSize } = gpu;
  const tested = isTested(subgroupSize);
  // Software adapters compute on vectors of the processor: registers pay, workgroup memory does not. Where shuffles
  // are cheap, which is with subgroups of eight and more, they spare loads.
  const software = isTested(subgroupSize) && subgroupSize >= 8 ? 'subgroup 16x8' : 'direct 16x8';
  return {
    usual: gpu.info.fallback ? software : 'tile 32x32',
    gemm: {},
    subgroupSize: tested ? subgroupSize : undefined,
    nativeF16: false,
  };
}

/** The same device with one variant for everything that it fits. */
export function pinnedKernels(choice: KernelChoice, variant: GemmVariant): KernelChoice {
  return { ...choice, usual: variant, gemm: {} };
}

/** One line for people: what is usual, and how many shapes go another way. */
export function describeKernels({ usual, gemm, subgroupSize }: KernelChoice): string {
  const others = Object.values(gemm).filter((variant) => variant !== usual).length;
  const width = subgroupSize === undefined ? '' : `, subgroups of ${subgroupSize}`;
  return `${usual}${others > 0 ? ` and ${others} measured otherwise` : ''}${width}`;
}

/** A choice out of a file; undefined where it is none. */
export function readKernelChoice(value: unknown): KernelChoice | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { usual, gemm, subgroupSize, nativeF16 } = value as Record<string, unknown>;
  if (!isVariant(usual) || typeof nativeF16 !== 'boolean') return undefined;
  if (subgroupSize !== undefined && subgroupSize !== null && !isTested(subgroupSize)) return undefined;
  if (!isMeasured(gemm)) return undefined;
  return { usual, gemm, subgroupSize: subgroupSize ?? undefined, nativeF16 };
}

/** Whether something out of a file is a table of measured variants. */
export function isMeasured(value: unknown): value is Measured {
  return typeof value === 'object' && value !== null && Object.values(value).every(isVariant);
}

/** Whether a device can run a choice that was made on another day or another device. */
export function canRun(choice: KernelChoice, gpu: Pick<GpuDevice, 'subgroupSize' | 'shaderF16'>): boolean {
  const { subgroupSize, nativeF16 } = choice;
  return (subgroupSize === undefined || subgroupSize === gpu.subgroupSize) && (!nativeF16 || gpu.shaderF16);
}

function isVariant(value: unknown): value is GemmVariant {
  return GEMM_VARIANTS.some((variant) => variant === value);
}

function isTested(value: unknown): value is number {
  return TESTED_SUBGROUPS.some((width) => width === value);
}
