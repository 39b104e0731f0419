import { defaultRunConfig } from '../config/defaults';
import { MODULES } from '../config/modules';
import type { RunConfig } from '../config/runConfig';
import type { Checkpoint, LlamaConfig } from '../engine';
import { microBatch, type MicroBatch } from '../engine/data/batch';
import { tensorShapes } from '../engine/model/tensorShapes';
import { randomFloats, toBf16 } from './random';

/** The model whose step is timed: 13.6 million weights in the linears, T = 256. */
export const BENCH_MODEL: LlamaConfig = {
  vocabSize: 2048,
  hiddenSize: 512,
  intermediateSize: 1536,
  layers: 4,
  heads: 8,
  kvHeads: 4,
  headDim: 64,
  rmsNormEps: 1e-5,
  attentionBias: false,
  mlpBias: false,
  tieWordEmbeddings: false,
  maxPositions: 256,
  rope: { type: 'default', theta: 10000 },
  bosTokenId: undefined,
  eosTokenIds: [],
};

/** A model so small that thousands of its steps are done in a moment. */
export const TINY_MODEL: LlamaConfig = {
  ...BENCH_MODEL,
  vocabSize: 64,
  hiddenSize: 32,
  intermediateSize: 48,
  layers: 2,
  heads: 2,
  kvHeads: 1,
  headDim: 16,
  maxPositions: 16,
};

/** A checkpoint of random weights in memory: linears of the usual size, norms near one. */
export function randomCheckpoint(config: LlamaConfig, dtype: 'F32' | 'BF16'): Checkpoint {
  const tensors = [...tensorShapes(config)].map(([name, shape], seed) => {
    const [first = 1, inner] = shape;
    const values =
      inner === undefined
        ? randomFloats(first, seed, 0.1).map((value) => 1 + value)
        : randomFloats(first * inner, seed, 1 / Math.sqrt(inner));
    const bytes = new Uint8Array((dtype === 'F32' ? values : toBf16(values)).buffer);
    const read = (begin: number, end: number) => Promise.resolve(bytes.slice(begin, end));
    return [name, { name, dtype, shape, read }] as const;
  });
  return { name: `random weights in ${dtype}`, config, tensors: new Map(tensors), tokenizer: undefined };
}

/** MASA at all seven modules with r = 8 and without dropout, one sequence as long as the model takes. */
export function benchRun(config: LlamaConfig, settings: Partial<RunConfig>): RunConfig {
  return {
    ...defaultRunConfig(config.layers),
    method: 'masa',
    target_modules: [...MODULES],
    r: 8,
    lora_alpha: 16,
    lora_dropout: 0,
    learning_rate: 1e-4,
    lr_scheduler_type: 'constant',
    warmup_steps: 0,
    max_steps: 1_000_000,
    max_length: config.maxPositions,
    per_device_train_batch_size: 1,
    gradient_accumulation_steps: 1,
    gradient_checkpointing: 'off',
    ...settings,
  };
}

/** One sequence of random tokens, every one but the first a target. */
export function randomBatch(config: LlamaConfig, seed: number): MicroBatch {
  const { maxPositions, vocabSize } = config;
  const ids = Uint32Array.from(randomFloats(maxPositions + 1, seed), (value) =>
    Math.min(Math.floor(((value + 1) / 2) * vocabSize), vocabSize - 1),
  );
  return microBatch([[{ ids, train: new Uint8Array(ids.length).fill(1), task: undefined }]], 1, maxPositions);
}
