import { UserError } from '../../config/errors';
import type { Adapter, AdapterBase } from '../adapters/adapter';
import { fingerprint } from '../model/fingerprint';
import type { Checkpoint } from '../model/checkpoint';
import type { LlamaConfig } from '../model/llamaConfig';

/** A checkpoint as adapters remember it; reads a few kilobytes of each tensor. */
export async function adapterBase(checkpoint: Checkpoint): Promise<AdapterBase> {
  return {
    name: checkpoint.name,
    fingerprint: await fingerprint(checkpoint),
    config: checkpoint.config,
  };
}

/**
 * Throws UserError where an adapter was trained on another model: on other shapes, or (as far as the
 * fingerprints are known) on other weights of the same shapes.
 */
export function requireSameBase(subject: string, adapter: Adapter, base: AdapterBase): void {
  const sameForm = form(adapter.base.config) === form(base.config);
  const known = adapter.base.fingerprint;
  const sameWeights = known === undefined || base.fingerprint === undefined || known === base.fingerprint;
  if (sameForm && sameWeights) return;
  const difference = sameForm
    ? `whose weights differ from those of ${base.name}`
    : `which has ${form(adapter.base.config)}, and ${base.name} has ${form(base.config)}`;
  throw new UserError(
    subject,
    `this adapter was trained on another base model, ${adapter.base.name}, ${difference}`,
    'choose the base model that the adapter was trained on',
  );
}

function form(config: LlamaConfig): string {
  const { layers, hiddenSize, intermediateSize, heads, kvHeads, headDim, vocabSize } = config;
  const widths = `width ${hiddenSize}, MLP width ${intermediateSize}, ${heads} heads of ${headDim}`;
  return `${layers} layers, ${widths}, ${kvHeads} key/value heads, ${vocabSize} tokens`;
}
