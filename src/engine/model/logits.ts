import { UserError } from '../../config/errors';
import { readFloats } from '../gpu/readback';
import { completePlan, openWorkspace, type Plan } from '../gpu/workspace';
import type { KernelChoice } from '../ops/gemm/choice';
import { headChunk, planActivations } from './activations';
import type { BaseModel } from './baseModel';
import { forward, forwardBuffers, head, INPUT, type Pass } from './forward';
import type { InferenceAdapter } from './decoder';
import { NO_ADAPTER } from './linear';
import type { LlamaConfig } from './llamaConfig';
import { ropeTable } from './ropeTable';
import type { ModelWeights } from './weights';

const LOGITS = { buffer: 'logits' } as const;

/** Plans one pass over T tokens with the head in chunks of rows, each a program of its own. */
export function planLogits(
  config: LlamaConfig,
  weights: ModelWeights,
  adapter: Pick<InferenceAdapter, 'hook' | 'scratch'> | undefined,
  rows: number,
  kernels: KernelChoice,
  maxBinding: number,
): Plan & { readonly chunks: readonly { program: string; rows: number }[] } {
  const activations = planActivations(config, rows, false);
  const hook = adapter?.hook(rows) ?? NO_ADAPTER;
  const pass: Pass = { config, weights, activations, adapter: hook, kernels, maxBinding };
  const chunk = headChunk(rows, config.vocabSize, maxBinding);
  const chunks = Array.from({ length: Math.ceil(rows / chunk) }, (_, i) => ({
    program: `head ${i}`,
    first: i * chunk,
    rows: Math.min(chunk, rows - i * chunk),
  }));
  const plan = completePlan(
    [
      ...forwardBuffers(config, rows, rows),
      ...activations.buffers,
      ...(adapter?.scratch(rows) ?? []),
      { name: LOGITS.buffer, bytes: chunk * config.vocabSize * 4, part: 'activations' },
    ],
    {
      forward: forward(pass),
      ...Object.fromEntries(
        chunks.map(({ program, first, rows: count }) => [program, head(pass, first, count, LOGITS)]),
      ),
    },
  );
  return { ...plan, chunks };
}

/**
 * Logits of every position of one text.
 *
 * @param tokens one text from its first token, at most as many as the memory holds
 * @returns f32 [T, V]
 * @throws UserError when there is no token, or one is outside the vocabulary
 */
export async function logits(
  base: BaseModel,
  tokens: readonly number[],
  adapter?: InferenceAdapter,
): Promise<Float32Array<ArrayBuffer>> {
  const { config, gpu } = base;
  requireTokens(tokens, config.vocabSize);
  const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
  const plan = planLogits(config, base.weights, adapter, tokens.length, base.kernels, maxBinding);
  const workspace = await openWorkspace(gpu, plan, {
    shared: (name) => base.buffer(name) ?? adapter?.buffer(name),
  });
  try {
    workspace.write(INPUT.ropeTable.buffer, ropeTable(config, tokens.length));
    workspace.write(INPUT.tokens.buffer, new Uint32Array(tokens));
    workspace.write(INPUT.positions.buffer, new Uint32Array(tokens.map((_, n) => n)));
    // INPUT.first stays as WebGPU made it, all zeros: one text, which begins at row 0.
    workspace.run(['forward'], {});
    const all = new Float32Array(tokens.length * config.vocabSize);
    let at = 0;
    for (const { program, rows } of plan.chunks) {
      workspace.run([program], {});
      const buffer = workspace.buffer(LOGITS.buffer);
      const part = await readFloats(gpu.device, buffer, 0, rows * config.vocabSize);
      all.set(part, at);
      at += part.length;
    }
    return all;
  } finally {
    workspace.destroy();
  }
}

/** Refuses an empty text and ids that the embedding does not have. */
export function requireTokens(tokens: readonly number[], vocabSize: number): void {
  if (tokens.length === 0) throw new UserError('tokens', 'there is none', 'give at least one token id');
  const wrong = tokens.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (wrong === undefined) return;
  const problem = `${wrong} is not a token of this model`;
  throw new UserError('tokens', problem, `give whole numbers from 0 to ${vocabSize - 1}`);
}
