import { QrDecomposition } from 'ml-matrix';
import type { AdapterLayout } from '../../adapters/layout';
import { adjacentCka, ckaMap } from '../cka';
import { createMatrix, stackColumns, toDense, type Matrix } from '../matrix';
import { expertSpectra, spectrum, type Spectrum } from '../spectrum';
import { expertFeatures, type ExpertFeatures, type ModuleFeatures } from './reader';
import type { DepthReport, LoadReport, ModuleReport, SimilarityReport, SpectrumReport } from './report';
import type { FeatureRow } from './rows';
import { pairs } from './stacks';

/** Spectra and loads of every module. */
export function describeModules(features: ExpertFeatures): ModuleReport[] {
  return features.modules.map((module) => ({
    layer: module.layer,
    module: module.module,
    spectra: spectraOf(features, module),
    load: module.gates === undefined ? null : loadOf(module.gates, features.rows),
  }));
}

/**
 * CKA between the layers that were looked at, for each module.
 *
 * @param values of the adapter, flat by the layout
 */
export function compareLayers(
  { modules }: ExpertFeatures,
  layout: AdapterLayout,
  values: Float32Array,
  maps: boolean,
): SimilarityReport[] {
  const names = [...new Set(modules.map(({ module }) => module))];
  return names.map((module) => {
    const layers = modules.filter((place) => place.module === module);
    const outputs = layers.map(({ experts, mix }) => (layout.block.ups === 1 ? mix : experts));
    const increments = layers.map((place) => narrowIncrement(place, layout, values));
    return { module, a_outputs: depth(outputs, maps), increments: depth(increments, maps) };
  });
}

/**
 * Features with the same CKA as the increments s·B u, which are as wide as the module's output, but no wider than u: with
 * B = Q R, where the columns of Q are orthonormal, B u = Q (R u), and CKA sees neither Q nor s.
 */
function narrowIncrement(
  { layer, module, mix }: ModuleFeatures,
  layout: AdapterLayout,
  flat: Float32Array,
): Matrix {
  const heads = Array.from({ length: layout.block.ups }, (_, expert): Matrix => {
    const { offset, shape } = layout.find('B', module, layer, expert);
    const [rows, cols] = shape;
    return createMatrix(rows, cols, flat.subarray(offset, offset + rows * cols));
  });
  const up = toDense(stackColumns(heads)); // [out, columns of u]
  const factor = up.rows > up.columns ? new QrDecomposition(up).upperTriangularMatrix : up;
  const narrow = toDense(mix).mmul(factor.transpose());
  return createMatrix(narrow.rows, narrow.columns, Float64Array.from(narrow.to1DArray()));
}

function spectraOf(features: ExpertFeatures, module: ModuleFeatures): ModuleReport['spectra'] {
  if (features.downs === 1) {
    const only = reportOf(spectrum(module.experts));
    return { single: [only], sum: only, stack: only };
  }
  const experts = Array.from({ length: features.downs }, (_, i) => expertFeatures(features, module, i));
  const { single, sum, stack } = expertSpectra(experts);
  return { single: single.map(reportOf), sum: reportOf(sum), stack: reportOf(stack) };
}

function reportOf({ values, rank, effectiveRank }: Spectrum): SpectrumReport {
  return { values: Array.from(values), rank, effective_rank: effectiveRank ?? null };
}

function depth(features: readonly Matrix[], maps: boolean): DepthReport {
  // The map holds the adjacent values, so each is computed once.
  const map = maps ? ckaMap(features) : undefined;
  const values = map?.slice(1).map((row, i) => row[i]) ?? adjacentCka(features);
  const defined = values.filter((value) => value !== undefined);
  const total = defined.reduce((sum, value) => sum + value, 0);
  return {
    adjacent: values.map((value) => value ?? null),
    mean: defined.length === 0 ? null : total / defined.length,
    map: map === undefined ? null : pairs(map),
  };
}

/** @param gates [N, E] */
function loadOf(gates: Matrix, rows: readonly FeatureRow[]): LoadReport {
  const { cols, values } = gates;
  const meanOf = (chosen: readonly number[]) =>
    Array.from(
      { length: cols },
      (_, i) => chosen.reduce((sum, n) => sum + (values[n * cols + i] ?? Number.NaN), 0) / chosen.length,
    );
  const tasks = new Map<string, number[]>();
  rows.forEach(({ task }, n) => {
    if (task !== null) tasks.set(task, [...(tasks.get(task) ?? []), n]);
  });
  let entropy = 0;
  for (const gate of values) if (gate > 0) entropy -= gate * Math.log(gate);
  return {
    mean: meanOf([...rows.keys()]),
    by_task: Object.fromEntries([...tasks].map(([task, chosen]) => [task, meanOf(chosen)])),
    entropy: entropy / rows.length,
  };
}
