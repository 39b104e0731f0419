import { INPUT_SETS, type ModuleName } from '../../config/modules';
import type { BufferSpec, BufferView, Dispatch } from '../gpu/dispatch';
import { attention } from '../ops/attention';
import { attentionCached } from '../ops/attentionCached';
import { embedding } from '../ops/embedding';
import type { KernelChoice } from '../ops/gemm/choice';
import { rowSubgroups } from '../ops/kernels';
import { matmul } from '../ops/matmul';
import { rmsNorm } from '../ops/rmsNorm';
import { rope } from '../ops/rope';
import { scatterRows } from '../ops/scatterRows';
import { swiglu } from '../ops/swiglu';
import type { Activations } from './activations';
import type { LinearHook } from './linear';
import type { LlamaConfig } from './llamaConfig';
import { linearShape } from './tensorShapes';
import type { ModelWeights } from './weights';

/** One pass of N flattened rows through the model, with everything that it needs, by name. */
export interface Pass {
  readonly config: LlamaConfig;
  readonly weights: ModelWeights;
  readonly activations: Activations;
  readonly adapter: LinearHook;
  /** Which kernels compute the frozen GEMMs. */
  readonly kernels: KernelChoice;
  /** Largest storage binding in bytes. */
  readonly maxBinding: number;
  /** Keys and values of the rows before this pass, where texts are continued token by token. */
  readonly cache?: KeyValueCache;
}

/** Keys and values of all rows so far, of one sequence or of several; INPUT.own says where those of a row go. */
export interface KeyValueCache {
  /** How many keys it holds. */
  readonly rows: number;
  keys(layer: number): BufferView;
  values(layer: number): BufferView;
}

/** Buffers that say what the rows are; filled before each pass. */
export const INPUT = {
  /** u32 [N] */
  tokens: { buffer: 'tokens' },
  /** u32 [N], restarting at each example */
  positions: { buffer: 'positions' },
  /** u32 [N] first row (of the cache, where there is one) that this row may attend to */
  first: { buffer: 'first' },
  /** u32 [N] row of the cache that is this row's own, where there is a cache; outside it for a row of no sequence */
  own: { buffer: 'own' },
  /** u32 [N] last row of this row's example */
  last: { buffer: 'last' },
  /** i32 [N] token that this row must predict, -100 where it does not count */
  targets: { buffer: 'targets' },
  /** f32 [positions, 2, D/2] cosines and sines */
  ropeTable: { buffer: 'rope table' },
} as const;

/** Buffers that a forward pass uses beside the activations of its layers. */
export const OUTPUT = {
  /** f32 [N, C] final hidden state, normed */
  hidden: { buffer: 'hidden' },
  /** f32 [N] */
  rstd: { buffer: 'final rstd' },
} as const;

/** Sizes of the inputs and outputs of a forward pass over N rows, and of the bound-nowhere dummy. */
export function forwardBuffers(config: LlamaConfig, rows: number, positions: number): BufferSpec[] {
  const io = (view: BufferView, elements: number): BufferSpec => ({
    name: view.buffer,
    bytes: elements * 4,
    part: 'io',
  });
  return [
    { name: 'unused', bytes: 4, part: 'io' },
    io(INPUT.tokens, rows),
    io(INPUT.positions, rows),
    io(INPUT.first, rows),
    io(INPUT.ropeTable, positions * config.headDim),
    { name: OUTPUT.hidden.buffer, bytes: rows * config.hiddenSize * 4, part: 'activations' },
    { name: OUTPUT.rstd.buffer, bytes: rows * 4, part: 'activations' },
  ];
}

/** Embedding, all layers and the final norm: tokens to OUTPUT.hidden. */
export function forward(pass: Pass): Dispatch[] {
  const { config, weights, activations, maxBinding } = pass;
  const rows = activations.rows;
  const last = activations.layer(config.layers, 'x');
  return [
    ...embedding({
      label: 'embedding',
      tokens: INPUT.tokens,
      table: weights.embedding,
      x: activations.layer(0, 'x'),
      rows,
      maxBinding,
    }),
    ...Array.from({ length: config.layers }, (_, layer) => [
      ...attentionBlock(pass, layer),
      ...mlpBlock(pass, layer),
    ]).flat(),
    rmsNorm({
      label: 'final norm',
      x: last,
      weight: weights.norm,
      y: OUTPUT.hidden,
      rstd: OUTPUT.rstd,
      rows,
      width: config.hiddenSize,
      eps: config.rmsNormEps,
      subgroupSize: rowSubgroups(pass.kernels),
    }),
  ];
}

/**
 * The activations of a layer once more, from its x, to the bit; for a backward pass whose layers share one set.
 * Left out is what is still there: the adapter's projections, and the layer's output, which is the next one's x.
 */
export function recompute(pass: Pass, layer: number): Dispatch[] {
  const again: Pass = { ...pass, adapter: { ...pass.adapter, project: () => [] } };
  return [...attentionBlock(again, layer), ...gatedBlock(again, layer)];
}

function attentionBlock(pass: Pass, layer: number): Dispatch[] {
  const { config, weights, activations } = pass;
  const { hiddenSize: C, heads, kvHeads, headDim } = config;
  const rows = activations.rows;
  const at = (name: Parameters<Activations['layer']>[1]) => activations.layer(layer, name);
  const label = (what: string) => `layer ${layer} / ${what}`;
  return [
    rmsNorm({
      label: label('input norm'),
      x: at('x'),
      weight: layerWeights(weights, layer).inputNorm,
      y: at('h1'),
      rstd: at('rstd1'),
      rows,
      width: C,
      eps: config.rmsNormEps,
      subgroupSize: rowSubgroups(pass.kernels),
    }),
    ...linears(pass, layer, INPUT_SETS[0], at('h1'), { q_proj: at('q'), k_proj: at('k'), v_proj: at('v') }),
    rope({
      label: label('rope'),
      q: at('q'),
      k: at('k'),
      positions: INPUT.positions,
      table: INPUT.ropeTable,
      rows,
      heads,
      kvHeads,
      headDim,
      inverse: false,
    }),
    ...attend(pass, layer),
    ...linears(pass, layer, INPUT_SETS[1], at('o'), { o_proj: at('mid') }, at('x')),
  ];
}

/** Attention among the rows of the pass, or over the cache, to which they are added first. */
function attend({ config, activations, kernels, cache }: Pass, layer: number): Dispatch[] {
  const { heads, kvHeads, headDim } = config;
  const { rows } = activations;
  const label = (what: string) => `layer ${layer} / ${what}`;
  const at = (name: 'q' | 'k' | 'v' | 'o' | 'lse') => activations.layer(layer, name);
  const shape = { rows, heads, kvHeads, headDim, subgroupSize: rowSubgroups(kernels) };
  const args = { label: label('attention'), q: at('q'), first: INPUT.first, o: at('o'), ...shape };
  if (cache === undefined) return [attention({ ...args, k: at('k'), v: at('v'), lse: at('lse') })];
  const [k, v] = [cache.keys(layer), cache.values(layer)];
  const place = { chosen: INPUT.own, rows, width: kvHeads * headDim, scatteredRows: cache.rows };
  return [
    scatterRows({ label: label('cache k'), source: at('k'), scattered: k, ...place }),
    scatterRows({ label: label('cache v'), source: at('v'), scattered: v, ...place }),
    attentionCached({ ...args, k, v, own: INPUT.own, keyRows: cache.rows }),
  ];
}

function mlpBlock(pass: Pass, layer: number): Dispatch[] {
  const { activations } = pass;
  const outputs = { down_proj: activations.layer(layer + 1, 'x') };
  const act = activations.layer(layer, 'act');
  return [
    ...gatedBlock(pass, layer),
    ...linears(pass, layer, INPUT_SETS[3], act, outputs, activations.layer(layer, 'mid')),
  ];
}

/** The MLP up to the input of down_proj. */
function gatedBlock(pass: Pass, layer: number): Dispatch[] {
  const { config, weights, activations } = pass;
  const rows = activations.rows;
  const at = (name: Parameters<Activations['layer']>[1]) => activations.layer(layer, name);
  return [
    rmsNorm({
      label: `layer ${layer} / post-attention norm`,
      x: at('mid'),
      weight: layerWeights(weights, layer).postNorm,
      y: at('h2'),
      rstd: at('rstd2'),
      rows,
      width: config.hiddenSize,
      eps: config.rmsNormEps,
      subgroupSize: rowSubgroups(pass.kernels),
    }),
    ...linears(pass, layer, INPUT_SETS[2], at('h2'), { gate_proj: at('gate'), up_proj: at('up') }),
    swiglu({
      label: `layer ${layer} / swiglu`,
      gate: at('gate'),
      up: at('up'),
      y: at('act'),
      count: rows * config.intermediateSize,
    }),
  ];
}

/** The linears of one set: the adapter's projections of x, then each frozen GEMM with its low-rank tail. */
function linears(
  pass: Pass,
  layer: number,
  modules: readonly ModuleName[],
  x: BufferView,
  outputs: Partial<Record<ModuleName, BufferView>>,
  residual?: BufferView,
): Dispatch[] {
  const { config, weights, activations, adapter, kernels, maxBinding } = pass;
  return [
    ...adapter.project(layer, modules, x),
    ...modules.flatMap((module) => {
      const { weight, bias } = layerWeights(weights, layer).linears[module];
      const y = outputs[module];
      if (y === undefined) throw new Error(`layer ${layer}: no output for ${module}`);
      const width = linearShape(config, module)[0];
      return matmul({
        label: `layer ${layer} / ${module}`,
        x,
        weight,
        bias,
        residual,
        tail: adapter.forwardTail(layer, module),
        y: { view: y, stride: width, offset: 0 },
        rows: activations.rows,
        kernels,
        maxBinding,
      });
    }),
  ];
}

/** The weights of one layer. */
export function layerWeights(weights: ModelWeights, layer: number) {
  const found = weights.layers[layer];
  if (found === undefined) throw new RangeError(`the model has no layer ${layer}`);
  return found;
}

/** Logits of `rows` rows of the hidden state from row `firstRow`, [rows, V]; firstRow is a multiple of 64. */
export function head(pass: Pass, firstRow: number, rows: number, logits: BufferView): Dispatch[] {
  const { config, weights, kernels, maxBinding } = pass;
  return matmul({
    label: `head, rows ${firstRow} to ${firstRow + rows - 1}`,
    x: { ...OUTPUT.hidden, offset: firstRow * config.hiddenSize * 4, size: rows * config.hiddenSize * 4 },
    weight: weights.head,
    y: { view: logits, stride: config.vocabSize, offset: 0 },
    rows,
    kernels,
    maxBinding,
  });
}
