import type { ModuleName } from '../../config/modules';
import type { ExpertReport, Pairs } from '../../engine/analysis/features/report';

/** A row of a chart: its position or name, and a value for each series that has one. */
export type ChartRow = Readonly<Record<string, number | string>>;

/** CKA of each layer with the next one that was looked at, a line a module type. `layers` names the pair. */
export function depthRows({ layers, similarity }: ExpertReport, of: 'a_outputs' | 'increments'): ChartRow[] {
  return layers.slice(0, -1).map((layer, index) => ({
    layers: `${layer}–${layers[index + 1] ?? ''}`,
    ...Object.fromEntries(
      similarity.flatMap(({ module, [of]: { adjacent } }) => {
        const value = adjacent[index] ?? null;
        return value === null ? [] : [[module, value]];
      }),
    ),
  }));
}

/** Mean CKA between adjacent layers by module type. */
export function barRows({ similarity }: ExpertReport): ChartRow[] {
  return similarity.map(({ module, a_outputs, increments }) => ({
    module: shortName(module),
    ...(a_outputs.mean === null ? {} : { 'A-outputs': a_outputs.mean }),
    ...(increments.mean === null ? {} : { increments: increments.mean }),
  }));
}

/** Whether some value of CKA is not defined: for features that are the same for all tokens it is not. */
export function hasGaps({ similarity }: ExpertReport): boolean {
  return similarity.some(
    ({ a_outputs, increments }) => a_outputs.adjacent.includes(null) || increments.adjacent.includes(null),
  );
}

/** A name without the ending that all modules share. */
export function shortName(name: string): string {
  return name.replace('_proj', '');
}

export interface SpectrumLine {
  readonly name: string;
  readonly effectiveRank: number | null;
  readonly rank: number;
  /** Singular values over the largest of them. */
  readonly values: readonly number[];
}

/** Singular values of A x for one A, the sum and the stack of one module; one line where there is one A. */
export function spectrumLines(report: ExpertReport, layer: number, module: ModuleName): SpectrumLine[] {
  const spectra = report.modules.find((place) => place.layer === layer && place.module === module)?.spectra;
  const [one] = spectra?.single ?? [];
  if (spectra === undefined || one === undefined) return [];
  const many = spectra.single.length > 1;
  const all = [
    { name: 'one A', of: one },
    ...(many
      ? [
          { name: 'sum of the A’s', of: spectra.sum },
          { name: 'stack of the A’s', of: spectra.stack },
        ]
      : []),
  ];
  return all.map(({ name, of: { values, rank, effective_rank } }) => {
    const largest = values[0] ?? 0;
    return {
      name,
      rank,
      effectiveRank: effective_rank,
      values: values.map((value) => (largest === 0 ? 0 : value / largest)),
    };
  });
}

/** One row an index, one column a line. */
export function spectrumRows(lines: readonly SpectrumLine[]): ChartRow[] {
  const length = Math.max(0, ...lines.map(({ values }) => values.length));
  return Array.from({ length }, (_, index) => ({
    index: index + 1,
    ...Object.fromEntries(
      lines.flatMap(({ name, values }) => {
        const value = values[index];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  }));
}

/** Mean gate of each expert (rows) in each layer (columns) for one module; undefined without a router. */
export function loadMap(
  { modules }: ExpertReport,
  module: ModuleName,
): { readonly map: Pairs; readonly layers: readonly number[]; readonly entropy: number } | undefined {
  const own = modules.flatMap(({ layer, module: name, load }) =>
    name === module && load !== null ? [{ layer, load }] : [],
  );
  const [first] = own;
  if (first === undefined) return undefined;
  return {
    map: first.load.mean.map((_, expert) => own.map(({ load }) => load.mean[expert] ?? null)),
    layers: own.map(({ layer }) => layer),
    entropy: own.reduce((sum, { load }) => sum + load.entropy, 0) / own.length,
  };
}

/** Mean gate of each expert (columns) over the tokens of each task (rows); undefined where there are not several tasks. */
export function taskLoadMap(
  { modules }: ExpertReport,
  layer: number,
  module: ModuleName,
): { readonly map: Pairs; readonly tasks: readonly string[] } | undefined {
  const load = modules.find((place) => place.layer === layer && place.module === module)?.load;
  const rows = Object.entries(load?.by_task ?? {});
  if (rows.length < 2) return undefined;
  return { map: rows.map(([, gates]) => gates), tasks: rows.map(([task]) => task.replaceAll('_', ' ')) };
}

/** Names of the modules that were looked at, in their order. */
export function modulesOf({ similarity }: ExpertReport): readonly ModuleName[] {
  return similarity.map(({ module }) => module);
}

/** The layer to begin with: in the first one the ends of prompts that end alike all look the same. */
export function middleLayer({ layers }: ExpertReport): number {
  return layers[Math.floor(layers.length / 2)] ?? 0;
}

/** Where the stack of a layer and module begins and ends, in words. */
export function layersOf([first, last]: readonly [number, number]): string {
  return first === last ? `layer ${first}` : `layers ${first} to ${last}`;
}
