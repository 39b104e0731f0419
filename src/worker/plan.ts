import type { RunConfig } from '../config/runConfig';
import { validateRunConfig } from '../config/validate';
import { inferenceAdapter } from '../engine/adapters/attach';
import type { Checkpoint } from '../engine/model/checkpoint';
import { planGeneration } from '../engine/model/generate';
import { weightInfo } from '../engine/model/weights';
import { ANY_DEVICE } from '../engine/ops/gemm/choice';
import { planTraining } from '../engine/train/plan';
import type { PlanInfo } from './protocol';
import { samplingCapacity } from './sampling';

/** Limits that WebGPU guarantees, for plans made before a device is there. */
const LEAST_LIMITS = { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 };

/**
 * What a run would take, the continuation of texts included.
 *
 * @param limits of the device, where there is one
 * @throws UserError for a setting that is out of range for the model
 */
export function planRun(
  checkpoint: Checkpoint,
  settings: RunConfig,
  limits: Pick<GPUSupportedLimits, keyof typeof LEAST_LIMITS> = LEAST_LIMITS,
): PlanInfo {
  const { config } = checkpoint;
  const weights = weightInfo(checkpoint);
  const run = validateRunConfig(settings, { layers: config.layers });
  const { maxStorageBufferBindingSize: maxBinding, maxBufferSize: memoryBudget } = limits;
  const training = planTraining({ config, weights, run, maxBinding, memoryBudget });
  const adapter = inferenceAdapter(config, run, () => undefined);
  const capacity = samplingCapacity(config);
  const generation = planGeneration(config, weights, adapter, capacity, ANY_DEVICE, maxBinding);
  const sampling = generation.buffers.reduce((sum, buffer) => sum + buffer.bytes, 0);
  const { trainableParameters, baseParameters, recomputed, bytes } = training;
  const { name, bytes: size } = [...training.buffers, ...weights.buffers, ...generation.buffers].reduce(
    (a, b) => (b.bytes > a.bytes ? b : a),
  );
  return {
    trainableParameters,
    baseParameters,
    recomputed,
    bytes: { ...bytes, sampling, total: bytes.total + sampling },
    largest: { name, bytes: size, limit: limits.maxBufferSize },
  };
}
