import { describe, expect, it } from 'vitest';
import { affinities, createTsne, klDivergence } from '../../../src/engine/analysis/tsne';
import type { Matrix } from '../../../src/engine/analysis/matrix';
import { clusters, randomMatrix } from '../../support/matrices';

const { points, labels } = clusters(60, 10, 4, 1);
const OPTIONS = { perplexity: 10, seed: 7 };

/** The entropy of each row that scikit-learn's tolerance (1e-5 nats) leaves to the perplexity. */
const TOLERANCE = 1.01e-5;

describe('the affinities of t-SNE', () => {
  it('are probabilities of pairs', () => {
    const p = affinities(points, OPTIONS.perplexity);
    expect(p).toHaveLength((60 * 59) / 2);
    expect(Math.min(...p)).toBeGreaterThan(0);
    // Above 1 by no more than the least value (2⁻⁵²) that each of 60 · 59 pairs is given, and by rounding.
    const excess = 2 * p.reduce((sum, value) => sum + value, 0) - 1;
    expect(Math.abs(excess)).toBeLessThan(2 * 60 * 59 * 2 ** -52);
  });

  it('give each point the perplexity, whatever the scale and place of the features', () => {
    // Equidistant points of a circle: every row is the same, so p_ij = p_{j|i} / n.
    const n = 40;
    const circle = (radius: number): Matrix => ({
      rows: n,
      cols: 2,
      values: Float64Array.from({ length: 2 * n }, (_, k) => {
        const angle = (2 * Math.PI * (k >> 1)) / n;
        return radius * (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
      }),
    });
    for (const radius of [1e-6, 1, 1e6]) {
      const p = affinities(circle(radius), 9);
      const row = p.slice(0, n - 1).map((value) => value * n);
      const entropy = row.reduce((sum, value) => sum - value * Math.log(value), 0);
      expect(Math.abs(entropy - Math.log(9))).toBeLessThan(TOLERANCE);
    }
  });

  it('bear points that coincide', () => {
    const same = { rows: 30, cols: 2, values: new Float32Array(60).fill(3) };
    const p = affinities(same, 5);
    for (const value of p) expect(value).toBeCloseTo(1 / (30 * 29), 15);
  });

  it.each([
    [
      '5001 points',
      { rows: 5001, cols: 1, values: new Float32Array(5001) },
      30,
      /^t-SNE: .*5001 points.*5000.*\.$/,
    ],
    [
      'a third of the points',
      randomMatrix(30, 2, 1),
      10,
      /^perplexity: 10 is not below a third of the 30 points;.*\.$/,
    ],
    ['a perplexity of 1', randomMatrix(30, 2, 1), 1, /^perplexity: 1 is not above 1;.*\.$/],
    ['no number', randomMatrix(30, 2, 1), NaN, /^perplexity: NaN is not above 1;.*\.$/],
    [
      'values that are not finite',
      { rows: 30, cols: 1, values: new Float32Array(30).fill(NaN) },
      5,
      /^features: /,
    ],
  ])('refuse %s', (_, matrix, perplexity, message) => {
    expect(() => affinities(matrix, perplexity)).toThrow(message);
    expect(() => createTsne(matrix, { perplexity, seed: 1 })).toThrow(message);
  });
});

describe('t-SNE', () => {
  it('is the same to the bit for the same seed, in whatever portions it is asked', () => {
    const [a, b, other] = [7, 7, 8].map((seed) => createTsne(points, { ...OPTIONS, seed, iterations: 60 }));
    a!.iterate(1000);
    for (let i = 0; i < 20; i++) b!.iterate(7);
    other!.iterate(1000);
    expect([a!.iteration, b!.iteration]).toEqual([60, 60]);
    expect(a!.embedding).toEqual(b!.embedding);
    expect(a!.embedding).not.toEqual(other!.embedding);
  });

  it('descends along the gradient of the divergence', () => {
    // The first step after early exaggeration starts anew: each coordinate moves by −learning rate · 0.8 · slope.
    const tsne = createTsne(points, OPTIONS);
    tsne.iterate(250);
    const before = tsne.embedding.slice();
    const p = affinities(points, OPTIONS.perplexity);
    tsne.iterate(1);
    const width = 1e-4;
    for (let k = 0; k < before.length; k += 7) {
      const at = (shift: number) => {
        const moved = before.slice();
        moved[k]! += shift;
        return klDivergence(p, moved);
      };
      const slope = (at(width) - at(-width)) / (2 * width);
      // Central differences miss by the third derivative · width² and by the rounding of the divergence / width.
      expect((before[k]! - tsne.embedding[k]!) / (50 * 0.8)).toBeCloseTo(slope, 8);
    }
  });

  it('lays clusters apart', () => {
    const tsne = createTsne(points, OPTIONS);
    const start = tsne.klDivergence();
    tsne.iterate(1000);
    expect(tsne.klDivergence()).toBeLessThan(start / 4);
    const { embedding } = tsne;
    for (const [i, label] of labels.entries()) {
      const distances = labels.map((_, j) =>
        j === i
          ? Infinity
          : Math.hypot(embedding[2 * i]! - embedding[2 * j]!, embedding[2 * i + 1]! - embedding[2 * j + 1]!),
      );
      expect(labels[distances.indexOf(Math.min(...distances))]).toBe(label);
    }
  });

  it('starts from the principal components', () => {
    // Variance 9 : 1 along two axes of ten: the components are these two coordinates, up to their signs.
    const values = randomMatrix(50, 10, 3).values.map((v, k) => v * ([4, 9][[3, 8].indexOf(k % 10)] ?? 1e-3));
    const { embedding } = createTsne({ rows: 50, cols: 10, values }, OPTIONS);
    const correlation = (component: number, column: number) => {
      const a = Float64Array.from({ length: 50 }, (_, i) => embedding[2 * i + component]!);
      const b = Float64Array.from({ length: 50 }, (_, i) => values[10 * i + column]!);
      const mean = (x: Float64Array) => x.reduce((sum, value) => sum + value, 0) / 50;
      const product = (x: Float64Array, y: Float64Array) => {
        const [mx, my] = [mean(x), mean(y)];
        return x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
      };
      return Math.abs(product(a, b) / Math.sqrt(product(a, a) * product(b, b)));
    };
    // The samples of the two columns are not quite uncorrelated, and the start has a hundredth of noise.
    expect(correlation(0, 8)).toBeGreaterThan(0.98);
    expect(correlation(1, 3)).toBeGreaterThan(0.98);
  });

  it('parts points of a single column or of one place', () => {
    for (const matrix of [randomMatrix(30, 1, 1), { rows: 30, cols: 4, values: new Float32Array(120) }]) {
      const tsne = createTsne(matrix, { perplexity: 5, seed: 1, iterations: 300 });
      tsne.iterate(300);
      expect(tsne.embedding.every(Number.isFinite)).toBe(true);
      expect(new Set(tsne.embedding).size).toBe(60);
    }
  });

  it('refuses probabilities of another number of points', () => {
    expect(() => klDivergence(new Float64Array(3), new Float64Array(8))).toThrow(RangeError);
  });
});
