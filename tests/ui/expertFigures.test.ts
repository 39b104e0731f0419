import { describe, expect, it } from 'vitest';
import type {
  ExpertReport,
  ModuleReport,
  SimilarityReport,
  SpectrumReport,
} from '../../src/engine/analysis/features/report';
import {
  barRows,
  depthRows,
  hasGaps,
  layersOf,
  loadMap,
  middleLayer,
  modulesOf,
  spectrumLines,
  spectrumRows,
  taskLoadMap,
} from '../../src/ui/experts/figures';

const depth = (adjacent: readonly (number | null)[], mean: number | null) => ({ adjacent, mean, map: null });
const spectrum = (values: readonly number[]): SpectrumReport => ({
  values,
  rank: values.filter((value) => value > 0).length,
  effective_rank: values[0] === 0 ? null : 1.5,
});

const SIMILARITY: readonly SimilarityReport[] = [
  { module: 'q_proj', a_outputs: depth([0.5, null], 0.5), increments: depth([null, null], null) },
  { module: 'down_proj', a_outputs: depth([0.1, 0.2], 0.15), increments: depth([0.3, 0.4], 0.35) },
];

/** A report on layers 2, 4 and 6. */
function report(modules: readonly ModuleReport[] = []): ExpertReport {
  return { layers: [2, 4, 6], similarity: SIMILARITY, modules } as unknown as ExpertReport;
}

function place(layer: number, experts: number, load: ModuleReport['load'] = null): ModuleReport {
  const spectra = {
    single: Array.from({ length: experts }, () => spectrum([4, 2])),
    sum: spectrum([8, 0]),
    stack: spectrum([10, 5, 1]),
  };
  return { layer, module: 'q_proj', spectra, load };
}

describe('the figures of the experts', () => {
  it('go over depth pair by pair, named by both layers, with gaps where nothing is defined', () => {
    expect(depthRows(report(), 'a_outputs')).toEqual([
      { layers: '2–4', q_proj: 0.5, down_proj: 0.1 },
      { layers: '4–6', down_proj: 0.2 },
    ]);
    expect(depthRows(report(), 'increments')).toEqual([
      { layers: '2–4', down_proj: 0.3 },
      { layers: '4–6', down_proj: 0.4 },
    ]);
  });

  it('say whether some similarity is not defined', () => {
    expect(hasGaps(report())).toBe(true);
    expect(hasGaps({ ...report(), similarity: SIMILARITY.slice(1) })).toBe(false);
  });

  it('have a bar a module and kind, but for means that are not defined', () => {
    expect(barRows(report())).toEqual([
      { module: 'q', 'A-outputs': 0.5 },
      { module: 'down', 'A-outputs': 0.15, increments: 0.35 },
    ]);
    expect(modulesOf(report())).toEqual(['q_proj', 'down_proj']);
  });

  it('measure singular values by the largest of each line', () => {
    const lines = spectrumLines(report([place(4, 3)]), 4, 'q_proj');
    expect(lines.map(({ name, rank, values }) => [name, rank, values])).toEqual([
      ['one A', 2, [1, 0.5]],
      ['sum of the A’s', 1, [1, 0]],
      ['stack of the A’s', 3, [1, 0.5, 0.1]],
    ]);
    expect(spectrumRows(lines)).toEqual([
      { index: 1, 'one A': 1, 'sum of the A’s': 1, 'stack of the A’s': 1 },
      { index: 2, 'one A': 0.5, 'sum of the A’s': 0, 'stack of the A’s': 0.5 },
      { index: 3, 'stack of the A’s': 0.1 },
    ]);
  });

  it('have one line where there is one A, zeros where it gives nothing, and none elsewhere', () => {
    expect(spectrumLines(report([place(4, 1)]), 4, 'q_proj').map(({ name }) => name)).toEqual(['one A']);
    const dead = place(4, 1);
    const zeros = { ...dead, spectra: { ...dead.spectra, single: [spectrum([0, 0])] } };
    expect(spectrumLines(report([zeros]), 4, 'q_proj')).toEqual([
      { name: 'one A', rank: 0, effectiveRank: null, values: [0, 0] },
    ]);
    expect(spectrumLines(report([place(4, 1)]), 2, 'q_proj')).toEqual([]);
    expect(spectrumRows([])).toEqual([]);
  });

  it('map the load with experts down and layers across', () => {
    const load = (mean: readonly number[], entropy: number) => ({ mean, by_task: {}, entropy });
    const found = report([place(2, 2, load([0.25, 0.75], 0.4)), place(6, 2, load([0.5, 0.5], 0.6))]);
    expect(loadMap(found, 'q_proj')).toEqual({
      map: [
        [0.25, 0.5],
        [0.75, 0.5],
      ],
      layers: [2, 6],
      entropy: 0.5,
    });
    expect(loadMap(found, 'down_proj')).toBeUndefined();
    expect(loadMap(report([place(2, 2)]), 'q_proj')).toBeUndefined();
  });

  it('map the load with tasks down and experts across, where there are several tasks', () => {
    const load = (by_task: Record<string, readonly number[]>) => ({
      mean: [0.5, 0.5],
      by_task,
      entropy: 0.5,
    });
    const found = report([place(2, 2, load({ web_of_lies: [0.1, 0.9], navigate: [0.9, 0.1] }))]);
    expect(taskLoadMap(found, 2, 'q_proj')).toEqual({
      map: [
        [0.1, 0.9],
        [0.9, 0.1],
      ],
      tasks: ['web of lies', 'navigate'],
    });
    expect(taskLoadMap(found, 4, 'q_proj')).toBeUndefined();
    expect(taskLoadMap(report([place(2, 2, load({ clerk: [0.5, 0.5] }))]), 2, 'q_proj')).toBeUndefined();
  });

  it('begin in the middle, and say which layers a stack belongs to', () => {
    expect(middleLayer(report())).toBe(4);
    expect([layersOf([3, 3]), layersOf([4, 7])]).toEqual(['layer 3', 'layers 4 to 7']);
  });
});
