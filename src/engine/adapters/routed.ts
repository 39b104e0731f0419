import { INPUT_SETS, type ModuleName } from '../../config/modules';
import type { BufferSpec, BufferView } from '../gpu/dispatch';
import type { StackDropout } from '../ops/dropout';
import {
  downGradient,
  downProjection,
  gateWidth,
  mix,
  mixBackward,
  routerLoad,
  upGradient,
  upProjectionBackward,
} from '../ops/lowRank';
import { INPUT } from '../model/forward';
import type { Columns } from '../ops/operands';
import type { LinearHook } from '../model/linear';
import { linearShape } from '../model/tensorShapes';
import { expertsOf, type AdapterLayout, type AdapterTensor } from './layout';
import type { LowRankOptions } from './lowRank';
import { ADAPTER, gradientLayout, headStacks } from './lowRankLayout';

/** Buffers of routing beside those of each layer. */
export const ROUTER = {
  /** f32 [N, modules·E] logits of the set at hand; in the backward pass their gradient */
  logits: { buffer: 'router logits' },
  /** f32 [routers, E] share of the micro-batch's tokens that go to each expert */
  shares: { buffer: 'router shares' },
  /** f32 [routers, E, 4] sums over the counted tokens of a step (shaders/routerLoad.wgsl); cleared before each */
  totals: { buffer: 'router totals' },
} as const;

const DU: BufferView = { buffer: 'du' };
const DV: BufferView = { buffer: 'dv' };

export interface RoutedOptions extends LowRankOptions {
  /** Experts that a token goes to; 0, or as many as there are, is all of them. */
  readonly topK: number;
  /** Coefficient of the balance loss. */
  readonly balance: number;
}

/**
 * The low-rank block with routers at the model's linears: E experts are a block of rank E·R between whose projections
 * stands the gating of small tensors, so that no launch passes over x for one expert alone (method.md, section 2).
 *
 *   u = the A's on x side by side   z = x Routerᵀ   gates, v = mix(z, u)   y = W x + s·[B_1 … B_E] v
 */
export function routedHook(options: RoutedOptions): LinearHook {
  const { config, layout, r, scale, rows, dropout, balance } = options;
  const { block, targets } = layout;
  const width = widths(options);
  const { experts } = width;
  const perExpert = dropout > 0 && options.perExpert;
  const topK = options.topK === 0 ? experts : Math.min(options.topK, experts);
  const gradients = gradientLayout(layout, perExpert);
  const ups = upSource(layout);
  const a = (layer: number, module: ModuleName) =>
    layout.find('A', module, Math.floor(layer / block.groupSize));
  const b = (layer: number, module: ModuleName) => layout.find('B', module, layer);
  const router = (layer: number, module: ModuleName) => layout.find('router', module, layer);
  const masks = (layer: number): StackDropout | undefined => {
    if (dropout === 0) return undefined;
    return perExpert
      ? { p: dropout, layer, experts, heads: true, oneA: block.downs === 1 }
      : { p: dropout, layer, experts: 1 };
  };
  /** Rank of what one A's kernel call projects: a module's A's are one matrix where they share a mask. */
  const downRank = perExpert ? r : width.u;
  const views = (layer: number, set: readonly ModuleName[]) => {
    const name = (what: string) => ({ buffer: buffer(what, options.keep ? layer : undefined, set) });
    return { u: name('u'), gates: name('gates'), v: name('v') };
  };
  const shape = (label: string, set: readonly ModuleName[]) => ({
    label,
    rows,
    rank: r,
    experts,
    modules: set.length,
    manyU: width.u > r,
    manyV: width.v > r,
  });
  const index = (layer: number, module: ModuleName) => layer * targets.length + targets.indexOf(module);

  return {
    project(layer, modules, x) {
      const set = modules.filter((module) => targets.includes(module));
      const [first] = set;
      if (first === undefined) return [];
      const label = (what: string) => `layer ${layer} / ${set.join(', ')} / ${what}`;
      const { u, gates, v } = views(layer, set);
      const common = { x, a: ADAPTER.values, rows, inner: linearShape(config, first)[1], modules: set };
      return [
        downProjection({
          ...common,
          label: label('u'),
          aOffset: a(layer, first).offset,
          u,
          rank: downRank,
          dropout: masks(layer),
        }),
        downProjection({
          ...common,
          label: label('router'),
          aOffset: router(layer, first).offset,
          u: ROUTER.logits,
          rank: experts,
        }),
        mix({ ...shape(label('mix'), set), topK, z: ROUTER.logits, u, gates, v }),
      ];
    },

    forwardTail(layer, module) {
      if (!targets.includes(module)) return undefined;
      const set = setOf(layout, module);
      const columns = { stride: set.length * width.v, offset: set.indexOf(module) * width.v };
      const u = { view: views(layer, set).v, ...columns };
      return { u, b: ups.view, bOffset: ups.offset(b(layer, module)), rank: width.v, scale };
    },

    backward(layer, modules, x, dy) {
      const set = modules.filter((module) => targets.includes(module));
      const [first] = set;
      if (first === undefined) return [];
      const label = (what: string) => `layer ${layer} / ${set.join(', ')} / ${what}`;
      const { u, gates, v } = views(layer, set);
      const heads = set.map((module) => {
        const gradient = dy[module];
        if (gradient === undefined) throw new Error(`layer ${layer}: no gradient for ${module}`);
        const up = b(layer, module);
        return {
          dy: gradient,
          outs: up.shape[0],
          bOffset: ups.offset(up),
          offset: gradients.offset(up),
        };
      });
      const routing = { gates, targets: INPUT.targets, shares: ROUTER.shares, router: index(layer, first) };
      const down = {
        x,
        inner: linearShape(config, first)[1],
        gradient: ADAPTER.gradient,
        modules: set,
        rows,
      };
      return [
        routerLoad({ ...shape(label('load'), set), ...routing, totals: ROUTER.totals, topK }),
        upProjectionBackward({
          label: label('dv'),
          modules: heads,
          b: ups.view,
          du: DV,
          rows,
          rank: width.v,
          scale,
        }),
        upGradient({
          label: label('B grad'),
          modules: heads,
          u: v,
          gradient: ADAPTER.gradient,
          rows,
          rank: r,
          experts: block.ups,
          scale,
        }),
        mixBackward({
          ...shape(label('du'), set),
          ...routing,
          u,
          dv: DV,
          du: DU,
          dz: ROUTER.logits,
          balance: (balance * experts) / (config.layers * targets.length),
        }),
        downGradient({
          ...down,
          label: label('A grad'),
          du: DU,
          offset: gradients.offset(a(layer, first)),
          rank: downRank,
          dropout: masks(layer),
        }),
        downGradient({
          ...down,
          label: label('router grad'),
          du: ROUTER.logits,
          offset: gradients.offset(router(layer, first)),
          rank: experts,
        }),
      ];
    },

    backwardTails(layer, module) {
      if (!targets.includes(module)) return [];
      const set = setOf(layout, module);
      const { p, ...stack } = masks(layer) ?? { p: 0, experts: 1 };
      const projections = {
        ...stack,
        du: { view: DU, stride: set.length * width.u, offset: set.indexOf(module) * width.u },
        a: ADAPTER.values,
        aOffset: a(layer, module).offset,
        rank: downRank,
        dropout: p === 0 ? undefined : { p, layer, module },
      };
      // The routers of a set lie one behind the other, so the first module brings all of them.
      const logits = {
        du: { view: ROUTER.logits, stride: set.length * experts, offset: 0 },
        a: ADAPTER.values,
        aOffset: router(layer, module).offset,
        rank: set.length * experts,
        experts: 1,
        dropout: undefined,
      };
      return module === set[0] ? [projections, logits] : [projections];
    },
  };
}

/** Buffers that a routed pass needs beside the adapter itself. */
export function routedActivations(
  options: Pick<RoutedOptions, 'config' | 'layout' | 'r' | 'rows' | 'dropout' | 'perExpert' | 'keep'>,
): BufferSpec[] {
  const { config, layout, rows, keep } = options;
  const width = widths(options);
  const sets = INPUT_SETS.map((set) => set.filter((module) => layout.targets.includes(module))).filter(
    (set) => set.length > 0,
  );
  const most = Math.max(...sets.map((set) => set.length));
  const spec = (name: string, floats: number): BufferSpec => ({
    name,
    bytes: floats * 4,
    part: 'activations',
  });
  const layers = keep ? Array.from({ length: config.layers }, (_, layer) => layer) : [undefined];
  const own = layers.flatMap((layer) =>
    sets.flatMap((set) => [
      spec(buffer('u', layer, set), rows * set.length * width.u),
      spec(buffer('gates', layer, set), rows * set.length * gateWidth(width.experts)),
      spec(buffer('v', layer, set), rows * set.length * width.v),
    ]),
  );
  const logits = spec(ROUTER.logits.buffer, rows * most * width.experts);
  if (!keep) return [...own, logits];
  return [
    ...own,
    logits,
    spec(DU.buffer, rows * most * width.u),
    spec(DV.buffer, rows * most * width.v),
    spec(ROUTER.shares.buffer, routerCount(layout, config) * width.experts),
    spec(ROUTER.totals.buffer, routerCount(layout, config) * width.experts * 4),
  ];
}

/** Routers of an adapter: one for each layer and module. */
export function routerCount(layout: AdapterLayout, config: { readonly layers: number }): number {
  return layout.block.mix === 'router' ? config.layers * layout.targets.length : 0;
}

/** E, and the columns of u and v at one module. One A has a u for each head where these have masks of their own. */
function widths({
  layout: { block },
  r,
  dropout,
  perExpert,
}: Pick<RoutedOptions, 'layout' | 'r' | 'dropout' | 'perExpert'>) {
  const experts = expertsOf(block);
  const many = block.downs > 1 || (dropout > 0 && perExpert);
  return { experts, u: many ? experts * r : r, v: block.ups * r };
}

/** Where the up-projections of a layer and module lie as one matrix. */
function upSource(layout: AdapterLayout) {
  if (layout.block.ups === 1) {
    return { view: ADAPTER.values, offset: (tensor: AdapterTensor) => tensor.offset };
  }
  const packed = new Map(headStacks(layout).map((stack) => [stack.aOffset, stack.sumOffset]));
  return { view: ADAPTER.heads, offset: (tensor: AdapterTensor) => packed.get(tensor.offset) ?? Number.NaN };
}

function setOf(layout: AdapterLayout, module: ModuleName): readonly ModuleName[] {
  const set: readonly ModuleName[] = INPUT_SETS.find((modules) => modules.some((m) => m === module)) ?? [];
  return set.filter((m) => layout.targets.includes(m));
}

function buffer(what: string, layer: number | undefined, set: readonly ModuleName[]): string {
  return `${layer === undefined ? 'layer' : `layer ${layer}`} / ${what} ${set.join(', ')}`;
}

/** The gates g [N, E] of a module in a pass of inference, until the next layer's take their place. */
export function gateColumns(layout: AdapterLayout, module: ModuleName): Columns {
  const experts = expertsOf(layout.block);
  const set = setOf(layout, module);
  const width = gateWidth(experts);
  return {
    view: { buffer: buffer('gates', undefined, set) },
    stride: set.length * width,
    offset: set.indexOf(module) * width + experts,
  };
}
