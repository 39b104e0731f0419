import { MODULES } from '../../src/config/modules';
import type { RunConfig } from '../../src/config/runConfig';
import { dropoutKey, keeps } from '../../src/engine/ops/dropoutHash';
import type { ModelMasks } from './llama';

/** The masks of one micro-batch by the engine's own hash; `shared` uses expert 0's for every expert. */
export function hashMasks(
  { seed, lora_dropout: p, dropout_mode }: Pick<RunConfig, 'seed' | 'lora_dropout' | 'dropout_mode'>,
  step: number,
  micro: number,
): ModelMasks | undefined {
  if (p === 0) return undefined;
  return (layer, module) => {
    const keys: number[] = [];
    return (element, expert) => {
      const own = dropout_mode === 'per_expert' ? expert : 0;
      keys[own] ??= dropoutKey(seed, step, micro, layer, MODULES.indexOf(module), own);
      return keeps(keys[own], element, p) ? 1 / (1 - p) : 0;
    };
  };
}
