import { UserError } from '../../config/errors';
import type { Plan } from '../gpu/workspace';
import type { KernelChoice } from '../ops/gemm/choice';
import type { BaseModel } from './baseModel';
import { endTokens, openDecoder, planDecoder, type DecoderShape, type InferenceAdapter } from './decoder';
import type { LlamaConfig } from './llamaConfig';
import { sampleToken, type SamplingOptions } from './sample';
import type { ModelWeights } from './weights';

export interface GenerateOptions extends SamplingOptions {
  readonly max_new_tokens: number;
  readonly signal?: AbortSignal;
  /** Told how many tokens of the prompt have gone through the model. */
  readonly onPrompt?: (done: number) => void;
}

/** Continues texts, one at a time, token by token. */
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

/** Rows of the prompt that go through the model at once. */
const PROMPT_ROWS = 16;

/** A prompt in blocks, then one token at a time. */
function shapeOf(capacity: number): DecoderShape {
  return { slots: 1, capacity, passes: [1, PROMPT_ROWS] };
}

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
  return planDecoder({ config, weights, kernels }, adapter, shapeOf(capacity), maxBinding);
}

/** Allocates a cache for `capacity` tokens and compiles the passes. */
export async function createGenerator(
  base: BaseModel,
  capacity: number,
  adapter?: InferenceAdapter,
): Promise<Generator> {
  const decoder = await openDecoder(base, shapeOf(capacity), adapter);
  const ends = endTokens(base.config);
  let busy = false;

  /** The logits behind the last of these tokens, which begin at `position`. */
  const feed = (tokens: readonly number[], position: number, wanted: boolean) => {
    const rows = tokens.map((token, n) => ({ slot: 0, position: position + n, token }));
    return decoder.run(rows.reverse(), wanted ? 1 : 0);
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
      if (busy) throw new Error('this generator is in the middle of another text');
      busy = true;
      try {
        let logits = new Float32Array();
        for (let at = 0; at < prompt.length; at += PROMPT_ROWS) {
          if (options.signal?.aborted === true) return;
          const end = at + PROMPT_ROWS;
          logits = await feed(prompt.slice(at, end), at, end >= prompt.length);
          options.onPrompt?.(Math.min(end, prompt.length));
        }
        for (let made = 1; made <= options.max_new_tokens; made++) {
          const token = sampleToken(logits, options, made);
          if (ends.has(token)) return;
          yield token;
          const at = prompt.length + made - 1; // of this token
          if (made === options.max_new_tokens || at + 1 >= capacity || options.signal?.aborted === true)
            return;
          logits = await feed([token], at, true);
        }
      } finally {
        busy = false;
      }
    },
    destroy: () => {
      decoder.destroy();
    },
  };
}
