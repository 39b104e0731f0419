import { INPUT_SETS, type ModuleName } from '../../config/modules';
import type { BufferSpec, BufferView } from '../gpu/dispatch';
import type { DropoutMask } from '../ops/dropout';
import { downGradient, downProjection, upGradient, upProjectionBackward } from '../ops/lowRank';
import type { Columns } from '../ops/operands';
import type { LinearHook } from '../model/linear';
import type { LlamaConfig } from '../model/llamaConfig';
import { linearShape } from '../model/tensorShapes';
import type { AdapterLayout, AdapterTensor } from './layout';
import { ADAPTER, gradientLayout, isSummed, presumStacks } from './lowRankLayout';

const DU: BufferView = { buffer: 'du' };

export interface LowRankOptions {
  readonly config: LlamaConfig;
  readonly layout: AdapterLayout;
  readonly r: number;
  /** See adapterScale. */
  readonly scale: number;
  readonly rows: number;
  /** Dropout probability of this pass: 0 in evaluation and generation. */
  readonly dropout: number;
  /** An independent mask for every expert, so that their gradients differ. */
  readonly perExpert: boolean;
  /** One u per layer, because a backward pass will need them. */
  readonly keep: boolean;
}

/**
 * The low-rank block without routers at the model's linears: one launch projects x for all modules that read it, s·B u is fused
 * into each frozen GEMM, and the backward mirrors both (method: MASA, sections 1 and 2).
 *
 * Without dropout, or with one mask for all experts, the block reads the presummed Σ_i A_i, so that no launch
 * depends on E; with a mask per expert it reads the stacked A's.
 */
export function lowRankHook(options: LowRankOptions): LinearHook {
  const { config, layout, r, scale, rows, dropout } = options;
  const stacked = dropout > 0 && options.perExpert;
  const source = downSource(layout, stacked);
  const gradients = gradientLayout(layout, stacked);
  const targets = (modules: readonly ModuleName[]) => modules.filter((m) => isTarget(layout, m));
  const setOf = (module: ModuleName) =>
    targets(INPUT_SETS.find((set) => set.some((m) => m === module)) ?? []);
  const group = (layer: number) => Math.floor(layer / layout.block.groupSize);
  const experts = stacked ? layout.block.downs : 1;
  const mask = (layer: number, module: ModuleName): DropoutMask | undefined =>
    dropout > 0 ? { p: dropout, layer, module } : undefined;
  const masks = (layer: number) => (dropout > 0 ? { p: dropout, layer, experts } : undefined);
  const columns = (view: BufferView, module: ModuleName): Columns => {
    const set = setOf(module);
    return { view, stride: set.length * r, offset: set.indexOf(module) * r };
  };
  const uName = (layer: number, modules: readonly ModuleName[]): BufferView => ({
    buffer: uBuffer(options.keep ? layer : undefined, setOf(modules[0] ?? 'q_proj')),
  });
  const b = (layer: number, module: ModuleName) => layout.find('B', module, layer);
  const a = (layer: number, module: ModuleName) => layout.find('A', module, group(layer));

  return {
    project(layer, modules, x) {
      const set = targets(modules);
      const [first] = set;
      if (first === undefined) return [];
      return [
        downProjection({
          label: `layer ${layer} / ${set.join(', ')} / u`,
          x,
          a: source.view,
          aOffset: source.offset(a(layer, first)),
          u: uName(layer, set),
          rows,
          inner: linearShape(config, first)[1],
          rank: r,
          modules: set,
          dropout: masks(layer),
        }),
      ];
    },

    forwardTail(layer, module) {
      if (!isTarget(layout, module)) return undefined;
      const u = columns(uName(layer, [module]), module);
      return { u, b: ADAPTER.values, bOffset: b(layer, module).offset, rank: r, scale };
    },

    backward(layer, modules, x, dy) {
      const set = targets(modules);
      const [first] = set;
      if (first === undefined) return [];
      const label = (what: string) => `layer ${layer} / ${set.join(', ')} / ${what}`;
      const ups = set.map((module) => {
        const gradient = dy[module];
        if (gradient === undefined) throw new Error(`layer ${layer}: no gradient for ${module}`);
        const up = b(layer, module);
        return { dy: gradient, outs: up.shape[0], bOffset: up.offset, offset: gradients.offset(up) };
      });
      const shape = { rows, rank: r };
      return [
        upProjectionBackward({
          label: label('du'),
          modules: ups,
          b: ADAPTER.values,
          du: DU,
          scale,
          ...shape,
        }),
        upGradient({
          label: label('B grad'),
          modules: ups,
          u: uName(layer, set),
          gradient: ADAPTER.gradient,
          scale,
          ...shape,
        }),
        downGradient({
          label: label('A grad'),
          x,
          inner: linearShape(config, first)[1],
          du: DU,
          gradient: ADAPTER.gradient,
          modules: set,
          offset: gradients.offset(a(layer, first)),
          dropout: masks(layer),
          ...shape,
        }),
      ];
    },

    backwardTails(layer, module) {
      if (!isTarget(layout, module)) return [];
      return [
        {
          du: columns(DU, module),
          a: source.view,
          aOffset: source.offset(a(layer, module)),
          rank: r,
          experts,
          dropout: mask(layer, module),
        },
      ];
    },
  };
}

/** Buffers that such a pass needs beside the adapter itself. */
export function lowRankActivations(
  options: Pick<LowRankOptions, 'config' | 'layout' | 'r' | 'rows' | 'keep'>,
): BufferSpec[] {
  const { config, layout, r, rows, keep } = options;
  const sets = INPUT_SETS.map((set) => set.filter((module) => isTarget(layout, module))).filter(
    (set) => set.length > 0,
  );
  const buffer = (name: string, width: number): BufferSpec => ({
    name,
    bytes: rows * width * 4,
    part: 'activations',
  });
  const layers = keep ? Array.from({ length: config.layers }, (_, layer) => layer) : [undefined];
  return [
    ...layers.flatMap((layer) => sets.map((set) => buffer(uBuffer(layer, set), set.length * r))),
    ...(keep ? [buffer(DU.buffer, Math.max(...sets.map((set) => set.length)) * r)] : []),
  ];
}

/** Which A's a pass reads: the sums, or the stack itself where it is read expert by expert or holds one. */
function downSource(layout: AdapterLayout, stacked: boolean) {
  if (stacked || !isSummed(layout)) {
    return { view: ADAPTER.values, offset: (tensor: AdapterTensor) => tensor.offset };
  }
  const sums = new Map(presumStacks(layout).map((stack) => [stack.aOffset, stack.sumOffset]));
  return { view: ADAPTER.sums, offset: (tensor: AdapterTensor) => sums.get(tensor.offset) ?? Number.NaN };
}

function uBuffer(layer: number | undefined, set: readonly ModuleName[]): string {
  return `${layer === undefined ? 'layer' : `layer ${layer}`} / u ${set.join(', ')}`;
}

function isTarget(layout: AdapterLayout, module: ModuleName): boolean {
  return layout.targets.includes(module);
}
