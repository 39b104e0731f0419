import { UserError } from '../../config/errors';
import { modulePath } from '../../config/modules';
import type { Adapter } from '../adapters/adapter';
import { adapterLayout, type AdapterTensor } from '../adapters/layout';
import { METHODS } from '../adapters/registry';

/** The one pair A, B that a module of a layer amounts to: y = W x + (lora_alpha / r)·B A x. */
export interface LoraPair {
  /** Path of the module in the Hugging Face model, `model.layers.0.self_attn.q_proj`. */
  readonly path: string;
  /** f32 [R, in] = Σ_i A_i of the layer's group, or their mean. */
  readonly a: { readonly shape: readonly [number, number]; readonly values: Float32Array };
  /** f32 [out, R] */
  readonly b: { readonly shape: readonly [number, number]; readonly values: Float32Array };
}

/**
 * An adapter as plain LoRA, exactly: because its experts are summed, Σ_i (A_i x) = (Σ_i A_i) x. The sum (or mean) is
 * taken in f64 and rounded once. Layers of a group get the same A. By layer, then in the order of the forward pass.
 * Throws UserError for an adapter with routers.
 */
export function effectiveLora(adapter: Adapter): LoraPair[] {
  const { block, tensors } = adapterLayout(adapter.config, adapter.base.config);
  if (block.mix === 'router') {
    const problem = `the routers of ${METHODS[adapter.config.method].label} weigh the experts anew for each token, which no LoRA file can express`;
    throw new UserError(
      'export',
      problem,
      'keep adapter_native.safetensors, the native form, which holds all of it',
    );
  }
  const share = block.mix === 'mean' ? block.downs : 1;
  const sums = new Map<string, { shape: readonly [number, number]; sum: Float64Array }>();
  for (const tensor of tensors.filter(({ role }) => role === 'A')) {
    const key = `${tensor.module} ${tensor.index}`;
    const values = valuesOf(adapter, tensor);
    const entry = sums.get(key) ?? { shape: tensor.shape, sum: new Float64Array(values.length) };
    sums.set(key, entry);
    values.forEach((value, i) => {
      entry.sum[i] = (entry.sum[i] ?? 0) + value;
    });
  }
  const effective = new Map(
    [...sums].map(([key, { shape, sum }]) => [
      key,
      { shape, values: Float32Array.from(sum, (value) => value / share) },
    ]),
  );
  return tensors
    .filter(({ role }) => role === 'B')
    .map((tensor) => {
      const a = effective.get(`${tensor.module} ${Math.floor(tensor.index / block.groupSize)}`);
      if (a === undefined) throw new Error(`${tensor.name} has no A`);
      return {
        path: `model.layers.${tensor.index}.${modulePath(tensor.module)}`,
        a,
        b: { shape: tensor.shape, values: valuesOf(adapter, tensor) },
      };
    });
}

function valuesOf(adapter: Adapter, { offset, shape }: AdapterTensor): Float32Array {
  return adapter.values.subarray(offset, offset + shape[0] * shape[1]);
}
