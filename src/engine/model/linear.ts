import type { ModuleName } from '../../config/modules';
import type { BufferView, Dispatch } from '../gpu/dispatch';
import type { BackwardTail, ForwardTail } from '../ops/operands';

/**
 * What an adapter does at the model's linear layers. The model calls it and never knows which method it is.
 *
 * `modules` are always the linears that read one and the same x (see INPUT_SETS), so that an adapter may serve
 * them in one launch. In a backward pass layers and sets come in the reverse order of the forward pass.
 */
export interface LinearHook {
  /** Launches that must run before the linears `modules` of a layer: the down-projections of x. */
  project(layer: number, modules: readonly ModuleName[], x: BufferView): Dispatch[];
  /** What is added to the output of one linear, or nothing where it is not adapted. */
  forwardTail(layer: number, module: ModuleName): ForwardTail | undefined;
  /**
   * Launches that add the gradients of the adapter's tensors and prepare the backward tails.
   *
   * @param x input of the linears, as in the forward pass
   * @param dy gradient of each linear's output
   */
  backward(layer: number, modules: readonly ModuleName[], x: BufferView, dy: Gradients): Dispatch[];
  /** What is added to the gradient of the linear's input; valid after `backward` of its set. */
  backwardTails(layer: number, module: ModuleName): readonly BackwardTail[];
}

export type Gradients = Readonly<Partial<Record<ModuleName, BufferView>>>;

/** The base model as it is. */
export const NO_ADAPTER: LinearHook = {
  project: () => [],
  forwardTail: () => undefined,
  backward: () => [],
  backwardTails: () => [],
};
