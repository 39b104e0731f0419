import { INPUT_SETS, modulePath, type ModuleName } from '../../config/modules';
import type { RunConfig } from '../../config/runConfig';
import type { LlamaConfig } from '../model/llamaConfig';
import { linearShape } from '../model/tensorShapes';
import type { LowRankBlock } from './adapterMethod';
import { METHODS } from './registry';

export type AdapterShapeConfig = Pick<
  RunConfig,
  'method' | 'num_experts' | 'group_size' | 'expert_mix' | 'r' | 'target_modules'
>;

export type TensorRole = 'A' | 'B' | 'router';

/** One trainable tensor inside the flat adapter buffer (f32, row-major). */
export interface AdapterTensor {
  /** Name in the native file, for example `groups.0.self_attn.q_proj.lora_A.1.weight`. */
  readonly name: string;
  readonly role: TensorRole;
  readonly module: ModuleName;
  /** Index of the group of layers (A) or of the layer (B, router). */
  readonly index: number;
  /** Index i of the expert among the A's or the B's; 0 for a router. */
  readonly expert: number;
  /** A: [R, in]. B: [out, R]. Router: [E, in]. */
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
   * The tensor of a module: A of a group and expert, B of a layer and expert, or router of a layer.
   *
   * @throws Error when there is none
   */
  find(role: TensorRole, module: ModuleName, index: number, expert?: number): AdapterTensor;
  /** Number of trainable weights: Σ_m [ceil(L/S)·downs·R·in_m + L·ups·R·out_m], and with routers + Σ_m L·E·in_m. */
  readonly size: number;
}

/**
 * Where every trainable tensor lies in the one flat f32 buffer that holds the adapter (and, in the same
 * order, AdamW's moments). A's first, by group, then by the modules that read the same x, then by module
 * and expert, so that one dispatch can project x for all of them; then the B's by layer, module and expert; then the
 * routers by layer and module, in the order of the A's for the same reason.
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
      for (let expert = 0; expert < block.ups; expert++) {
        const which = block.ups === 1 ? 'lora_B' : `lora_B.${expert}`;
        add({
          name: `layers.${layer}.${modulePath(module)}.${which}.weight`,
          role: 'B',
          module,
          index: layer,
          expert,
          shape: [linearShape(config, module)[0], adapter.r],
        });
      }
    }
  }
  for (let layer = 0; layer < (block.mix === 'router' ? config.layers : 0); layer++) {
    for (const module of targets) {
      add({
        name: `layers.${layer}.${modulePath(module)}.lora_route.weight`,
        role: 'router',
        module,
        index: layer,
        expert: 0,
        shape: [expertsOf(block), linearShape(config, module)[1]],
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

/** E, the experts that a block mixes: its down-projections, its up-projections, or its pairs. */
export function expertsOf({ downs, ups }: LowRankBlock): number {
  return Math.max(downs, ups);
}

/** s = lora_alpha / r, the factor of the increment; for the mean of E experts it holds the division by E too. */
export function adapterScale(adapter: AdapterShapeConfig & Pick<RunConfig, 'lora_alpha'>): number {
  const { mix, downs } = METHODS[adapter.method].block(adapter);
  return adapter.lora_alpha / adapter.r / (mix === 'mean' ? downs : 1);
}
