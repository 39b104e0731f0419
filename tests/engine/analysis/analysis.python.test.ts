import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ckaMap } from '../../../src/engine/analysis/cka';
import type { Matrix } from '../../../src/engine/analysis/matrix';
import { spectrum } from '../../../src/engine/analysis/spectrum';
import { affinities, createTsne, klDivergence } from '../../../src/engine/analysis/tsne';
import { clusters, multiplied, randomMatrix } from '../../support/matrices';
import { describePython, runPython } from '../../support/python';

interface Affinities {
  readonly affinities: readonly number[];
  readonly divergence: number;
}

interface Theirs {
  readonly cka: readonly (readonly number[])[];
  readonly spectra: readonly {
    readonly values: readonly number[];
    readonly rank: number;
    readonly effectiveRank: number;
  }[];
  readonly numpy: Affinities;
  readonly sklearn: Affinities;
  /** scikit-learn's divergence after its 1,000 steps. */
  readonly final: number;
}

const ROWS = 200;
const PERPLEXITY = 30;

/** Activations as float32, of several widths: independent, related, of low rank, off centre, and wider than tall. */
function someFeatures(): readonly Matrix[] {
  const inputs = randomMatrix(ROWS, 24, 1);
  const [a, b] = [multiplied(inputs, randomMatrix(24, 8, 2)), multiplied(inputs, randomMatrix(24, 16, 3))];
  return [
    a,
    b,
    multiplied(a, randomMatrix(8, 40, 4)),
    { ...b, values: b.values.map((value, k) => value * 0.5 ** (k % 16) + 5) },
    randomMatrix(ROWS, 260, 5),
  ].map((matrix) => ({ ...matrix, values: Float32Array.from(matrix.values) }));
}

describePython('numpy and scikit-learn', () => {
  const features = someFeatures();
  const { points } = clusters(300, 10, 6, 1);
  const tsne = createTsne(points, { perplexity: PERPLEXITY, seed: 1 });
  let early: Float64Array;
  let theirs: Theirs;

  beforeAll(() => {
    // Past the exaggeration, so that near and far pairs have very different probabilities.
    tsne.iterate(300);
    early = tsne.embedding.slice();
    const file = join(tmpdir(), `masa-analysis-${process.pid}.json`);
    const input = {
      features: features.map(plain),
      points: plain(points),
      perplexity: PERPLEXITY,
      embedding: plain({ rows: points.rows, cols: 2, values: early }),
    };
    writeFileSync(file, JSON.stringify(input));
    theirs = JSON.parse(runPython('tests/python/analysis.py', [file])) as Theirs;
    rmSync(file);
  });

  it('give the same CKA, to the 1e-5 that the product promises', () => {
    ckaMap(features).forEach((row, i) => {
      row.forEach((value, j) => {
        expect(Math.abs(value! - theirs.cka[i]![j]!)).toBeLessThan(1e-5);
      });
    });
  });

  it('give the same singular values and effective rank to 1e-5, and the same rank', () => {
    features.map(spectrum).forEach(({ values, rank, effectiveRank }, i) => {
      const their = theirs.spectra[i]!;
      expect(values).toHaveLength(their.values.length);
      values.forEach((value, k) => {
        expect(Math.abs(value - their.values[k]!)).toBeLessThan(1e-5 * values[0]!);
      });
      expect(rank).toBe(their.rank);
      expect(Math.abs(effectiveRank! - their.effectiveRank)).toBeLessThan(1e-5);
    });
    // Three columns of the fourth, which fade by halves, are below the rounding of float32.
    expect(theirs.spectra.map(({ rank }) => rank)).toEqual([8, 16, 8, 13, ROWS]);
  });

  it.each(['numpy', 'sklearn'] as const)('give the same affinities and divergence to 1e-6 (%s)', (name) => {
    const their = theirs[name];
    const p = affinities(points, PERPLEXITY);
    const misses = p.map((value, k) => Math.abs(value - their.affinities[k]!));
    expect(p).toHaveLength(their.affinities.length);
    expect(Math.max(...misses)).toBeLessThan(1e-6);
    // All together they miss by what the entropy may miss the perplexity by, in us and in scikit-learn.
    expect(2 * misses.reduce((sum, miss) => sum + miss, 0)).toBeLessThan(1e-5);
    expect(Math.abs(klDivergence(p, early) - their.divergence)).toBeLessThan(1e-6);
  });

  it('come no further down: the final divergence is at most 1.05 times that of scikit-learn', () => {
    tsne.iterate(700);
    expect(tsne.klDivergence()).toBeLessThan(1.05 * theirs.final);
    expect(theirs.final).toBeGreaterThan(0.1);
  });
});

function plain({ rows, cols, values }: Matrix) {
  return { rows, cols, values: Array.from(values) };
}
