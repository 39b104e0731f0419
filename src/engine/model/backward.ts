import { INPUT_SETS, type ModuleName } from '../../config/modules';
import type { BufferSpec, BufferView, Dispatch } from '../gpu/dispatch';
import { attentionBackward } from '../ops/attention';
import { crossEntropy } from '../ops/crossEntropy';
import { matmulBackward } from '../ops/matmul';
import { rmsNormBackward } from '../ops/rmsNorm';
import { rope } from '../ops/rope';
import { accumulateSum } from '../ops/sumLosses';
import { swigluBackward } from '../ops/swiglu';
import { headChunk, type LayerActivation } from './activations';
import { head, INPUT, layerWeights, OUTPUT, type Pass } from './forward';
import type { Gradients } from './linear';
import type { LlamaConfig } from './llamaConfig';

/** Scratch of the loss and of the backward pass, shared by all layers. */
const SCRATCH = {
  logits: { buffer: 'logits' }, // [chunk, V], overwritten by dlogits
  losses: { buffer: 'losses' }, // [N]
  dhidden: { buffer: 'dhidden' }, // [N, C] gradient of a norm's output
  dq: { buffer: 'dq' }, // [N, H·D]
  dk: { buffer: 'dk' }, // [N, K·D]
  dv: { buffer: 'dv' }, // [N, K·D]
  do: { buffer: 'do' }, // [N, H·D]
  terms: { buffer: 'attention terms' }, // [N, H, 2] lse and rowsum(dO ∘ O)
  dact: { buffer: 'dact' }, // [N, F]
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

/** Buffers of the backward pass beside those of the loss. */
export function backwardBuffers(config: LlamaConfig, rows: number): BufferSpec[] {
  const { hiddenSize: C, intermediateSize: F, heads: H, kvHeads: K, headDim: D } = config;
  const scratch = (view: BufferView, width: number): BufferSpec => ({
    name: view.buffer,
    bytes: rows * width * 4,
    part: 'activations',
  });
  return [
    { name: INPUT.last.buffer, bytes: rows * 4, part: 'io' },
    scratch(DRESIDUAL, C),
    scratch(SCRATCH.dhidden, C),
    scratch(SCRATCH.dq, H * D),
    scratch(SCRATCH.dk, K * D),
    scratch(SCRATCH.dv, K * D),
    scratch(SCRATCH.do, H * D),
    scratch(SCRATCH.terms, 2 * H),
    scratch(SCRATCH.dact, F),
  ];
}

/**
 * Cross-entropy of all rows, in chunks so that no [N, V] tensor exists; adds the sum of the losses to
 * LOSS_SUM. With `gradient` each chunk's logits become dlogits and dhidden follows at once.
 */
export function loss(pass: Pass, gradient: boolean): Dispatch[] {
  const { config, weights, activations, maxBinding } = pass;
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
      }),
    );
    if (gradient) {
      const view = { ...SCRATCH.dhidden, offset: firstRow * C * 4, size: count * C * 4 };
      launches.push(
        ...matmulBackward({
          label: `head gradient, rows from ${firstRow}`,
          dy: SCRATCH.logits,
          weight: weights.head,
          dx: { view, stride: C, offset: 0 },
          accumulate: false,
          rows: count,
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
 * From dhidden (left by `loss`) to the gradients of the adapter's tensors. The base is frozen: no gradient of a
 * base weight is computed, and the embedding's gradient is never asked for.
 */
export function backward(pass: Pass): Dispatch[] {
  const { config, weights, activations } = pass;
  const rows = activations.rows;
  return [
    rmsNormBackward({
      label: 'final norm gradient',
      dy: SCRATCH.dhidden,
      x: activations.layer(config.layers, 'x'),
      weight: weights.norm,
      rstd: OUTPUT.rstd,
      dx: DRESIDUAL,
      rows,
      width: config.hiddenSize,
    }),
    ...Array.from({ length: config.layers }, (_, i) => config.layers - 1 - i).flatMap((layer) => [
      ...mlpGradient(pass, layer),
      ...attentionGradient(pass, layer),
    ]),
  ];
}

function mlpGradient(pass: Pass, layer: number): Dispatch[] {
  const { config, activations } = pass;
  const at = (name: LayerActivation) => activations.layer(layer, name);
  const rows = activations.rows;
  return [
    ...linearsGradient(pass, layer, INPUT_SETS[3], at('act'), { down_proj: DRESIDUAL }, SCRATCH.dact),
    swigluBackward({
      label: `layer ${layer} / swiglu gradient`,
      gate: at('gate'),
      up: at('up'),
      dy: SCRATCH.dact,
      count: rows * config.intermediateSize,
    }),
    ...linearsGradient(
      pass,
      layer,
      INPUT_SETS[2],
      at('h2'),
      { gate_proj: at('gate'), up_proj: at('up') },
      SCRATCH.dhidden,
    ),
    normGradient(pass, layer, 'post'),
  ];
}

function attentionGradient(pass: Pass, layer: number): Dispatch[] {
  const { config, activations } = pass;
  const { heads, kvHeads, headDim } = config;
  const rows = activations.rows;
  const at = (name: LayerActivation) => activations.layer(layer, name);
  const unrotate = (name: 'dq' | 'dk', count: number) =>
    rope({
      label: `layer ${layer} / rope ${name}`,
      x: SCRATCH[name],
      positions: INPUT.positions,
      table: INPUT.ropeTable,
      rows,
      heads: count,
      headDim,
      inverse: true,
    });
  const inputs = { q_proj: SCRATCH.dq, k_proj: SCRATCH.dk, v_proj: SCRATCH.dv };
  return [
    ...linearsGradient(pass, layer, INPUT_SETS[1], at('o'), { o_proj: DRESIDUAL }, SCRATCH.do),
    ...attentionBackward({
      label: `layer ${layer} / attention gradient`,
      dO: SCRATCH.do,
      o: at('o'),
      q: at('q'),
      k: at('k'),
      v: at('v'),
      lse: at('lse'),
      first: INPUT.first,
      last: INPUT.last,
      terms: SCRATCH.terms,
      dq: SCRATCH.dq,
      dk: SCRATCH.dk,
      dv: SCRATCH.dv,
      rows,
      heads,
      kvHeads,
      headDim,
    }),
    unrotate('dq', heads),
    unrotate('dk', kvHeads),
    // Nothing trainable lies below the first layer's q, k and v, so its residual gradient is not needed.
    ...(layer === 0
      ? pass.adapter.backward(layer, INPUT_SETS[0], at('h1'), inputs)
      : [
          ...linearsGradient(pass, layer, INPUT_SETS[0], at('h1'), inputs, SCRATCH.dhidden),
          normGradient(pass, layer, 'input'),
        ]),
  ];
}

/** The adapter's gradients for one set of linears, then the gradient dx of the input that they share. */
function linearsGradient(
  pass: Pass,
  layer: number,
  modules: readonly ModuleName[],
  x: BufferView,
  dy: Gradients,
  dx: BufferView,
): Dispatch[] {
  const { weights, activations, adapter, maxBinding } = pass;
  return [
    ...adapter.backward(layer, modules, x, dy),
    ...modules.flatMap((module, index) => {
      const { weight } = layerWeights(weights, layer).linears[module];
      const gradient = dy[module];
      if (gradient === undefined) throw new Error(`layer ${layer}: no gradient for ${module}`);
      return matmulBackward({
        label: `layer ${layer} / ${module} dx`,
        dy: gradient,
        weight,
        tail: adapter.backwardTail(layer, module),
        dx: { view: dx, stride: weight.shape[1] ?? 0, offset: 0 },
        accumulate: index > 0,
        rows: activations.rows,
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
    dy: SCRATCH.dhidden,
    x: activations.layer(layer, which === 'input' ? 'x' : 'mid'),
    weight: which === 'input' ? inputNorm : postNorm,
    rstd: activations.layer(layer, which === 'input' ? 'rstd1' : 'rstd2'),
    dx: DRESIDUAL,
    rows: activations.rows,
    width: config.hiddenSize,
  });
}
