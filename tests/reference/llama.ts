import { modulePath, type ModuleName } from '../../src/config/modules';
import { adapterLayout, type AdapterShapeConfig } from '../../src/engine/adapters/layout';
import { linearShape } from '../../src/engine/model/tensorShapes';
import type { LlamaConfig } from '../../src/engine/model/llamaConfig';
import { attentionBackward, attentionForward } from './attention';
import { crossEntropy } from './crossEntropy';
import { embedding } from './embedding';
import { lowRankBackward, lowRankForward, type DropoutMask, type LowRank } from './lowRank';
import { addInto, matmulNN, matmulNT } from './matmul';
import { rmsNormBackward, rmsNormForward } from './rmsNorm';
import { rope, ropeFrequencies } from './rope';
import { swigluBackward, swigluForward } from './swiglu';

/** A LLaMA model in float64 with, where given, the adapter that is trained on it. */
export interface ReferenceModel {
  readonly config: LlamaConfig;
  /** By Hugging Face name, each row-major; `lm_head.weight` only when untied. */
  readonly weights: ReadonlyMap<string, Float64Array>;
  readonly adapter?: ReferenceAdapter;
}

export interface ReferenceAdapter {
  readonly shape: AdapterShapeConfig;
  readonly loraAlpha: number;
  /** Flat, in the order of `adapterLayout`. */
  readonly values: Float64Array;
}

/** Sequences laid one after another as rows; there is no batch dimension. */
export interface MicroBatch {
  readonly tokens: ArrayLike<number>;
  /** Token that row n has to predict (already shifted), −100 where it does not count. */
  readonly targets: ArrayLike<number>;
  readonly positions: ArrayLike<number>;
  /** First and last row of the sequence that row n belongs to: it attends to rows first[n] .. n. */
  readonly first: ArrayLike<number>;
  readonly last: ArrayLike<number>;
}

/** Dropout mask of one adapted module; what it depends on besides (seed, step, micro-batch) is the caller's. */
export type ModelMasks = (layer: number, module: ModuleName) => DropoutMask;

export interface ModelGradient {
  /** [N, V]. */
  readonly logits: Float64Array;
  /** Cross-entropy summed over the counted rows, in nats. */
  readonly lossSum: number;
  readonly counted: number;
  /** d(lossScale · lossSum) / d(adapter values), in the adapter's flat order. Under a sum all dA_i are written. */
  readonly gradient: Float64Array;
}

/** Logits [N, V] of a batch. */
export function llamaLogits(model: ReferenceModel, batch: MicroBatch, masks?: ModelMasks): Float64Array {
  return forward(model, batch, masks).logits;
}

/** Summed loss and number of counted rows. */
export function llamaLoss(
  model: ReferenceModel,
  batch: MicroBatch,
  masks?: ModelMasks,
): { lossSum: number; counted: number } {
  return crossEntropy(forward(model, batch, masks).logits, batch.targets, 1);
}

/**
 * Forward and backward of the whole model; the base is frozen, so only adapter gradients come out.
 * @param lossScale 1 / (counted tokens of the whole optimiser step)
 */
export function llamaGradient(
  model: ReferenceModel,
  batch: MicroBatch,
  lossScale: number,
  masks?: ModelMasks,
): ModelGradient {
  const { config } = model;
  const { hiddenSize: C, vocabSize: V, rmsNormEps: eps } = config;
  const N = batch.tokens.length;
  const tape = forward(model, batch, masks);
  const { lossSum, counted, dLogits } = crossEntropy(tape.logits, batch.targets, lossScale);
  const gradient = new Float64Array(model.adapter?.values.length ?? 0);

  const dNormed = matmulNN(dLogits, weight(model, headName(config)), N, V, C);
  let dx = rmsNormBackward(tape.lastX, weight(model, 'model.norm.weight'), eps, dNormed);
  for (const layer of tape.layers.toReversed()) dx = layerBackward(model, batch, layer, dx, gradient);
  return { logits: tape.logits, lossSum, counted, gradient };
}

/** What every linear layer reads and gives, and u of its low-rank path, by layer and module. */
export function llamaLinears(model: ReferenceModel, batch: MicroBatch) {
  return forward(model, batch, undefined).layers.map(({ linears }) => linears);
}

/** What a linear layer's backward needs of its forward. */
interface LinearTape {
  readonly layer: number;
  readonly module: ModuleName;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly lowRank: (AdapterSlice & { u: Float64Array; mask: DropoutMask | undefined }) | undefined;
}

/** What a layer's backward needs of its forward: residual inputs, and its seven linears. */
interface LayerTape {
  readonly index: number;
  readonly attentionIn: Float64Array;
  readonly mlpIn: Float64Array;
  readonly linears: Readonly<Record<ModuleName, LinearTape>>;
  /** Queries and keys after RoPE. */
  readonly q: Float64Array;
  readonly k: Float64Array;
}

function forward(model: ReferenceModel, batch: MicroBatch, masks: ModelMasks | undefined) {
  const { config } = model;
  const { hiddenSize: C, vocabSize: V, rmsNormEps: eps } = config;
  let x = embedding(weight(model, 'model.embed_tokens.weight'), batch.tokens, C);
  const layers: LayerTape[] = [];
  for (let index = 0; index < config.layers; index++) {
    const result = layerForward(model, batch, index, x, masks);
    layers.push(result.tape);
    x = result.out;
  }
  const normed = rmsNormForward(x, weight(model, 'model.norm.weight'), eps);
  const logits = matmulNT(normed, weight(model, headName(config)), batch.tokens.length, C, V);
  return { layers, lastX: x, logits };
}

function layerForward(
  model: ReferenceModel,
  batch: MicroBatch,
  index: number,
  attentionIn: Float64Array,
  masks: ModelMasks | undefined,
): { out: Float64Array; tape: LayerTape } {
  const { config } = model;
  const linear = (module: ModuleName, x: Float64Array) => linearForward(model, index, module, x, masks);
  const norm = (name: string, x: Float64Array) =>
    rmsNormForward(x, weight(model, `model.layers.${index}.${name}.weight`), config.rmsNormEps);
  const frequencies = ropeFrequencies(config.rope, config.headDim);

  const normed = norm('input_layernorm', attentionIn);
  const [q_proj, k_proj, v_proj] = [
    linear('q_proj', normed),
    linear('k_proj', normed),
    linear('v_proj', normed),
  ];
  const q = rope(q_proj.y, batch.positions, frequencies);
  const k = rope(k_proj.y, batch.positions, frequencies);
  const o_proj = linear('o_proj', attentionForward(q, k, v_proj.y, batch.first, config).out);

  const mlpIn = sum(attentionIn, o_proj.y);
  const mlpNormed = norm('post_attention_layernorm', mlpIn);
  const [gate_proj, up_proj] = [linear('gate_proj', mlpNormed), linear('up_proj', mlpNormed)];
  const down_proj = linear('down_proj', swigluForward(gate_proj.y, up_proj.y));

  const linears = { q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj };
  return { out: sum(mlpIn, down_proj.y), tape: { index, attentionIn, mlpIn, linears, q, k } };
}

/** dL/d(layer output) → dL/d(layer input); adds the layer's adapter gradients to `gradient`. */
function layerBackward(
  model: ReferenceModel,
  batch: MicroBatch,
  { index, attentionIn, mlpIn, linears, q, k }: LayerTape,
  dOut: Float64Array,
  gradient: Float64Array,
): Float64Array {
  const { config } = model;
  const linear = (module: ModuleName, g: Float64Array) => linearBackward(model, linears[module], g, gradient);
  const norm = (name: string, x: Float64Array, g: Float64Array) =>
    rmsNormBackward(x, weight(model, `model.layers.${index}.${name}.weight`), config.rmsNormEps, g);
  const frequencies = ropeFrequencies(config.rope, config.headDim);

  const dProduct = linear('down_proj', dOut);
  const { dGate, dUp } = swigluBackward(linears.gate_proj.y, linears.up_proj.y, dProduct);
  const dMlpNormed = sum(linear('gate_proj', dGate), linear('up_proj', dUp));
  const dMlpIn = sum(dOut, norm('post_attention_layernorm', mlpIn, dMlpNormed));

  const dAttention = linear('o_proj', dMlpIn);
  const { dq, dk, dv } = attentionBackward(q, k, linears.v_proj.y, batch.first, config, dAttention);
  const dNormed = linear('q_proj', rope(dq, batch.positions, frequencies, -1));
  addInto(dNormed, linear('k_proj', rope(dk, batch.positions, frequencies, -1)));
  addInto(dNormed, linear('v_proj', dv));
  return sum(dMlpIn, norm('input_layernorm', attentionIn, dNormed));
}

/** y = x Wᵀ + bias + low-rank path. */
function linearForward(
  model: ReferenceModel,
  layer: number,
  module: ModuleName,
  x: Float64Array,
  masks: ModelMasks | undefined,
): LinearTape {
  const [outWidth, inWidth] = linearShape(model.config, module);
  const y = matmulNT(x, weight(model, weightName(layer, module)), x.length / inWidth, inWidth, outWidth);
  if (moduleHasBias(model.config, module)) {
    const bias = weight(model, `model.layers.${layer}.${modulePath(module)}.bias`);
    for (let i = 0; i < y.length; i++) y[i]! += bias[i % outWidth]!;
  }
  const slice = adapterSlice(model, layer, module);
  if (slice === undefined) return { layer, module, x, y, lowRank: undefined };
  const mask = masks?.(layer, module);
  const delta = lowRankForward(slice.path, x, mask);
  return { layer, module, x, y: sum(y, delta.y), lowRank: { ...slice, u: delta.u, mask } };
}

/** g → dx; adds dA_i and dB at their places in `gradient`. */
function linearBackward(
  model: ReferenceModel,
  { layer, module, x, lowRank }: LinearTape,
  g: Float64Array,
  gradient: Float64Array,
): Float64Array {
  const [outWidth, inWidth] = linearShape(model.config, module);
  const dx = matmulNN(g, weight(model, weightName(layer, module)), x.length / inWidth, outWidth, inWidth);
  if (lowRank === undefined) return dx;
  const { path, downOffsets, upOffset, u, mask } = lowRank;
  const back = lowRankBackward(path, x, u, g, mask);
  back.dDowns.forEach((dDown, i) => {
    addInto(gradient.subarray(downOffsets[i], downOffsets[i]! + dDown.length), dDown);
  });
  addInto(gradient.subarray(upOffset, upOffset + back.dUp.length), back.dUp);
  addInto(dx, back.dx);
  return dx;
}

/** The low-rank path of one linear with its places in the flat buffer. */
interface AdapterSlice {
  readonly path: LowRank;
  readonly downOffsets: readonly number[];
  readonly upOffset: number;
}

/** The part of the flat adapter that a linear uses; undefined where it is not adapted. */
function adapterSlice(model: ReferenceModel, layer: number, module: ModuleName): AdapterSlice | undefined {
  const { adapter, config } = model;
  if (adapter === undefined) return undefined;
  const { block, tensors } = adapterLayout(adapter.shape, config);
  const group = Math.floor(layer / block.groupSize);
  const ours = tensors.filter((tensor) => tensor.module === module);
  const up = ours.find(({ role, index }) => role === 'B' && index === layer);
  if (up === undefined) return undefined;
  const downs = ours.filter(({ role, index }) => role === 'A' && index === group);
  const [outWidth, inWidth] = linearShape(config, module);
  const rank = adapter.shape.r;
  return {
    path: {
      downs: downs.map(({ offset }) => adapter.values.subarray(offset, offset + rank * inWidth)),
      up: adapter.values.subarray(up.offset, up.offset + outWidth * rank),
      inWidth,
      outWidth,
      rank,
      scale: adapter.loraAlpha / rank,
    },
    downOffsets: downs.map(({ offset }) => offset),
    upOffset: up.offset,
  };
}

function weight(model: ReferenceModel, name: string): Float64Array {
  const values = model.weights.get(name);
  if (values === undefined) throw new Error(`the reference model has no ${name}`);
  return values;
}

function weightName(layer: number, module: ModuleName): string {
  return `model.layers.${layer}.${modulePath(module)}.weight`;
}

function headName(config: LlamaConfig): string {
  return config.tieWordEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';
}

function moduleHasBias(config: LlamaConfig, module: ModuleName): boolean {
  return modulePath(module).startsWith('mlp.') ? config.mlpBias : config.attentionBias;
}

function sum(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]!);
}
