/**
 * The two training steps that are compared, as plain numbers: every engine gets the same inputs, weights and targets.
 * Matrices are [in, out], row-major, as y = x W reads; whoever stores them otherwise transposes.
 */
export type Workload = 'w1' | 'w2';

/** AdamW's settings, without clipping. */
export const ADAMW = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.01 } as const;

/** N rows, C width, L layers, R rank, s = lora_alpha / R. */
export const ROWS = 256;
export const WIDTH = 256;
export const LAYERS = 4;
export const RANK = 8;
export const SCALE = 2;
/** Of W2: H heads of D = 32, F hidden width, V vocabulary. */
export const HEADS = 8;
export const HEAD_DIM = 32;
export const HIDDEN = 704;
export const VOCABULARY = 512;
export const NORM_EPSILON = 1e-5;
export const ROPE_THETA = 10_000;

export type Floats = Float32Array<ArrayBuffer>;

/** A frozen linear layer [in, out] and its pair: A [in, R], B [R, out]. */
export interface AdaptedLinear {
  readonly weight: Floats;
  readonly a: Floats;
  readonly b: Floats;
}

/** W1: four times h = silu(h W + s·(h A) B), then the mean of (h − y)². */
export interface Stack {
  /** [N, C]. */
  readonly x: Floats;
  readonly y: Floats;
  readonly layers: readonly AdaptedLinear[];
}

export const LINEAR_NAMES = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] as const;
export type LinearName = (typeof LINEAR_NAMES)[number];

/** Shapes [in, out] of a LLaMA block's linear layers. */
export const BLOCK_SHAPES: Readonly<Record<LinearName, readonly [number, number]>> = {
  q: [WIDTH, WIDTH],
  k: [WIDTH, WIDTH],
  v: [WIDTH, WIDTH],
  o: [WIDTH, WIDTH],
  gate: [WIDTH, HIDDEN],
  up: [WIDTH, HIDDEN],
  down: [HIDDEN, WIDTH],
};

/** W2: four LLaMA blocks over one sequence, mean cross-entropy; all norms' weights are 1. */
export interface Llama {
  /** [N + 1]: the sequence; row n predicts token n + 1. */
  readonly tokens: Uint32Array<ArrayBuffer>;
  /** [V, C]. */
  readonly embedding: Floats;
  /** [C, V]. */
  readonly head: Floats;
  readonly layers: readonly Readonly<Record<LinearName, AdaptedLinear>>[];
}

/** Both workloads out of one stream of random numbers. */
export function makeWorkloads(): { readonly w1: Stack; readonly w2: Llama } {
  const uniform = mulberry32(42);
  const gauss = () => Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(6.283185307179586 * uniform());
  const normal = (count: number, deviation: number) =>
    Float32Array.from({ length: count }, () => gauss() * deviation);
  const each = <T>(make: () => T) => Array.from({ length: LAYERS }, make);

  const x = normal(ROWS * WIDTH, 1);
  const y = normal(ROWS * WIDTH, 0.1);
  const weights = each(() => normal(WIDTH * WIDTH, 1 / 16));
  const downs = each(() => normal(WIDTH * RANK, 0.05));
  const ups = each(() => normal(RANK * WIDTH, 0.02));
  const stack = weights.map((weight, i) => ({ weight, a: downs[i]!, b: ups[i]! }));

  const tokens = Uint32Array.from({ length: ROWS + 1 }, () => Math.floor(uniform() * VOCABULARY));
  const embedding = normal(VOCABULARY * WIDTH, 1);
  const head = normal(WIDTH * VOCABULARY, 1 / 16);
  const linear = (name: LinearName): AdaptedLinear => {
    const [inner, outer] = BLOCK_SHAPES[name];
    const weight = normal(inner * outer, 1 / Math.sqrt(inner));
    return { weight, a: normal(inner * RANK, 0.05), b: normal(RANK * outer, 0.02) };
  };
  const layers = each(() => byName(linear));
  return { w1: { x, y, layers: stack }, w2: { tokens, embedding, head, layers } };
}

/** A record over a block's linear layers. */
export function byName<T>(make: (name: LinearName) => T): Record<LinearName, T> {
  return Object.fromEntries(LINEAR_NAMES.map((name) => [name, make(name)])) as Record<LinearName, T>;
}

/** Embeddings of the sequence's first N tokens, [N, C]: what the peers, which embed nothing, start from. */
export function embedded({ tokens, embedding }: Llama): Floats {
  const x = new Float32Array(ROWS * WIDTH);
  for (let t = 0; t < ROWS; t++) {
    x.set(embedding.subarray(tokens[t]! * WIDTH, (tokens[t]! + 1) * WIDTH), t * WIDTH);
  }
  return x;
}

/** Targets as rows with a single 1, [N, V]. */
export function oneHotTargets({ tokens }: Llama): Floats {
  const rows = new Float32Array(ROWS * VOCABULARY);
  for (let t = 0; t < ROWS; t++) rows[t * VOCABULARY + tokens[t + 1]!] = 1;
  return rows;
}

/** Cosines and sines of the rotation angles, [N, D/2] each. */
export function rotations(): { readonly cos: Floats; readonly sin: Floats } {
  const half = HEAD_DIM / 2;
  const angle = (i: number) => Math.floor(i / half) * ROPE_THETA ** ((-2 * (i % half)) / HEAD_DIM);
  const table = (f: (angle: number) => number) =>
    Float32Array.from({ length: ROWS * half }, (_, i) => f(angle(i)));
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** [rows, columns] → [columns, rows]. */
export function transpose(matrix: Floats, rows: number, columns: number): Floats {
  const result = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j]!;
  }
  return result;
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
