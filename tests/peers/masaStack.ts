import { adapterLayout } from '../../src/engine/adapters/layout';
import { lowRankActivations, lowRankHook } from '../../src/engine/adapters/lowRank';
import { ADAPTER, adapterBuffers, gradientLayout } from '../../src/engine/adapters/lowRankLayout';
import type { GpuDevice } from '../../src/engine/gpu/device';
import { dispatch, type BufferSpec, type BufferView, type Dispatch } from '../../src/engine/gpu/dispatch';
import { readStaging } from '../../src/engine/gpu/readback';
import { makeKernel } from '../../src/engine/gpu/shader';
import { completePlan, openWorkspace, type Workspace } from '../../src/engine/gpu/workspace';
import * as optimiser from '../../src/engine/ops/adamw';
import { usualKernels } from '../../src/engine/ops/gemm/choice';
import { matmul, matmulBackward } from '../../src/engine/ops/matmul';
import { accumulateSum } from '../../src/engine/ops/sumLosses';
import type { Weight } from '../../src/engine/ops/weight';
import type { Step } from './engine';
import { LLAMA_CONFIG, LLAMA_RUN } from './llama';
import meanSquareSource from './meanSquare.wgsl?raw';
import siluSource from './silu.wgsl?raw';
import siluBackwardSource from './siluBackward.wgsl?raw';
import { ADAMW, LAYERS, RANK, ROWS, SCALE, transpose, WIDTH, type Stack } from './workloads';

/**
 * W1 from the engine's own launches, its low-rank block included, and three small kernels for what no LLaMA has.
 * To the block each layer's linear is an o_proj: 256 → 256, alone with its input.
 */
const MODULE = ['o_proj'] as const;
const COUNT = ROWS * WIDTH;
/** Threads, and so parts of the loss, of the mean square. */
const PARTS = 1024;

const SILU = makeKernel('silu', siluSource);
const SILU_BACKWARD = makeKernel('siluBackward', siluBackwardSource);
const MEAN_SQUARE = makeKernel('meanSquare', meanSquareSource);

const layout = adapterLayout({ ...LLAMA_RUN, target_modules: MODULE }, LLAMA_CONFIG);
const gradients = gradientLayout(layout, false);
const block = { config: LLAMA_CONFIG, layout, r: RANK, scale: SCALE, rows: ROWS, keep: true };

/** h(0) is the input; layer l reads h(l), makes z(l), which later becomes its gradient, and h(l + 1). */
const h = (layer: number): BufferView => ({ buffer: `h ${layer}` });
const z = (layer: number): BufferView => ({ buffer: `z ${layer}` });
const weight = (layer: number): Weight => ({
  buffer: `weight ${layer}`,
  dtype: 'F32',
  shape: [WIDTH, WIDTH],
});
const DH = { buffer: 'dh' };
const TARGET = { buffer: 'target' };
const LOSSES = { buffer: 'losses' };
const LOSS = { buffer: 'loss' };
const RESULT = 'result';
const M = { buffer: 'm' };
const V = { buffer: 'v' };
const BLOCKS = { buffer: 'blocks' };
const PARTIALS = { buffer: 'partials' };
const NORM = { buffer: 'norm' };
const layers = Array.from({ length: LAYERS }, (_, layer) => layer);

/** Allocates, uploads and compiles W1. */
export async function stackStep(gpu: GpuDevice, stack: Stack): Promise<Step> {
  const plan = completePlan(buffers(), { step: launches(gpu) });
  const workspace = await openWorkspace(gpu, plan, { shared: () => undefined });
  upload(workspace, stack);
  let t = 0;
  return async () => {
    const started = performance.now();
    t += 1;
    const bias = { bias1: 1 - ADAMW.beta1 ** t, bias2: 1 - ADAMW.beta2 ** t };
    const launched = workspace.run(
      ['step'],
      { learningRate: ADAMW.rate, ...bias },
      {
        clear: [ADAPTER.gradient.buffer, LOSS.buffer],
        copy: [{ from: LOSS.buffer, offset: 0, to: RESULT, toOffset: 0, bytes: 4 }],
      },
    );
    const result = await readStaging(gpu.device, workspace.buffer(RESULT));
    workspace.pace((performance.now() - started) / 1000, launched);
    return new Float32Array(result)[0] ?? Number.NaN;
  };
}

function launches(gpu: GpuDevice): Dispatch[] {
  const adapter = lowRankHook({ ...block, dropout: 0, perExpert: false });
  const maxBinding = gpu.device.limits.maxStorageBufferBindingSize;
  const shared = { rows: ROWS, maxBinding, kernels: usualKernels(gpu) };
  const forward = (layer: number) => [
    ...adapter.project(layer, MODULE, h(layer)),
    ...matmul({
      label: `layer ${layer} / linear`,
      x: h(layer),
      weight: weight(layer),
      tail: adapter.forwardTail(layer, MODULE[0]),
      y: { view: z(layer), stride: WIDTH, offset: 0 },
      ...shared,
    }),
    elementwise(`layer ${layer} / silu`, SILU, { z: z(layer), y: h(layer + 1) }),
  ];
  const backward = (layer: number) => [
    elementwise(`layer ${layer} / silu gradient`, SILU_BACKWARD, { z: z(layer), dy: DH }),
    ...adapter.backward(layer, MODULE, h(layer), { [MODULE[0]]: z(layer) }),
    // Nothing trainable lies below the first layer.
    ...(layer === 0
      ? []
      : matmulBackward({
          label: `layer ${layer} / dx`,
          dy: z(layer),
          weight: weight(layer),
          tails: adapter.backwardTails(layer, MODULE[0]),
          dx: { view: DH, stride: WIDTH, offset: 0 },
          accumulate: false,
          ...shared,
        })),
  ];
  return [
    ...layers.flatMap(forward),
    dispatch(
      'mean square',
      MEAN_SQUARE,
      { h: h(LAYERS), y: TARGET, losses: LOSSES, dh: DH },
      { count: COUNT / 4 },
      [PARTS / 64, 1, 1],
    ),
    accumulateSum({ label: 'loss', values: LOSSES, count: PARTS, sums: LOSS, slot: 0 }),
    ...layers.toReversed().flatMap(backward),
    ...optimiser.adamw({
      weights: ADAPTER.values,
      gradient: ADAPTER.gradient,
      m: M,
      v: V,
      blocks: BLOCKS,
      runs: gradients.runs,
      partials: PARTIALS,
      norm: NORM,
      weightDecay: ADAMW.decay,
      maxGradNorm: 0,
    }),
  ];
}

function elementwise(label: string, kernel: typeof SILU, bind: Record<string, BufferView>): Dispatch {
  return dispatch(label, kernel, bind, { count: COUNT / 4 }, [COUNT / 256, 1, 1]);
}

function buffers(): BufferSpec[] {
  const spec = (buffer: BufferView, elements: number): BufferSpec => ({
    name: buffer.buffer,
    bytes: elements * 4,
    part: 'activations',
  });
  return [
    ...layers.flatMap((layer) => [spec(weight(layer), WIDTH * WIDTH), spec(z(layer), COUNT)]),
    ...[...layers, LAYERS].map((layer) => spec(h(layer), COUNT)),
    ...[DH, TARGET].map((view) => spec(view, COUNT)),
    ...lowRankActivations(block),
    ...adapterBuffers(layout),
    spec(ADAPTER.gradient, gradients.size),
    ...[M, V].map((view) => spec(view, layout.size)),
    spec(BLOCKS, optimiser.blockCount(gradients.runs) * 3),
    spec(PARTIALS, optimiser.PARTIALS_BYTES / 4),
    spec(NORM, 2),
    spec(LOSSES, PARTS),
    spec(LOSS, 1),
    { name: 'unused', bytes: 4, part: 'io' },
    { name: RESULT, bytes: 4, part: 'io', usage: 'staging' },
  ];
}

function upload(workspace: Workspace, stack: Stack): void {
  const values = new Float32Array(layout.size);
  stack.layers.forEach(({ weight: w, a, b }, layer) => {
    workspace.write(weight(layer).buffer, transpose(w, WIDTH, WIDTH));
    values.set(transpose(a, WIDTH, RANK), layout.find('A', MODULE[0], layer).offset);
    values.set(transpose(b, RANK, WIDTH), layout.find('B', MODULE[0], layer).offset);
  });
  workspace.write(ADAPTER.values.buffer, values);
  workspace.write(h(0).buffer, stack.x);
  workspace.write(TARGET.buffer, stack.y);
  workspace.write(BLOCKS.buffer, optimiser.blockTable(gradients.runs));
}
