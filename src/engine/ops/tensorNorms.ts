import reduceLib from '../../../shaders/lib/reduce.wgsl?raw';
import stepLib from '../../../shaders/lib/step.wgsl?raw';
import source from '../../../shaders/tensorNorms.wgsl?raw';
import { dispatch, foldGrid, type BufferView, type Dispatch } from '../gpu/dispatch';
import { makeKernel, type Kernel } from '../gpu/shader';
import { ADAMW, type GradientRun } from './adamw';

const kernel = makeKernel('tensorNorms', source, [reduceLib, stepLib]);

export const tensorNormsKernels: readonly Kernel[] = [kernel];

/** Contents of the table that the kernel walks: [weight, gradient, length] of every tensor, in elements. */
export function tensorTable(runs: readonly GradientRun[]): Uint32Array<ArrayBuffer> {
  return new Uint32Array(runs.flatMap(({ weight, gradient, length }) => [weight, gradient, length]));
}

export interface TensorNormsArgs {
  readonly weights: BufferView;
  readonly gradient: BufferView;
  readonly m: BufferView;
  readonly v: BufferView;
  /** u32 [T, 3], by tensorTable. */
  readonly tensors: BufferView;
  /** f32 [T, 2]: norm of the gradient before clipping, norm of the last update. */
  readonly norms: BufferView;
  /** T, at least 1. */
  readonly count: number;
  readonly weightDecay: number;
}

/** How large the gradient and the last update of every tensor were. Reads learningRate, bias1 and bias2 of the step. */
export function tensorNorms({ count, weightDecay, ...bind }: TensorNormsArgs): Dispatch {
  return dispatch(
    'norms by tensor',
    kernel,
    bind,
    { tensors: count, epsilon: ADAMW.epsilon, weight_decay: weightDecay },
    foldGrid(count),
  );
}
