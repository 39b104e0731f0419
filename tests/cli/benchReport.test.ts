import { expect, it } from 'vitest';
import { benchTable, only } from '../../src/cli/benchReport';

const RESULTS = {
  gemm: { nt: { f32: { best: 14, median: 12 } }, fastest: { nt: 'direct 8x8' } },
  masa: { forward_overhead: { 4: { best: 1.05, median: 1.1 } }, largest_error: 1e-7 },
};

it('has every figure by its best, and the figures alone by their median', () => {
  expect(only(RESULTS, 'best')).toEqual({
    gemm: { nt: { f32: 14 }, fastest: { nt: 'direct 8x8' } },
    masa: { forward_overhead: { 4: 1.05 }, largest_error: 1e-7 },
  });
  expect(only(RESULTS, 'median')).toEqual({
    gemm: { nt: { f32: 12 }, fastest: {} },
    masa: { forward_overhead: { 4: 1.1 } },
  });
});

it('shows both in a table', () => {
  const lines = benchTable('an adapter', 8, RESULTS).split('\n');
  expect(lines[0]).toBe('adapter: an adapter');
  expect(lines).toContainEqual(expect.stringMatching(/^masa\.forward_overhead\.4 +1\.050 +1\.100$/));
  expect(lines).toContainEqual(expect.stringMatching(/^gemm\.fastest\.nt +direct 8x8$/));
});
