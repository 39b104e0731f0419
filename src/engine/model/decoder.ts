import type { BufferSpec } from '../gpu/dispatch';
import { readFloats } from '../gpu/readback';
import { completePlan, openWorkspace, type Plan } from '../gpu/workspace';
import { planActivations } from './activations';
import type { BaseModel } from './baseModel';
import { forward, forwardBuffers, head, INPUT, type KeyValueCache, type Pass } from './forward';
import { NO_ADAPTER, type LinearHook } from './linear';
import type { LlamaConfig } from './llamaConfig';
import { ropeTable } from './ropeTable';

/** An adapter as inference needs it: a hook for a number of rows, with its buffers. */
export interface InferenceAdapter {
  hook(rows: number): LinearHook;
  /** Scratch for passes of up to `rows` rows. */
  scratch(rows: number): readonly BufferSpec[];
  readonly buffer: (name: string) => GPUBuffer | undefined;
}

/** What a decoder has room for. */
export interface DecoderShape {
  /** Sequences at once. */
  readonly slots: number;
  /** Tokens of each. */
  readonly capacity: number;
  /** Numbers of rows that a pass may have, ascending; the last is at least `slots`. */
  readonly passes: readonly number[];
}

/** A token on its way through the model; those before it in its slot went through earlier or go through with it. */
export interface DecoderRow {
  readonly slot: number;
  /** Place in the sequence, from 0; below the capacity. */
  readonly position: number;
  readonly token: number;
}

/**
 * Runs tokens of several sequences through the model, with the keys and values of what came before kept on the GPU.
 * Rows of any sequences share a pass, and no row changes a bit of another.
 */
export interface Decoder {
  readonly shape: DecoderShape;
  /**
   * @param rows at most those of the largest pass; of the same sequence in any order. A sequence that begins again at
   * position 0 takes its slot over.
   * @param wanted how many of the rows, from the first, the logits are wanted of; at most one a slot
   * @returns f32 [wanted, V]
   */
  run(rows: readonly DecoderRow[], wanted: number): Promise<Float32Array<ArrayBuffer>>;
  destroy(): void;
}

const LOGITS = { buffer: 'next logits' } as const;

/** Own row of what fills a pass up: outside any cache. */
const NOWHERE = 2 ** 32 - 1;

/** Plans the cache and one program for each size of pass, and one more for the logits of its first rows. */
export function planDecoder(
  { config, weights, kernels }: Pick<BaseModel, 'config' | 'weights' | 'kernels'>,
  adapter: Pick<InferenceAdapter, 'hook' | 'scratch'> | undefined,
  { slots, capacity, passes }: DecoderShape,
  maxBinding: number,
): Plan {
  const largest = Math.max(...passes);
  const names = Array.from({ length: config.layers }, (_, layer) => [keys(layer), values(layer)]).flat();
  const cache: KeyValueCache = {
    rows: slots * capacity,
    keys: (layer) => ({ buffer: keys(layer) }),
    values: (layer) => ({ buffer: values(layer) }),
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
  return completePlan(
    [
      ...forwardBuffers(config, largest, capacity),
      { name: INPUT.own.buffer, bytes: largest * 4, part: 'io' },
      ...planActivations(config, largest, false).buffers,
      ...(adapter?.scratch(largest) ?? []),
      ...names.map((name): BufferSpec => ({
        name,
        bytes: slots * keyBytes(config, capacity),
        part: 'cache',
      })),
      { name: LOGITS.buffer, bytes: slots * config.vocabSize * 4, part: 'io' },
    ],
    Object.fromEntries(
      passes.flatMap((rows) => [
        [forwardOf(rows), forward(pass(rows))],
        [headOf(rows), head(pass(rows), 0, Math.min(rows, slots), LOGITS)],
      ]),
    ),
  );
}

/** Bytes of one layer's keys, and of its values, of a sequence of `tokens` tokens. */
export function keyBytes({ kvHeads, headDim }: LlamaConfig, tokens: number): number {
  return tokens * kvHeads * headDim * 4;
}

/** Allocates the cache and compiles the passes. */
export async function openDecoder(
  base: BaseModel,
  shape: DecoderShape,
  adapter?: InferenceAdapter,
): Promise<Decoder> {
  const { config, gpu } = base;
  const { capacity, passes } = shape;
  const plan = planDecoder(base, adapter, shape, gpu.device.limits.maxStorageBufferBindingSize);
  const shared = (name: string) => base.buffer(name) ?? adapter?.buffer(name);
  const workspace = await openWorkspace(gpu, plan, { shared });
  workspace.write(INPUT.ropeTable.buffer, ropeTable(config, capacity));
  let started = 0;
  let launches = 0; // since then
  return {
    shape,
    async run(rows, wanted) {
      const size = passes.find((count) => count >= rows.length);
      if (size === undefined) throw new RangeError(`${rows.length} rows are more than a pass has`);
      const write = (name: string, of: (row: DecoderRow) => number, filling: number) => {
        const numbers = new Uint32Array(size).fill(filling);
        numbers.set(rows.map(of));
        workspace.write(name, numbers);
      };
      write(INPUT.tokens.buffer, ({ token }) => token, 0);
      write(INPUT.positions.buffer, ({ position }) => position, 0);
      write(INPUT.first.buffer, ({ slot }) => slot * capacity, 0);
      write(INPUT.own.buffer, ({ slot, position }) => slot * capacity + position, NOWHERE);
      if (launches === 0) started = performance.now();
      launches += workspace.run(wanted > 0 ? [forwardOf(size), headOf(size)] : [forwardOf(size)], {});
      if (wanted === 0) return new Float32Array();
      const logits = workspace.buffer(LOGITS.buffer);
      const found = await readFloats(gpu.device, logits, 0, wanted * config.vocabSize);
      workspace.pace((performance.now() - started) / 1000, launches);
      launches = 0;
      return found;
    },
    destroy: () => {
      workspace.destroy();
    },
  };
}

const keys = (layer: number) => `layer ${layer} / keys`;
const values = (layer: number) => `layer ${layer} / values`;
const forwardOf = (rows: number) => `${rows} rows`;
const headOf = (rows: number) => `logits of ${rows} rows`;

/** Tokens behind which a text is over: the model's ends, and its beginning, which some models write between texts. */
export function endTokens({ eosTokenIds, bosTokenId }: LlamaConfig): ReadonlySet<number> {
  return new Set([...eosTokenIds, ...(bosTokenId === undefined ? [] : [bosTokenId])]);
}
