import { MODULES, type ModuleName } from '../../../../src/config/modules';
import { dropoutKey, keeps } from '../../../../src/engine/ops/dropoutHash';
import {
  downGradient,
  downProjection,
  presum,
  stackTable,
  upGradient,
  upProjectionBackward,
  type Stack,
} from '../../../../src/engine/ops/lowRank';
import { randomValues } from '../../../support/random';
import { unset, type OpCase } from '../../../support/runOps';

const STEP = { seed: 5, step: 9, micro: 2 };
const LAYER = 1;
const QKV: readonly ModuleName[] = ['q_proj', 'k_proj', 'v_proj'];
const GATE_UP: readonly ModuleName[] = ['gate_proj', 'up_proj'];
const O: readonly ModuleName[] = ['o_proj'];
// Rounding of f32 sums of up to ~200 products, some 1e-6 of the largest result.
const SUMS = { tolerance: { maxRel: 1e-5 }, reason: 'f32 sums in another order than the reference' };

interface Shape {
  readonly rows: number;
  readonly inner: number;
  readonly rank: number;
  readonly modules: readonly ModuleName[];
  /** Masks: how many a's a module has. */
  readonly experts?: number;
  /** Each mask has a u of its own. */
  readonly heads?: boolean;
  /** All masks have one a. */
  readonly oneA?: boolean;
}

/** Shapes for u and dA, each once with whole quads and once without, with and without masks. */
const DOWN: readonly (readonly [string, Shape])[] = [
  ['one of everything', { rows: 1, inner: 1, rank: 1, modules: O }],
  ['one row, whole quads', { rows: 1, inner: 132, rank: 12, modules: GATE_UP }],
  ['one row, odd widths', { rows: 1, inner: 131, rank: 3, modules: QKV }],
  ['whole quads, one more than a tile each way', { rows: 33, inner: 36, rank: 12, modules: O }],
  ['three modules of rank 8, whole quads', { rows: 50, inner: 64, rank: 8, modules: QKV }],
  ['three modules of an odd rank and width', { rows: 35, inner: 37, rank: 5, modules: QKV }],
  ['a rank above 32', { rows: 9, inner: 20, rank: 34, modules: GATE_UP }],
  ['a rank above 128, whole quads', { rows: 5, inner: 12, rank: 132, modules: O }],
  ['one mask for all experts, whole quads', { rows: 34, inner: 40, rank: 8, modules: QKV, experts: 1 }],
  ['a masked row', { rows: 1, inner: 40, rank: 6, modules: O, experts: 3 }],
  ['three masks, odd sizes', { rows: 35, inner: 37, rank: 5, modules: QKV, experts: 3 }],
  ['eight masks, whole quads', { rows: 33, inner: 20, rank: 12, modules: GATE_UP, experts: 8 }],
  ['pairs, odd sizes', { rows: 35, inner: 37, rank: 5, modules: QKV, experts: 3, heads: true }],
  ['pairs, whole quads', { rows: 33, inner: 40, rank: 8, modules: GATE_UP, experts: 2, heads: true }],
  ['a row of heads', { rows: 1, inner: 40, rank: 6, modules: O, experts: 3, heads: true, oneA: true }],
  ['heads, odd sizes', { rows: 35, inner: 37, rank: 5, modules: QKV, experts: 3, heads: true, oneA: true }],
  [
    'heads, whole quads',
    { rows: 33, inner: 20, rank: 12, modules: GATE_UP, experts: 8, heads: true, oneA: true },
  ],
];

interface UpShape {
  readonly rows: number;
  readonly rank: number;
  readonly outs: readonly number[];
  /** B's of a module, each with a u of its own. */
  readonly experts?: number;
}

/** Shapes for du and dB. */
const UP: readonly (readonly [string, UpShape])[] = [
  ['one of everything', { rows: 1, rank: 1, outs: [1] }],
  ['one module, whole quads', { rows: 34, rank: 8, outs: [36] }],
  ['two modules, whole quads', { rows: 40, rank: 12, outs: [44, 44] }],
  ['three modules of different widths, whole quads', { rows: 33, rank: 4, outs: [68, 36, 20] }],
  ['three modules of different odd widths', { rows: 35, rank: 5, outs: [37, 18, 9] }],
  ['a rank above 32', { rows: 17, rank: 34, outs: [33, 65] }],
  ['a rank above 128', { rows: 3, rank: 130, outs: [10] }],
];

/** Further shapes for dB alone. */
const HEADS: readonly (readonly [string, UpShape])[] = [
  ['three heads, odd sizes', { rows: 35, rank: 5, outs: [37, 18, 9], experts: 3 }],
  ['two heads, whole quads', { rows: 33, rank: 8, outs: [36, 44], experts: 2 }],
];

export const cases: OpCase[] = [
  ...DOWN.map(([name, shape]) => project(name, shape)),
  ...DOWN.map(([name, shape]) => downSide(name, shape)),
  ...UP.map(([name, shape]) => backProject(name, shape)),
  ...[...UP, ...HEADS].map(([name, shape]) => upSide(name, shape)),
  sum('a single stack of one', [[1, 3]]),
  sum('three experts of whole quads', [[3, 516]]),
  sum('eight experts of whole quads, two stacks', [
    [8, 1028],
    [8, 12],
  ]),
  sum('stacks of different sizes, more than a workgroup each', [
    [3, 700],
    [3, 256],
    [3, 5],
  ]),
];

const P = 0.25;

/** The factor of element `at` of x for an expert's mask, or 1 where nothing is masked. */
function factor({ experts }: Shape, module: ModuleName, expert: number): (at: number) => number {
  if (experts === undefined) return () => 1;
  const key = dropoutKey(STEP.seed, STEP.step, STEP.micro, LAYER, MODULES.indexOf(module), expert);
  return (at) => (keeps(key, at, P) ? 1 / (1 - P) : 0);
}

function dropout({ experts, heads, oneA }: Shape) {
  return experts === undefined ? undefined : { p: P, layer: LAYER, experts, heads, oneA };
}

/** Of a module and expert: the first column of its u, and which a it reads; and how many there are of each. */
function placesOf({ rank, modules, experts = 1, heads = false, oneA = false }: Shape) {
  const [us, as] = [heads ? experts : 1, oneA ? 1 : experts];
  return {
    width: modules.length * us * rank,
    stacks: modules.length * as,
    column: (slot: number, i: number) => (slot * us + (heads ? i : 0)) * rank,
    stack: (slot: number, i: number) => slot * as + (oneA ? 0 : i),
  };
}

function project(name: string, shape: Shape): OpCase {
  return {
    name: `u: ${name}`,
    ...SUMS,
    make: () => {
      const { rows, inner, rank, modules, experts = 1 } = shape;
      const aOffset = inner % 4 === 0 ? 8 : 7;
      const x = Float32Array.from(randomValues(rows * inner, 1));
      const { width, stacks, column, stack } = placesOf(shape);
      const a = Float32Array.from(randomValues(aOffset + stacks * rank * inner, 2));
      const expected = new Float64Array(rows * width);
      modules.forEach((module, slot) => {
        for (let i = 0; i < experts; i++) {
          const mask = factor(shape, module, i);
          for (let at = 0; at < rows * inner; at++) {
            const [n, c] = [Math.floor(at / inner), at % inner];
            const value = mask(at) * x[at]!;
            for (let r = 0; r < rank; r++) {
              const weight = a[aOffset + (stack(slot, i) * rank + r) * inner + c]!;
              expected[n * width + column(slot, i) + r]! += weight * value;
            }
          }
        }
      });
      return {
        buffers: { x, a, u: unset(rows * width) },
        step: STEP,
        dispatches: [
          downProjection({
            ...shape,
            label: 'u',
            x: { buffer: 'x' },
            a: { buffer: 'a' },
            aOffset,
            u: { buffer: 'u' },
            dropout: dropout(shape),
          }),
        ],
        expected: { u: expected },
      };
    },
  };
}

function downSide(name: string, shape: Shape): OpCase {
  return {
    name: `dA: ${name}`,
    ...SUMS,
    make: () => {
      const { rows, inner, rank, modules, experts = 1 } = shape;
      const { width, stacks, column, stack } = placesOf(shape);
      const offset = 3;
      const x = Float32Array.from(randomValues(rows * inner, 1));
      const du = Float32Array.from(randomValues(rows * width, 2));
      const gradient = Float32Array.from(randomValues(offset + stacks * rank * inner, 3));
      const expected = Float64Array.from(gradient);
      modules.forEach((module, slot) => {
        for (let i = 0; i < experts; i++) {
          const mask = factor(shape, module, i);
          for (let at = 0; at < rows * inner; at++) {
            const [n, c] = [Math.floor(at / inner), at % inner];
            const value = mask(at) * x[at]!;
            for (let r = 0; r < rank; r++) {
              const place = offset + (stack(slot, i) * rank + r) * inner + c;
              expected[place]! += du[n * width + column(slot, i) + r]! * value;
            }
          }
        }
      });
      return {
        buffers: { x, du, gradient },
        step: STEP,
        dispatches: [
          downGradient({
            ...shape,
            label: 'A grad',
            x: { buffer: 'x' },
            du: { buffer: 'du' },
            gradient: { buffer: 'gradient' },
            offset,
            dropout: dropout(shape),
          }),
        ],
        expected: { gradient: expected },
      };
    },
  };
}

const SCALE = 1.25;

/** One dy and one B or dB for each module. */
function upData({ rows, rank: one, outs, experts = 1 }: UpShape) {
  const rank = one * experts;
  const start = rank % 4 === 0 ? 4 : 3;
  const offsets = outs.map((_, m) => start + outs.slice(0, m).reduce((total, out) => total + out * rank, 0));
  const size = start + outs.reduce((total, out) => total + out * rank, 0);
  const gradients = outs.map((out, m) => Float32Array.from(randomValues(rows * out, 10 + m)));
  const values = Float32Array.from(randomValues(size, 2));
  const buffers = Object.fromEntries(gradients.map((dy, m) => [`dy${m}`, dy]));
  return { offsets, gradients, values, buffers };
}

function backProject(name: string, shape: UpShape): OpCase {
  return {
    name: `du: ${name}`,
    ...SUMS,
    make: () => {
      const { rows, rank, outs } = shape;
      const { offsets, gradients, values, buffers } = upData(shape);
      const width = outs.length * rank;
      const expected = new Float64Array(rows * width);
      outs.forEach((out, m) => {
        for (let n = 0; n < rows; n++) {
          for (let o = 0; o < out; o++) {
            for (let r = 0; r < rank; r++) {
              const term = gradients[m]![n * out + o]! * values[offsets[m]! + o * rank + r]!;
              expected[n * width + m * rank + r]! += SCALE * term;
            }
          }
        }
      });
      return {
        buffers: { ...buffers, b: values, du: unset(rows * width) },
        dispatches: [
          upProjectionBackward({
            label: 'du',
            modules: outs.map((out, m) => ({ dy: { buffer: `dy${m}` }, outs: out, bOffset: offsets[m]! })),
            b: { buffer: 'b' },
            du: { buffer: 'du' },
            rows,
            rank,
            scale: SCALE,
          }),
        ],
        expected: { du: expected },
      };
    },
  };
}

function upSide(name: string, shape: UpShape): OpCase {
  return {
    name: `dB: ${name}`,
    ...SUMS,
    make: () => {
      const { rows, rank, outs, experts = 1 } = shape;
      const { offsets, gradients, values, buffers } = upData(shape);
      const width = outs.length * experts * rank;
      const u = Float32Array.from(randomValues(rows * width, 1));
      const expected = Float64Array.from(values);
      outs.forEach((out, m) => {
        for (let n = 0; n < rows; n++) {
          for (let o = 0; o < out; o++) {
            for (let i = 0; i < experts; i++) {
              for (let r = 0; r < rank; r++) {
                const term = gradients[m]![n * out + o]! * u[n * width + (m * experts + i) * rank + r]!;
                expected[offsets[m]! + (i * out + o) * rank + r]! += SCALE * term;
              }
            }
          }
        }
      });
      return {
        buffers: { ...buffers, u, gradient: values },
        dispatches: [
          upGradient({
            label: 'B grad',
            modules: outs.map((out, m) => ({ dy: { buffer: `dy${m}` }, outs: out, offset: offsets[m]! })),
            u: { buffer: 'u' },
            gradient: { buffer: 'gradient' },
            rows,
            rank,
            experts,
            scale: SCALE,
          }),
        ],
        expected: { gradient: expected },
      };
    },
  };
}

function sum(name: string, sizes: readonly (readonly [experts: number, elements: number])[]): OpCase {
  return {
    name: `presum: ${name}`,
    tolerance: { maxRel: 1e-6 },
    reason: 'sums of at most eight f32 values',
    make: () => {
      const stacks: Stack[] = [];
      let [aOffset, sumOffset] = [0, 0];
      for (const [experts, elements] of sizes) {
        stacks.push({ aOffset, experts, elements, sumOffset });
        aOffset += experts * elements;
        sumOffset += elements;
      }
      const a = Float32Array.from(randomValues(aOffset, 1));
      const expected = stacks.flatMap(({ aOffset: at, experts, elements }) =>
        Array.from({ length: elements }, (_, e) => {
          let total = 0;
          for (let i = 0; i < experts; i++) total += a[at + i * elements + e]!;
          return total;
        }),
      );
      return {
        buffers: { a, stacks: stackTable(stacks), sums: unset(sumOffset) },
        dispatches: [
          presum({
            label: 'presum',
            a: { buffer: 'a' },
            table: { buffer: 'stacks' },
            sums: { buffer: 'sums' },
            stacks,
          }),
        ],
        expected: { sums: expected },
      };
    },
  };
}
