import { INPUT_SETS, type ModuleName } from '../../config/modules';
import type { BufferSpec, BufferView, Dispatch } from '../gpu/dispatch';
import { attentionBackward } from '../ops/attention';
import { crossEntropy } from '../ops/crossEntropy';
import { rowSubgroups } from '../ops/kernels';
import { matmulBackward } from '../ops/matmul';
import { rmsNormBackward } from '../ops/rmsNorm';
import { rope } from '../ops/rope';
import { accumulateSum } from '../ops/sumLosses';
import { swigluBackward } from '../ops/swiglu';
import { headChunk, type LayerActivation, type LayerGradient } from './activations';
import { head, INPUT, layerWeights, OUTPUT, recompute, type Pass } from './forward';
import type { Gradients } from './linear';
import type { LlamaConfig } from './llamaConfig';

/** Scratch of the loss and of the backward pass, shared by all layers. */
const SCRATCH = {
  logits: { buffer: 'logits' }, // [chunk, V], overwritten by dlogits
  losses: { buffer: 'losses' }, // [N]
  terms: { buffer: 'attention terms' }, // [N, H, 2] lse and rowsum(dO ∘ O)
} as const;

/** f32 [N, C] gradient of the residual stream. It is added to, so it must be cleared before every pass. */
export const DRESIDUAL = { buffer: 'dresidual' } as const;

/** f32 [1]: the sum of all losses since it was cleared. */
export const LOSS_SUM = { buffer: 'loss sum' } as const;

/** Buffers of the loss alone. */
export function lossBuffers(config: LlamaConfig, rows: number, maxBinding: number): BufferSpec[] {
  const chunk = headChunk(rows, config.vocabSize, maxBinding);
  return [
    { name: INPUT.targets.buffer, bytes: rows * 4, part: 'io' },
    { name: LOSS_SUM.buffer, bytes: 4, part: 'io' },
    { name: SCRATCH.logits.buffer, bytes: chunk * config.vocabSize * 4, part: 'activations' },
    { name: SCRATCH.losses.buffer, bytes: rows * 4, part: 'activations' },
  ];
}

/** Buffers of the backward pass beside those of the loss and of the layers. */
export function backwardBuffers(config: LlamaConfig, rows: number): BufferSpec[] {
  const scratch = (view: BufferView, width: number): BufferSpec => ({
    name: view.buffer,
    bytes: rows * width * 4,
    part: 'activations',
  });
  return [
    { name: INPUT.last.buffer, bytes: rows * 4, part: 'io' },
    scratch(DRESIDUAL, config.hiddenSize),
    scratch(SCRATCH.terms, 2 * config.heads),
  ];
}

/**
 * Cross-entropy of all rows, in chunks so that no [N, V] tensor exists; adds the sum of the losses to
 * LOSS_SUM. With `gradient` each chunk's logits become dlogits, and their gradient is put over its hidden states.
 */
export function loss(pass: Pass, gradient: boolean): Dispatch[] {
  const { config, weights, activations, kernels, maxBinding } = pass;
  const { hiddenSize: C, vocabSize: vocab } = config;
  const rows = activations.rows;
  const chunk = headChunk(rows, vocab, maxBinding);
  const launches: Dispatch[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += chunk) {
    const count = Math.min(chunk, rows - firstRow);
    launches.push(
      ...head(pass, firstRow, count, SCRATCH.logits),
      crossEntropy({
        label: `loss, rows from ${firstRow}`,
        logits: SCRATCH.logits,
        targets: INPUT.targets,
        losses: SCRATCH.losses,
        rows: count,
        firstRow,
        vocab,
        subgroupSize: rowSubgroups(kernels),
      }),
    );
    if (gradient) {
      const view = { ...OUTPUT.hidden, offset: firstRow * C * 4, size: count * C * 4 };
      launches.push(
        ...matmulBackward({
          label: `head gradient, rows from ${firstRow}`,
          dy: SCRATCH.logits,
          weight: weights.head,
          dx: { view, stride: C, offset: 0 },
          accumulate: false,
          rows: count,
          kernels,
          maxBinding,
        }),
      );
    }
  }
  launches.push(
    accumulateSum({ label: 'sum of losses', values: SCRATCH.losses, count: rows, sums: LOSS_SUM, slot: 0 }),
  );
  return launches;
}

/**
 * From the gradient that `loss` left in OUTPUT.hidden to the gradients of the adapter's tensors. The base is frozen:
 * no gradient of a base weight is computed, and none of what lies below the lowest adapted linear.
 */
export function backward(pass: Pass): Dispatch[] {
  const { config, weights, activations } = pass;
  const last = config.layers - 1;
  const lowest = lowestAdapted(pass);
  return [
    rmsNormBackward({
      label: 'final norm gradient',
      dy: OUTPUT.hidden,
      x: activations.layer(config.layers, 'x'),
      weight: weights.norm,
      rstd: OUTPUT.rstd,
      dx: DRESIDUAL,
      rows: activations.rows,
      width: config.hiddenSize,
      subgroupSize: rowSubgroups(pass.kernels),
    }),
    ...Array.from({ length: config.layers - lowest.layer }, (_, i) => last - i).flatMap((layer) => [
      // The last layer's activations are still there.
      ...(activations.recomputed && layer < last ? recompute(pass, layer) : []),
      ...layerGradient(pass, layer, layer === lowest.layer ? lowest.set : undefined),
    ]),
  ];
}

/** The first layer and set of INPUT_SETS with an adapted linear; without any, as if the first were adapted. */
function lowestAdapted({ config, adapter }: Pass): { readonly layer: number; readonly set: number } {
  for (let layer = 0; layer < config.layers; layer++) {
    const adapted = (module: ModuleName) => adapter.forwardTail(layer, module) !== undefined;
    const set = INPUT_SETS.findIndex((modules) => modules.some(adapted));
    if (set >= 0) return { layer, set };
  }
  return { layer: 0, set: 0 };
}

/**
 * One layer, from the gradient of the residual stream that leaves it to that of the one that enters it. Gradients
 * are put over the activations that nothing reads any more; see activations.ts.
 *
 * @param until index of the set of linears below which no gradient is needed; undefined goes through
 */
function layerGradient(pass: Pass, layer: number, until: number | undefined): Dispatch[] {
  const { config, activations } = pass;
  const { heads, kvHeads, headDim } = config;
  const rows = activations.rows;
  const at = (name: LayerActivation | LayerGradient) => activations.layer(layer, name);
  const linears = (set: number, x: BufferView, dy: Gradients, dx: BufferView) =>
    linearsGradient(pass, layer, INPUT_SETS[set] ?? [], x, dy, set === until ? undefined : dx);
  const launches = linears(3, at('act'), { down_proj: DRESIDUAL }, at('dact'));
  if (until === 3) return launches;
  launches.push(
    swigluBackward({
      label: `layer ${layer} / swiglu gradient`,
      gate: at('gate'),
      up: at('up'),
      dy: at('dact'),
      count: rows * config.intermediateSize,
    }),
    ...linears(2, at('h2'), { gate_proj: at('gate'), up_proj: at('up') }, at('dh2')),
  );
  if (until === 2) return launches;
  launches.push(normGradient(pass, layer, 'post'), ...linears(1, at('o'), { o_proj: DRESIDUAL }, at('do')));
  if (until === 1) return launches;
  launches.push(
    ...attentionBackward({
      label: `layer ${layer} / attention gradient`,
      dO: at('do'),
      o: at('o'),
      q: at('q'),
      k: at('k'),
      v: at('v'),
      lse: at('lse'),
      first: INPUT.first,
      last: INPUT.last,
      terms: SCRATCH.terms,
      dq: at('dq'),
      dk: at('dk'),
      dv: at('dv'),
      rows,
      heads,
      kvHeads,
      headDim,
      subgroupSize: rowSubgroups(pass.kernels),
    }),
    rope({
      label: `layer ${layer} / rope gradient`,
      q: at('dq'),
      k: at('dk'),
      positions: INPUT.positions,
      table: INPUT.ropeTable,
      rows,
      heads,
      kvHeads,
      headDim,
      inverse: true,
    }),
    ...linears(0, at('h1'), { q_proj: at('dq'), k_proj: at('dk'), v_proj: at('dv') }, at('dh1')),
  );
  if (until === 0) return launches;
  launches.push(normGradient(pass, layer, 'input'));
  return launches;
}

/**
 * The adapter's gradients for one set of linears, then the gradient of the input that they share.
 *
 * @param dx undefined where that is not needed
 */
function linearsGradient(
  pass: Pass,
  layer: number,
  modules: readonly ModuleName[],
  x: BufferView,
  dy: Gradients,
  dx: BufferView | undefined,
): Dispatch[] {
  const { weights, activations, adapter, kernels, maxBinding } = pass;
  const own = adapter.backward(layer, modules, x, dy);
  if (dx === undefined) return own;
  return [
    ...own,
    ...modules.flatMap((module, index) => {
      const { weight } = layerWeights(weights, layer).linears[module];
      const gradient = dy[module];
      if (gradient === undefined) throw new Error(`layer ${layer}: no gradient for ${module}`);
      return matmulBackward({
        label: `layer ${layer} / ${module} dx`,
        dy: gradient,
        weight,
        tails: adapter.backwardTails(layer, module),
        dx: { view: dx, stride: weight.shape[1] ?? 0, offset: 0 },
        accumulate: index > 0,
        rows: activations.rows,
        kernels,
        maxBinding,
      });
    }),
  ];
}

function normGradient(pass: Pass, layer: number, which: 'input' | 'post'): Dispatch {
  const { config, weights, activations } = pass;
  const { inputNorm, postNorm } = layerWeights(weights, layer);
  return rmsNormBackward({
    label: `layer ${layer} / ${which} norm gradient`,
    dy: activations.layer(layer, which === 'input' ? 'dh1' : 'dh2'),
    x: activations.layer(layer, which === 'input' ? 'x' : 'mid'),
    weight: which === 'input' ? inputNorm : postNorm,
    rstd: activations.layer(layer, which === 'input' ? 'rstd1' : 'rstd2'),
    dx: DRESIDUAL,
    rows: activations.rows,
    width: config.hiddenSize,
    subgroupSize: rowSubgroups(pass.kernels),
  });
}
