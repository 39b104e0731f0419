import { MODULES, modulePath, type ModuleName } from '../../config/modules';
import type { LlamaConfig } from './llamaConfig';

/** Names and shapes of all weights that a LLaMA model of this shape needs, by Hugging Face name, in model order. */
export function tensorShapes(config: LlamaConfig): Map<string, readonly number[]> {
  const { vocabSize: V, hiddenSize: C } = config;
  const shapes = new Map<string, readonly number[]>([['model.embed_tokens.weight', [V, C]]]);
  for (let layer = 0; layer < config.layers; layer++) {
    const path = `model.layers.${layer}`;
    shapes.set(`${path}.input_layernorm.weight`, [C]);
    shapes.set(`${path}.post_attention_layernorm.weight`, [C]);
    for (const module of MODULES) {
      const [out, input] = linearShape(config, module);
      shapes.set(`${path}.${modulePath(module)}.weight`, [out, input]);
      const biased = modulePath(module).startsWith('mlp.') ? config.mlpBias : config.attentionBias;
      if (biased) shapes.set(`${path}.${modulePath(module)}.bias`, [out]);
    }
  }
  shapes.set('model.norm.weight', [C]);
  if (!config.tieWordEmbeddings) shapes.set('lm_head.weight', [V, C]);
  return shapes;
}

/** Number of weights of a LLaMA model of this shape, a tied head counted once. */
export function weightCount(config: LlamaConfig): number {
  return [...tensorShapes(config).values()].reduce(
    (count, shape) => count + shape.reduce((product, length) => product * length, 1),
    0,
  );
}

/** Shape [out, in] of a linear layer's weight. */
export function linearShape(config: LlamaConfig, module: ModuleName): readonly [number, number] {
  const { hiddenSize: C, intermediateSize: F, heads: H, kvHeads: K, headDim: D } = config;
  switch (module) {
    case 'q_proj':
      return [H * D, C];
    case 'k_proj':
    case 'v_proj':
      return [K * D, C];
    case 'o_proj':
      return [C, H * D];
    case 'gate_proj':
    case 'up_proj':
      return [F, C];
    case 'down_proj':
      return [C, F];
  }
}
