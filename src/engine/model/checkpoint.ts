import type { Tokenizer } from '../data/tokenizer';
import type { WeightDtype } from '../ops/weight';
import type { LlamaConfig } from './llamaConfig';
import type { SamplingOptions } from './sample';

/** One weight of a checkpoint, still in its file. */
export interface WeightTensor {
  /** Hugging Face name, for example `model.layers.0.self_attn.q_proj.weight`. */
  readonly name: string;
  readonly dtype: WeightDtype;
  /** [out, in] for linears, [V, C] for embeddings, [C] for norms. */
  readonly shape: readonly number[];
  /** Bytes [begin, end) of the tensor, little-endian, row-major. */
  read(begin: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** How the makers of a checkpoint sample from it, where they say; see SamplingOptions. */
export type SamplingDefaults = Partial<Pick<SamplingOptions, 'temperature' | 'top_k' | 'top_p'>>;

/** A base model ready to be put on a GPU; whatever its file format was, names and layout are Hugging Face's. */
export interface Checkpoint {
  /** What the user calls it: folder or file name. */
  readonly name: string;
  readonly config: LlamaConfig;
  /** All tensors that `tensorShapes(config)` asks for, none missing. `lm_head.weight` only when untied. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly tokenizer: Tokenizer | undefined;
  readonly sampling?: SamplingDefaults;
}
