import type { RunConfig } from '../../config/runConfig';
import type { BaseModel } from '../model/baseModel';
import { headChunk } from '../model/activations';
import type { LlamaConfig } from '../model/llamaConfig';
import type { ModelWeights } from '../model/weights';
import type { KernelChoice, Measured } from '../ops/gemm/choice';
import { measureGemms, unmeasured, type GemmShape, type TuneOptions } from '../ops/gemm/tune';

/** Every frozen GEMM of a training step, forward and backward. */
export function trainingGemms(
  config: LlamaConfig,
  weights: ModelWeights,
  run: RunConfig,
  maxBinding: number,
): GemmShape[] {
  const rows = run.per_device_train_batch_size * run.max_length;
  const linears = weights.layers.flatMap((layer) => Object.values(layer.linears));
  const both = (shape: Omit<GemmShape, 'direction'>): GemmShape[] => [
    { direction: 'nt', ...shape },
    { direction: 'nn', ...shape },
  ];
  return [
    ...linears.flatMap(({ weight }) => both({ weight, rows })),
    ...both({ weight: weights.head, rows: headChunk(rows, config.vocabSize, maxBinding) }),
  ];
}

/** Multiplications and additions of all frozen GEMMs of a run. */
function runFlops(weights: ModelWeights, run: RunConfig): number {
  const rows = run.per_device_train_batch_size * run.max_length * run.gradient_accumulation_steps;
  const product = ({ shape: [outs = 0, inner = 0] }: { readonly shape: readonly number[] }) =>
    2 * rows * outs * inner;
  const linears = weights.layers.flatMap((layer) => Object.values(layer.linears));
  const pass = linears.reduce((sum, { weight }) => sum + product(weight), product(weights.head));
  return 2 * pass * run.max_steps;
}

/**
 * A measurement takes some seconds on a GPU, and half a minute on a software adapter, which compiles slowly. It is
 * made for runs that last many times as long: from these flops on, at the 10 GFLOP/s and 1 TFLOP/s of such adapters.
 */
const WORTH_FLOPS = { software: 2e13, hardware: 1e14 } as const;

/**
 * The kernels for a run: the usual ones of the device, with what was measured to be faster. Measures only where that
 * pays, or is asked for; what is known already costs nothing and is always used.
 *
 * @param measure true to measure in any case, false never
 * @returns the choice for createTrainer, and all measurements, to be kept for the next run on this adapter
 */
export async function tuneRun(
  base: BaseModel,
  run: RunConfig,
  options: TuneOptions & { readonly measure?: boolean | undefined } = {},
): Promise<{ readonly kernels: KernelChoice; readonly measured: Measured }> {
  const { config, gpu, kernels, weights } = base;
  const { known = {} } = options;
  const shapes = trainingGemms(config, weights, run, gpu.device.limits.maxStorageBufferBindingSize);
  const worth = runFlops(weights, run) >= WORTH_FLOPS[gpu.info.fallback ? 'software' : 'hardware'];
  const measure = (options.measure ?? worth) && unmeasured(shapes, known).length > 0;
  const measured = measure ? await measureGemms(gpu, shapes, kernels, options) : known;
  return { kernels: { ...kernels, gemm: measured }, measured };
}

/** Identifies an adapter and the kernels that it can run, as the key under which measurements are kept. */
export function measurementKey({ gpu, kernels }: Pick<BaseModel, 'gpu' | 'kernels'>): string {
  const { name, vendor, architecture } = gpu.info;
  return [name, vendor, architecture, `subgroups ${kernels.subgroupSize ?? 'none'}`].join(' / ');
}
