import type { ModuleName } from '../../../config/modules';
import { ADAPTER } from '../../adapters/lowRankLayout';
import { expertsOf, type AdapterLayout } from '../../adapters/layout';
import { gateColumns } from '../../adapters/routed';
import type { BufferSpec, BufferView, Dispatch } from '../../gpu/dispatch';
import { completePlan, type Plan } from '../../gpu/workspace';
import { planActivations } from '../../model/activations';
import type { BaseModel } from '../../model/baseModel';
import { forward, forwardBuffers } from '../../model/forward';
import type { InferenceAdapter } from '../../model/decoder';
import type { LinearHook } from '../../model/linear';
import type { LlamaConfig } from '../../model/llamaConfig';
import { linearShape } from '../../model/tensorShapes';
import { gatherRows } from '../../ops/gatherRows';
import { downProjection } from '../../ops/lowRank';

/** The kinds of features of a module, in the order in which they lie in the result. */
export type FeatureKind = 'experts' | 'mix' | 'increment' | 'gates';

/** One module of one layer. */
export interface ModulePlace {
  readonly layer: number;
  readonly module: ModuleName;
}

/** What one module gives of one kind, for the rows of a pass. */
export interface FeatureSlice extends ModulePlace {
  readonly kind: FeatureKind;
  /** Elements of a row. */
  readonly width: number;
  /** First element in FEATURES.all. */
  readonly offset: number;
  /** To be multiplied into what lies there. */
  readonly scale: number;
}

export const FEATURES = {
  /** u32 [most] rows of the pass to be read; the rest repeat some row, and nobody reads what comes of them */
  chosen: { buffer: 'feature rows' },
  /** f32 [most, in] what a module reads, the chosen rows of it */
  inputs: { buffer: 'feature inputs' },
  /** f32 [most, ups·R] what the B's read, the chosen rows of it */
  mix: { buffer: 'feature mix' },
  /** f32, all slices, each [most, width] from a multiple of 256 bytes */
  all: { buffer: 'features' },
} as const;

/** Elements between two places where a binding may start. */
const ALIGNMENT = 64;

/** Elements of a row of one module's features of a kind. */
export function featureWidth(
  config: LlamaConfig,
  layout: AdapterLayout,
  module: ModuleName,
  kind: FeatureKind,
): number {
  const r = layout.find('A', module, 0).shape[0];
  switch (kind) {
    case 'experts':
      return layout.block.downs * r;
    case 'mix':
      return layout.block.ups * r;
    case 'increment':
      return linearShape(config, module)[0];
    case 'gates':
      return expertsOf(layout.block);
  }
}

export interface FeaturePlanInput {
  readonly base: Pick<BaseModel, 'config' | 'weights' | 'kernels'>;
  readonly adapter: Pick<InferenceAdapter, 'hook' | 'scratch'>;
  readonly layout: AdapterLayout;
  readonly places: readonly ModulePlace[];
  readonly kinds: readonly FeatureKind[];
  /** N, rows of a pass. */
  readonly rows: number;
  /** Rows that are read of it, at most. */
  readonly most: number;
  readonly maxBinding: number;
}

/**
 * Plans a forward pass that also leaves the features of some rows in FEATURES.all: after the adapter's own
 * projection of a module's x, the chosen rows of x are gathered and every A_i is applied to them; what B reads is
 * gathered from the buffer that the pass itself goes on with, and B is applied to it.
 */
export function planFeatures(
  input: FeaturePlanInput,
): Plan & { readonly slices: readonly FeatureSlice[]; readonly size: number } {
  const { base, adapter, layout, places, kinds, rows, most, maxBinding } = input;
  const { config, weights, kernels } = base;
  const hook = adapter.hook(rows);
  let size = 0;
  const slices = places.flatMap(({ layer, module }) =>
    kinds.map((kind): FeatureSlice => {
      const width = featureWidth(config, layout, module, kind);
      const scale = kind === 'increment' ? (hook.forwardTail(layer, module)?.scale ?? Number.NaN) : 1;
      const slice = { layer, module, kind, width, offset: size, scale };
      size += Math.ceil((most * width) / ALIGNMENT) * ALIGNMENT;
      return slice;
    }),
  );
  const activations = planActivations(config, rows, false);
  const reading = readingHook(hook, input, slices);
  const pass = { config, weights, activations, adapter: reading, kernels, maxBinding };
  const widest = (width: (module: ModuleName) => number) =>
    Math.max(...places.map(({ module }) => width(module)));
  const spec = (view: BufferView, elements: number, part: BufferSpec['part']): BufferSpec => ({
    name: view.buffer,
    bytes: elements * 4,
    part,
  });
  const plan = completePlan(
    [
      ...forwardBuffers(config, rows, rows),
      ...activations.buffers,
      ...adapter.scratch(rows),
      spec(FEATURES.chosen, most, 'io'),
      spec(FEATURES.inputs, most * widest((module) => linearShape(config, module)[1]), 'activations'),
      spec(
        FEATURES.mix,
        most * widest((module) => featureWidth(config, layout, module, 'mix')),
        'activations',
      ),
      spec(FEATURES.all, size, 'io'),
    ],
    { features: forward(pass) },
  );
  return { ...plan, slices, size };
}

/** The adapter's hook, and behind its projections the launches that read features. */
function readingHook(
  hook: LinearHook,
  { base, layout, most }: FeaturePlanInput,
  slices: readonly FeatureSlice[],
): LinearHook {
  return {
    ...hook,
    project: (layer, modules, x) => [
      ...hook.project(layer, modules, x),
      ...slices
        .filter((slice) => slice.layer === layer && modules.includes(slice.module))
        .flatMap((slice) => launches({ slice, hook, config: base.config, layout, most, x })),
    ],
  };
}

interface Launches {
  readonly slice: FeatureSlice;
  readonly hook: LinearHook;
  readonly config: LlamaConfig;
  readonly layout: AdapterLayout;
  readonly most: number;
  readonly x: BufferView;
}

function launches({ slice, hook, config, layout, most, x }: Launches): Dispatch[] {
  const { layer, module, kind, width } = slice;
  const label = `layer ${layer} / ${module} / features: ${kind}`;
  const target = { ...FEATURES.all, offset: slice.offset * 4, size: most * width * 4 };
  const gather = (
    source: Parameters<typeof gatherRows>[0]['source'],
    gathered: BufferView,
    columns: number,
  ) => gatherRows({ label, chosen: FEATURES.chosen, source, gathered, rows: most, width: columns });
  const project = (from: BufferView, inner: number, a: BufferView, aOffset: number) =>
    downProjection({
      label,
      x: from,
      a,
      aOffset,
      u: target,
      rows: most,
      inner,
      rank: width,
      modules: [module],
    });
  if (kind === 'experts') {
    const inner = linearShape(config, module)[1];
    const first = layout.find('A', module, Math.floor(layer / layout.block.groupSize));
    const inputs = gather({ view: x, stride: inner, offset: 0 }, FEATURES.inputs, inner);
    return [inputs, project(FEATURES.inputs, inner, ADAPTER.values, first.offset)];
  }
  if (kind === 'gates') return [gather(gateColumns(layout, module), target, width)];
  const tail = hook.forwardTail(layer, module);
  if (tail === undefined) throw new Error(`${module} of layer ${layer} is not adapted`);
  if (kind === 'mix') return [gather(tail.u, target, width)];
  return [gather(tail.u, FEATURES.mix, tail.rank), project(FEATURES.mix, tail.rank, tail.b, tail.bOffset)];
}
