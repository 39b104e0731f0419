import {
  gateWidth,
  mix,
  mixBackward,
  packHeads,
  routerLoad,
  stackTable,
} from '../../../../src/engine/ops/lowRank';
import { gatesBackward, gatesOf } from '../../../reference/routed';
import { randomValues } from '../../../support/random';
import { unset, views, type OpCase } from '../../../support/runOps';

interface Shape {
  readonly rows: number;
  readonly rank: number;
  readonly experts: number;
  readonly modules: number;
  readonly manyU: boolean;
  readonly manyV: boolean;
  readonly topK: number;
}

const SHAPES: readonly (readonly [string, Shape])[] = [
  ['one of everything', { rows: 1, rank: 1, experts: 1, modules: 1, manyU: false, manyV: false, topK: 1 }],
  ['one expert', { rows: 70, rank: 3, experts: 1, modules: 2, manyU: false, manyV: false, topK: 1 }],
  ['HydraLoRA', { rows: 35, rank: 5, experts: 3, modules: 3, manyU: false, manyV: true, topK: 3 }],
  [
    'HydraLoRA, heads, top-2',
    { rows: 9, rank: 4, experts: 3, modules: 2, manyU: true, manyV: true, topK: 2 },
  ],
  ['LoRA-MoE, top-3', { rows: 33, rank: 8, experts: 8, modules: 1, manyU: true, manyV: true, topK: 3 }],
  ['MASA', { rows: 17, rank: 3, experts: 5, modules: 3, manyU: true, manyV: false, topK: 5 }],
  ['MASA, top-1', { rows: 65, rank: 2, experts: 2, modules: 1, manyU: true, manyV: false, topK: 1 }],
  [
    'as many experts as can be',
    { rows: 3, rank: 2, experts: 64, modules: 2, manyU: true, manyV: true, topK: 7 },
  ],
];

// exp, log and division of WGSL are good to some units of the last place; sums have at most 64 terms.
const ROUNDING = { tolerance: { maxRel: 1e-5 }, reason: 'f32 exp, log and sums of at most 65 terms' };
const STEP = { invTokens: 0.05 };
const ROUTER = 2;
const BALANCE = 0.8;

export const cases: OpCase[] = SHAPES.flatMap(([name, shape]) => [
  forward(name, shape),
  backward(name, shape),
  load(name, shape),
]).concat([
  pack('one element', 1, [[1, 1]]),
  pack('odd sizes', 3, [
    [2, 7],
    [2, 90],
  ]),
  pack('quads', 8, [[3, 36]]),
]);

/** Inputs of a case, and p and g by (row, module). */
function dataOf({ rows, rank, experts, modules, manyU, manyV, topK }: Shape) {
  const slots = rows * modules;
  const z = Float32Array.from(randomValues(slots * experts, 1, 2));
  const u = Float32Array.from(randomValues(slots * (manyU ? experts : 1) * rank, 2));
  const dv = Float32Array.from(randomValues(slots * (manyV ? experts : 1) * rank, 3));
  const { p, g } = gatesOf(Float64Array.from(z), experts, topK);
  const gates = new Float64Array(slots * gateWidth(experts));
  for (let slot = 0; slot < slots; slot++) {
    const at = slot * gateWidth(experts);
    const own = z.subarray(slot * experts, (slot + 1) * experts);
    gates.set(p.subarray(slot * experts, (slot + 1) * experts), at);
    gates.set(g.subarray(slot * experts, (slot + 1) * experts), at + experts);
    gates[at + 2 * experts] = own.indexOf(Math.max(...own));
  }
  const targets = Int32Array.from({ length: rows }, (_, n) => (n % 4 === 3 ? -100 : n));
  const element = (many: boolean, slot: number, i: number, r: number) =>
    (many ? slot * experts + i : slot) * rank + r;
  return { slots, z, u, dv, p, g, gates, targets, element };
}

/** Calls `visit` for every expert and rank of every slot. */
function each(shape: Shape, slots: number, visit: (slot: number, i: number, r: number) => void): void {
  for (let slot = 0; slot < slots; slot++) {
    for (let i = 0; i < shape.experts; i++) for (let r = 0; r < shape.rank; r++) visit(slot, i, r);
  }
}

function forward(name: string, shape: Shape): OpCase {
  return {
    name: `mix: ${name}`,
    ...ROUNDING,
    make: () => {
      const { slots, z, u, g, gates, element, dv } = dataOf(shape);
      const v = new Float64Array(dv.length);
      each(shape, slots, (slot, i, r) => {
        v[element(shape.manyV, slot, i, r)]! +=
          g[slot * shape.experts + i]! * u[element(shape.manyU, slot, i, r)]!;
      });
      return {
        buffers: { z, u, gates: unset(gates.length), v: unset(v.length) },
        dispatches: [mix({ ...shape, label: 'mix', ...views('z', 'u', 'gates', 'v') })],
        expected: { gates, v },
      };
    },
  };
}

function backward(name: string, shape: Shape): OpCase {
  return {
    name: `mix gradient: ${name}`,
    ...ROUNDING,
    make: () => {
      const { experts, modules } = shape;
      const { slots, u, dv, p, g, gates, targets, element } = dataOf(shape);
      const shares = Float32Array.from(randomValues((ROUTER + modules) * experts, 4));
      const du = new Float64Array(u.length);
      const dg = new Float64Array(slots * experts);
      each(shape, slots, (slot, i, r) => {
        const [at, from] = [element(shape.manyU, slot, i, r), element(shape.manyV, slot, i, r)];
        du[at]! += g[slot * experts + i]! * dv[from]!;
        dg[slot * experts + i]! += u[at]! * dv[from]!;
      });
      const pull = dg.map((_, at) => {
        const slot = Math.floor(at / experts);
        const share = shares[(ROUTER + (slot % modules)) * experts + (at % experts)]!;
        return targets[Math.floor(slot / modules)]! < 0 ? 0 : BALANCE * STEP.invTokens * share;
      });
      const balance = gatesBackward(p, pull, experts);
      const dz = gatesBackward(g, dg, experts).map((value, at) => value + balance[at]!);
      return {
        buffers: {
          u,
          dv,
          gates: Float32Array.from(gates),
          shares,
          targets,
          du: unset(du.length),
          dz: unset(dz.length),
        },
        step: STEP,
        dispatches: [
          mixBackward({
            ...shape,
            label: 'mix gradient',
            ...views('u', 'dv', 'gates', 'shares', 'targets', 'du', 'dz'),
            router: ROUTER,
            balance: BALANCE,
          }),
        ],
        expected: { du, dz },
      };
    },
  };
}

function load(name: string, shape: Shape): OpCase {
  return {
    name: `router load: ${name}`,
    ...ROUNDING,
    make: () => {
      const { rows, experts, modules, topK } = shape;
      const { p, g, gates, targets } = dataOf(shape);
      const shares = Float32Array.from(randomValues((ROUTER + modules) * experts, 4));
      const totals = Float32Array.from(randomValues((ROUTER + modules) * experts * 4, 5));
      const [newShares, newTotals] = [Float64Array.from(shares), Float64Array.from(totals)];
      const counted = Array.from({ length: rows }, (_, n) => n).filter((n) => targets[n]! >= 0);
      for (let m = 0; m < modules; m++) {
        for (let i = 0; i < experts; i++) {
          const at = (n: number) => (n * modules + m) * experts + i;
          const sum = (value: (n: number) => number) => counted.reduce((total, n) => total + value(n), 0);
          const first = sum((n) => Number(gates[(n * modules + m) * gateWidth(experts) + 2 * experts] === i));
          const taken = topK === experts ? first : sum((n) => Number(g[at(n)]! > 0));
          const share = taken / counted.length;
          const own = (ROUTER + m) * experts + i;
          newShares[own] = share;
          [
            sum((n) => g[at(n)]!),
            first,
            -sum((n) => p[at(n)]! * Math.log(p[at(n)]!)),
            share * sum((n) => p[at(n)]!),
          ].forEach((value, column) => (newTotals[own * 4 + column]! += value));
        }
      }
      return {
        buffers: { gates: Float32Array.from(gates), targets, shares, totals },
        dispatches: [
          routerLoad({
            ...shape,
            label: 'load',
            ...views('gates', 'targets', 'shares', 'totals'),
            router: ROUTER,
          }),
        ],
        expected: { shares: newShares, totals: newTotals },
      };
    },
  };
}

/** @param sizes experts and outputs of each stack */
function pack(
  name: string,
  rank: number,
  sizes: readonly (readonly [experts: number, outs: number])[],
): OpCase {
  return {
    name: `heads side by side: ${name}`,
    tolerance: { maxAbs: 0 },
    reason: 'nothing but copies',
    make: () => {
      let offset = 0;
      const stacks = sizes.map(([experts, outs]) => {
        const stack = { aOffset: offset + 3, experts, elements: outs * rank, sumOffset: offset };
        offset += experts * outs * rank;
        return stack;
      });
      const b = Float32Array.from(randomValues(offset + 3, 1));
      const packed = stacks.flatMap(({ aOffset, experts, elements }) =>
        Array.from({ length: experts * elements }, (_, at) => {
          const [row, column] = [Math.floor(at / (experts * rank)), at % (experts * rank)];
          return b[aOffset + Math.floor(column / rank) * elements + row * rank + (column % rank)]!;
        }),
      );
      return {
        buffers: { b, table: stackTable(stacks), packed: unset(offset) },
        dispatches: [packHeads({ label: 'pack', ...views('b', 'table', 'packed'), stacks, rank })],
        expected: { packed },
      };
    },
  };
}
