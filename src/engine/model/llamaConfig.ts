/**
 * Shapes of a LLaMA model. Dimension letters used in every comment, shader and test:
 * B batch, T tokens, N = B·T rows, C width, F hidden width of the MLP, V vocabulary, H query heads,
 * K key/value heads, D head width, L layers, R rank, E experts, S layers per group.
 */
export interface LlamaConfig {
  readonly vocabSize: number; // V
  readonly hiddenSize: number; // C
  readonly intermediateSize: number; // F
  readonly layers: number; // L
  readonly heads: number; // H
  readonly kvHeads: number; // K
  readonly headDim: number; // D, may differ from C / H
  readonly rmsNormEps: number;
  readonly attentionBias: boolean; // biases on q, k, v, o
  readonly mlpBias: boolean; // biases on gate, up, down
  readonly tieWordEmbeddings: boolean;
  readonly maxPositions: number;
  readonly rope: RopeConfig;
  readonly bosTokenId: number | undefined;
  readonly eosTokenIds: readonly number[];
}

export type RopeConfig =
  | { readonly type: 'default'; readonly theta: number }
  | {
      readonly type: 'llama3';
      readonly theta: number;
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalMaxPositions: number;
    };
