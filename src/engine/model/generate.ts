import { UserError } from '../../config/errors';
import type { BufferSpec } from '../gpu/dispatch';
import { readFloats } from '../gpu/readback';
import { completePlan, openWorkspace, type Plan } from '../gpu/workspace';
import type { KernelChoice } from '../ops/gemm/choice';
import { planActivations } from './activations';
import type { BaseModel } from './baseModel';
import { forward, forwardBuffers, head, INPUT, type KeyValueCache, type Pass } from './forward';
import { NO_ADAPTER, type LinearHook } from './linear';
import type { LlamaConfig } from './llamaConfig';
import { ropeTable } from './ropeTable';
import { sampleToken, type SamplingOptions } from './sample';
import type { ModelWeights } from './weights';

export interface GenerateOptions extends SamplingOptions {
  readonly max_new_tokens: number;
  readonly signal?: AbortSignal;
}

/** Continues texts, token by token, with the keys and values of what came before kept on the GPU. */
export interface Generator {
  /**
   * Yields the new token ids. Ends before an end-of-text token (or another beginning), at max_new_tokens, when the
   * context is full, or when the signal fires.
   *
   * @param prompt at least one token
   */
  generate(prompt: readonly number[], options: GenerateOptions): AsyncGenerator<number, void, undefined>;
  destroy(): void;
}

/** An adapter as a generator needs it: a hook for a number of rows, with its buffers. */
export interface InferenceAdapter {
  hook(rows: number): LinearHook;
  /** Scratch for passes of up to `rows` rows. */
  scratch(rows: number): readonly BufferSpec[];
  readonly buffer: (name: string) => GPUBuffer | undefined;
}

/** Rows of the prompt that go through the model at once. */
const PREFILL_ROWS = 16;

const LOGITS = { buffer: 'next logits' } as const;

/**
 * @param capacity tokens of prompt and continuation together, at most
 */
export function planGeneration(
  config: LlamaConfig,
  weights: ModelWeights,
  adapter: Pick<InferenceAdapter, 'hook' | 'scratch'> | undefined,
  capacity: number,
  kernels: KernelChoice,
  maxBinding: number,
): Plan {
  const cacheBytes = capacity * config.kvHeads * config.headDim * 4;
  const cacheBuffers = Array.from({ length: config.layers }, (_, layer) => [
    `layer ${layer} / keys`,
    `layer ${layer} / values`,
  ]).flat();
  const cache: KeyValueCache = {
    capacity,
    keys: (layer) => ({ buffer: `layer ${layer} / keys` }),
    values: (layer) => ({ buffer: `layer ${layer} / values` }),
  };
  const pass = (rows: number): Pass => ({
    config,
    weights,
    activations: planActivations(config, rows, false),
    adapter: adapter?.hook(rows) ?? NO_ADAPTER,
    kernels,
    maxBinding,
    cache,
  });
  const decode = pass(1);
  return completePlan(
    [
      ...forwardBuffers(config, PREFILL_ROWS, capacity),
      ...planActivations(config, PREFILL_ROWS, false).buffers,
      ...(adapter?.scratch(PREFILL_ROWS) ?? []),
      ...cacheBuffers.map((name): BufferSpec => ({ name, bytes: cacheBytes, part: 'cache' })),
      { name: LOGITS.buffer, bytes: config.vocabSize * 4, part: 'io' },
    ],
    {
      prefill: forward(pass(PREFILL_ROWS)),
      feed: forward(decode),
      decode: [...forward(decode), ...head(decode, 0, 1, LOGITS)],
    },
  );
}

/** Allocates a cache for `capacity` tokens and compiles the passes. */
export async function createGenerator(
  base: BaseModel,
  capacity: number,
  adapter?: InferenceAdapter,
): Promise<Generator> {
  const { config, gpu } = base;
  const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
  const plan = planGeneration(config, base.weights, adapter, capacity, base.kernels, maxBinding);
  const shared = (name: string) => base.buffer(name) ?? adapter?.buffer(name);
  const workspace = await openWorkspace(gpu, plan, { shared });
  workspace.write(INPUT.ropeTable.buffer, ropeTable(config, capacity));
  // INPUT.first stays as WebGPU made it, all zeros: every row may attend to the first.

  let busy = false;
  let started = 0;
  let launches = 0; // since then
  const feed = (program: 'prefill' | 'feed' | 'decode', tokens: readonly number[], rowOffset: number) => {
    workspace.write(INPUT.tokens.buffer, new Uint32Array(tokens));
    workspace.write(INPUT.positions.buffer, new Uint32Array(tokens.map((_, n) => rowOffset + n)));
    if (launches === 0) started = performance.now();
    launches += workspace.run([program], { rowOffset });
  };

  return {
    async *generate(prompt, options) {
      if (prompt.length === 0) {
        throw new UserError('prompt', 'it has no token', 'give a text, or use a checkpoint with a BOS token');
      }
      if (prompt.length >= capacity) {
        const problem = `it has ${prompt.length} tokens and the context holds ${capacity}`;
        throw new UserError('prompt', problem, 'shorten it');
      }
      const ends = new Set([
        ...config.eosTokenIds,
        ...(config.bosTokenId === undefined ? [] : [config.bosTokenId]),
      ]);
      if (busy) throw new Error('this generator is in the middle of another text');
      busy = true;
      try {
        let at = 0;
        while (at < prompt.length) {
          if (options.signal?.aborted === true) return;
          const rest = prompt.length - at;
          // The last token of the prompt goes through alone, because its logits are wanted.
          const rows = rest > PREFILL_ROWS ? PREFILL_ROWS : 1;
          feed(rest === 1 ? 'decode' : rows === 1 ? 'feed' : 'prefill', prompt.slice(at, at + rows), at);
          at += rows;
        }
        for (let made = 1; made <= options.max_new_tokens; made++) {
          const logits = await readFloats(gpu.device, workspace.buffer(LOGITS.buffer));
          workspace.pace((performance.now() - started) / 1000, launches);
          launches = 0;
          const token = sampleToken(logits, options, made);
          if (ends.has(token)) return;
          yield token;
          if (made === options.max_new_tokens || at + 1 >= capacity || options.signal?.aborted === true)
            return;
          feed('decode', [token], at++);
        }
      } finally {
        busy = false;
      }
    },
    destroy: () => {
      workspace.destroy();
    },
  };
}
