import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { affinities, LEAST_PROBABILITY } from './affinities';
import type { Matrix } from './matrix';
import { principalCoordinates } from './principal';

export { affinities, MOST_POINTS } from './affinities';

export interface TsneOptions {
  /** Effective number of neighbours that each point keeps near, above 1 and below a third of the points. */
  readonly perplexity: number;
  /** A 32-bit integer; the same seed gives the same embedding to the bit. */
  readonly seed: number;
  /** Steps of gradient descent, 1,000 where it is left out. */
  readonly iterations?: number;
}

/** An embedding under way. */
export interface Tsne {
  /** [n, 2], row-major; the same array all the time, changed by `iterate`. */
  readonly embedding: Float64Array;
  /** Steps that have been made. */
  readonly iteration: number;
  /** Steps that will be made. */
  readonly iterations: number;
  /** Makes so many further steps, or those that are left. */
  iterate(count: number): void;
  /** The divergence of the present embedding, see klDivergence. */
  klDivergence(): number;
}

export const DEFAULT_ITERATIONS = 1000;

/** The values of scikit-learn (sklearn.manifold.TSNE, method 'exact'), most of them van der Maaten and Hinton's. */
const EARLY = { iterations: 250, exaggeration: 12, momentum: 0.5 };
const MOMENTUM = 0.8;
const LEAST_GAIN = 0.01;
const LEAST_LEARNING_RATE = 50;
const START_DEVIATION = 1e-4;

/**
 * Noise in the start, as a part of its deviation: it parts points that coincide or lie on a line, which would never
 * leave it, and lets another seed show what in the picture is chance.
 */
const START_NOISE = 0.01;

/**
 * Exact t-SNE in two dimensions (van der Maaten and Hinton 2008): gradient descent on KL(P ‖ Q) with momentum, gains
 * and early exaggeration, from principal components. Makes P at once, then steps as `iterate` asks; holds
 * 8 · n(n−1)/2 bytes, 100 MB for 5,000 points.
 *
 * @param matrix points [n, d]
 * @throws UserError as affinities does
 */
export function createTsne(matrix: Matrix, options: TsneOptions): Tsne {
  const p = affinities(matrix, options.perplexity);
  const n = matrix.rows;
  const iterations = options.iterations ?? DEFAULT_ITERATIONS;
  const learningRate = Math.max(n / EARLY.exaggeration / 4, LEAST_LEARNING_RATE);
  const embedding = startOf(matrix, options.seed);
  const gradient = new Float64Array(2 * n);
  const update = new Float64Array(2 * n);
  const gains = new Float64Array(2 * n).fill(1);
  const pull = new Float64Array(2 * n);
  const push = new Float64Array(2 * n);
  let iteration = 0;

  const step = () => {
    const early = iteration < EARLY.iterations;
    if (iteration === EARLY.iterations) {
      update.fill(0);
      gains.fill(1);
    }
    forces(p, embedding, pull, push);
    const exaggeration = early ? EARLY.exaggeration : 1;
    for (let k = 0; k < gradient.length; k++)
      gradient[k] = 4 * (exaggeration * (pull[k] ?? 0) - (push[k] ?? 0));
    descend(embedding, gradient, update, gains, early ? EARLY.momentum : MOMENTUM, learningRate);
    iteration++;
  };

  return {
    embedding,
    iterations,
    get iteration() {
      return iteration;
    },
    iterate: (count) => {
      const end = Math.min(iterations, iteration + count);
      while (iteration < end) step();
    },
    klDivergence: () => klDivergence(p, embedding),
  };
}

/**
 * KL(P ‖ Q) in nats of an embedding, with q_ij ∝ 1 / (1 + ‖y_i − y_j‖²).
 *
 * @param p condensed joint probabilities, n(n−1)/2 values, as affinities gives them
 * @param embedding [n, 2], row-major
 * @throws RangeError where the two are not of one number of points
 */
export function klDivergence(p: Float64Array, embedding: Float64Array): number {
  const n = embedding.length / 2;
  if (p.length !== (n * (n - 1)) / 2) {
    throw new RangeError(`${p.length} probabilities do not belong to ${n} points`);
  }
  // Both sums over pairs i < j; q = weight / (2 · total), and each pair counts twice.
  let total = 0;
  eachWeight(embedding, (weight) => (total += weight));
  let sum = 0;
  eachWeight(embedding, (weight, k) => {
    const both = p[k] ?? 0;
    sum +=
      both * Math.log(Math.max(both, LEAST_PROBABILITY) / Math.max(weight / (2 * total), LEAST_PROBABILITY));
  });
  return 2 * sum;
}

function startOf(matrix: Matrix, seed: number): Float64Array {
  const random = xoroshiro128plus(seed);
  const start = principalCoordinates(matrix, random);
  let squares = 0;
  for (let k = 0; k < start.length; k += 2) squares += (start[k] ?? 0) ** 2;
  const deviation = Math.sqrt(squares / matrix.rows);
  const scale = deviation === 0 ? 0 : START_DEVIATION / deviation;
  return start.map(
    (value) => scale * value + START_NOISE * START_DEVIATION * (2 * uniformFloat64(random) - 1),
  );
}

/** Σ_j p_ij w_ij (y_i − y_j) into `pull` and Σ_j q_ij w_ij (y_i − y_j) into `push`, with w_ij = 1 / (1 + ‖y_i − y_j‖²). */
function forces(p: Float64Array, y: Float64Array, pull: Float64Array, push: Float64Array): void {
  pull.fill(0);
  push.fill(0);
  let total = 0;
  let k = 0;
  for (let i = 0; i < y.length; i += 2) {
    const y0 = y[i] ?? 0;
    const y1 = y[i + 1] ?? 0;
    let [pull0, pull1, push0, push1] = [0, 0, 0, 0];
    for (let j = i + 2; j < y.length; j += 2) {
      const d0 = y0 - (y[j] ?? 0);
      const d1 = y1 - (y[j + 1] ?? 0);
      const weight = 1 / (1 + d0 * d0 + d1 * d1);
      total += weight;
      const near = (p[k++] ?? 0) * weight;
      const far = weight * weight;
      pull0 += near * d0;
      pull1 += near * d1;
      push0 += far * d0;
      push1 += far * d1;
      pull[j] = (pull[j] ?? 0) - near * d0;
      pull[j + 1] = (pull[j + 1] ?? 0) - near * d1;
      push[j] = (push[j] ?? 0) - far * d0;
      push[j + 1] = (push[j + 1] ?? 0) - far * d1;
    }
    pull[i] = (pull[i] ?? 0) + pull0;
    pull[i + 1] = (pull[i + 1] ?? 0) + pull1;
    push[i] = (push[i] ?? 0) + push0;
    push[i + 1] = (push[i + 1] ?? 0) + push1;
  }
  for (let i = 0; i < push.length; i++) push[i] = (push[i] ?? 0) / (2 * total);
}

/** One step of gradient descent, each coordinate with a gain that grows while it keeps its direction. */
function descend(
  y: Float64Array,
  gradient: Float64Array,
  update: Float64Array,
  gains: Float64Array,
  momentum: number,
  learningRate: number,
): void {
  for (let k = 0; k < y.length; k++) {
    const slope = gradient[k] ?? 0;
    const last = update[k] ?? 0;
    const gain = Math.max(last * slope < 0 ? (gains[k] ?? 1) + 0.2 : (gains[k] ?? 1) * 0.8, LEAST_GAIN);
    const next = momentum * last - learningRate * gain * slope;
    gains[k] = gain;
    update[k] = next;
    y[k] = (y[k] ?? 0) + next;
  }
}

function eachWeight(y: Float64Array, visit: (weight: number, k: number) => void): void {
  let k = 0;
  for (let i = 0; i < y.length; i += 2) {
    for (let j = i + 2; j < y.length; j += 2) {
      const d0 = (y[i] ?? 0) - (y[j] ?? 0);
      const d1 = (y[i + 1] ?? 0) - (y[j + 1] ?? 0);
      visit(1 / (1 + d0 * d0 + d1 * d1), k++);
    }
  }
}
