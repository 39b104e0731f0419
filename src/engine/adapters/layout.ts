import { INPUT_SETS, modulePath, type ModuleName } from '../../config/modules';
import type { RunConfig } from '../../config/runConfig';
import type { LlamaConfig } from '../model/llamaConfig';
import { linearShape } from '../model/tensorShapes';
import type { LowRankBlock } from './adapterMethod';
import { METHODS } from './registry';

export type AdapterShapeConfig = Pick<
  RunConfig,
  'method' | 'num_experts' | 'group_size' | 'r' | 'target_modules'
>;

/** One trainable tensor inside the flat adapter buffer (f32, row-major). */
export interface AdapterTensor {
  /** Name in the native file, for example `groups.0.self_attn.q_proj.lora_A.1.weight`. */
  readonly name: string;
  readonly role: 'A' | 'B';
  readonly module: ModuleName;
  /** Index of the group of layers (A) or of the layer (B). */
  readonly index: number;
  /** Index i of the expert among the A's; 0 for B. */
  readonly expert: number;
  /** A: [R, in]. B: [out, R]. */
  readonly shape: readonly [number, number];
  /** First element in the flat buffer. */
  readonly offset: number;
}

export interface AdapterLayout {
  readonly block: LowRankBlock;
  /** In buffer order; offsets are dense. */
  readonly tensors: readonly AdapterTensor[];
  /** The modules that are adapted, in the model's order. */
  readonly targets: readonly ModuleName[];
  /**
   * The tensor of a module: A of a group and expert, or B of a layer.
   *
   * @throws Error when there is none
   */
  find(role: 'A' | 'B', module: ModuleName, index: number, expert?: number): AdapterTensor;
  /** Number of trainable weights: Σ_m [ceil(L/S)·E·R·in_m + L·R·out_m]. */
  readonly size: number;
}

/**
 * Where every trainable tensor lies in the one flat f32 buffer that holds the adapter (and, in the same
 * order, AdamW's moments). A's first, by group, then by the modules that read the same x, then by module
 * and expert, so that one dispatch can project x for all of them; then the B's by layer.
 */
export function adapterLayout(adapter: AdapterShapeConfig, config: LlamaConfig): AdapterLayout {
  const block = METHODS[adapter.method].block(adapter);
  const targets = INPUT_SETS.flat().filter((module) => adapter.target_modules.includes(module));
  const tensors: AdapterTensor[] = [];
  let size = 0;
  const add = (tensor: Omit<AdapterTensor, 'offset'>) => {
    tensors.push({ ...tensor, offset: size });
    size += tensor.shape[0] * tensor.shape[1];
  };
  for (let group = 0; group < Math.ceil(config.layers / block.groupSize); group++) {
    for (const module of targets) {
      for (let expert = 0; expert < block.downs; expert++) {
        add({
          name: `groups.${group}.${modulePath(module)}.lora_A.${expert}.weight`,
          role: 'A',
          module,
          index: group,
          expert,
          shape: [adapter.r, linearShape(config, module)[1]],
        });
      }
    }
  }
  for (let layer = 0; layer < config.layers; layer++) {
    for (const module of targets) {
      add({
        name: `layers.${layer}.${modulePath(module)}.lora_B.weight`,
        role: 'B',
        module,
        index: layer,
        expert: 0,
        shape: [linearShape(config, module)[0], adapter.r],
      });
    }
  }
  const byKey = new Map(tensors.map((tensor) => [key(tensor), tensor]));
  const find: AdapterLayout['find'] = (role, module, index, expert = 0) => {
    const tensor = byKey.get(key({ role, module, index, expert }));
    if (tensor === undefined)
      throw new Error(`the adapter has no ${role} ${expert} of ${module} at ${index}`);
    return tensor;
  };
  return { block, tensors, targets, find, size };
}

function key({ role, module, index, expert }: Pick<AdapterTensor, 'role' | 'module' | 'index' | 'expert'>) {
  return `${role} ${module} ${index} ${expert}`;
}
