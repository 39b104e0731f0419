import type { ModuleName } from '../../../config/modules';
import type { AdapterLayout } from '../../adapters/layout';
import { isSummed } from '../../adapters/lowRankLayout';
import { cosines, expertDistances, relativeDistances, type Pairwise } from '../distances';
import { createMatrix, type Matrix } from '../matrix';
import type { Pairs, StackReport } from './report';

/** The weights of an adapter at one moment, flat by adapterLayout. */
export interface StackWeights {
  readonly values: Float32Array;
  /** Before the first step; undefined where it is not known. */
  readonly initial: Float32Array | undefined;
  /** Of one batch; undefined where all experts of a stack have the same (see sharesGradient). */
  readonly gradient: Float32Array | undefined;
}

/** Whether the A's of a group get one and the same gradient: under a sum or mean, unless each has masks of its own. */
export function sharesGradient(
  layout: AdapterLayout,
  settings: { readonly lora_dropout: number; readonly dropout_mode: string },
): boolean {
  return isSummed(layout) && !(settings.lora_dropout > 0 && settings.dropout_mode === 'per_expert');
}

/** Compares the experts of every stack that the given layers and modules use. */
export function compareStacks(
  layout: AdapterLayout,
  places: readonly { readonly layer: number; readonly module: ModuleName }[],
  allLayers: number,
  weights: StackWeights,
): StackReport[] {
  const { downs, ups, groupSize } = layout.block;
  const modules = [...new Set(places.map(({ module }) => module))];
  return modules.flatMap((module) => {
    const layers = places.filter((place) => place.module === module).map(({ layer }) => layer);
    const groups = [...new Set(layers.map((layer) => Math.floor(layer / groupSize)))];
    const ofGroups = groups.map((group) => {
      const [first, end] = [group * groupSize, Math.min((group + 1) * groupSize, allLayers)];
      return compare(layout, 'A', module, group, [first, end - 1], weights);
    });
    const ofLayers = layers.map((layer) => compare(layout, 'B', module, layer, [layer, layer], weights));
    return [...(downs > 1 ? ofGroups : []), ...(ups > 1 ? ofLayers : [])];
  });
}

function compare(
  layout: AdapterLayout,
  role: 'A' | 'B',
  module: ModuleName,
  index: number,
  layers: readonly [number, number],
  { values, initial, gradient }: StackWeights,
): StackReport {
  const count = role === 'A' ? layout.block.downs : layout.block.ups;
  const experts = (flat: Float32Array): Matrix[] =>
    Array.from({ length: count }, (_, expert) => {
      const { offset, shape } = layout.find(role, module, index, expert);
      const [rows, cols] = shape;
      return createMatrix(rows, cols, flat.subarray(offset, offset + rows * cols));
    });
  const now = experts(values);
  const since = initial === undefined ? undefined : expertDistances(now, experts(initial));
  return {
    role,
    module,
    layers,
    distance: pairs(relativeDistances(now)),
    kept: since === undefined ? null : pairs(since.kept),
    direction: since === undefined ? null : pairs(since.direction),
    gradient_cosine:
      gradient === undefined
        ? { from: 'algebra', values: now.map(() => now.map(() => 1)) }
        : { from: 'measured', values: pairs(cosines(experts(gradient))) },
  };
}

/** The same values with null, which JSON has, in the place of undefined. */
export function pairs(values: Pairwise): Pairs {
  return values.map((row) => row.map((value) => value ?? null));
}
