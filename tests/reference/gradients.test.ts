import { describe, expect, it } from 'vitest';
import { randomIntegers, randomValues } from '../support/random';
import { attentionBackward, attentionForward } from './attention';
import { assertClose } from './compare';
import { crossEntropy } from './crossEntropy';
import { finiteDifference } from './finiteDifference';
import { lowRankBackward, lowRankForward, type DropoutMask } from './lowRank';
import { matmulNN, matmulNT, matmulTN } from './matmul';
import { rmsNormBackward, rmsNormForward } from './rmsNorm';
import { rope, ropeFrequencies } from './rope';
import { swigluBackward, swigluForward } from './swiglu';

/** Central differences in float64 are good to about 1e-10 (finiteDifference.ts); one digit of room. */
const FINITE_DIFFERENCE = { maxRel: 1e-8 };

/** Σ g ∘ y: the scalar whose gradient the backward with dL/dy = g must give. */
function dot(g: Float64Array, y: Float64Array): number {
  return y.reduce((sum, value, i) => sum + value * g[i]!, 0);
}

function check(name: string, gradient: Float64Array, f: () => number, x: Float64Array) {
  assertClose(gradient, finiteDifference(f, x), FINITE_DIFFERENCE, name);
}

describe('reference gradients agree with central differences', () => {
  it('of the linear layer, by input and by weight', () => {
    const [N, K, M] = [3, 5, 4];
    const [x, w, g] = [randomValues(N * K, 1), randomValues(M * K, 2), randomValues(N * M, 3)];
    const loss = () => dot(g, matmulNT(x, w, N, K, M));
    check('dx', matmulNN(g, w, N, M, K), loss, x);
    check('dw', matmulTN(g, x, N, M, K), loss, w);
  });

  it('of RMSNorm', () => {
    const [x, weight, g] = [randomValues(3 * 7, 1), randomValues(7, 2), randomValues(3 * 7, 3)];
    const eps = 1e-2; // large enough that leaving it out of the backward would show
    check('dx', rmsNormBackward(x, weight, eps, g), () => dot(g, rmsNormForward(x, weight, eps)), x);
  });

  it('of RoPE, whose backward is the rotation back', () => {
    const [x, g] = [randomValues(4 * 2 * 6, 1), randomValues(4 * 2 * 6, 2)];
    const frequencies = ropeFrequencies({ type: 'default', theta: 100 }, 6);
    const positions = [0, 1, 2, 9];
    check('dx', rope(g, positions, frequencies, -1), () => dot(g, rope(x, positions, frequencies)), x);
  });

  it('of grouped-query attention over packed sequences', () => {
    const shape = { heads: 4, kvHeads: 2, headDim: 3 };
    const first = [0, 0, 0, 3, 3, 5];
    const q = randomValues(first.length * 12, 1, 2);
    const [k, v] = [randomValues(first.length * 6, 2, 2), randomValues(first.length * 6, 3)];
    const g = randomValues(q.length, 4);
    const { dq, dk, dv } = attentionBackward(q, k, v, first, shape, g);
    const loss = () => dot(g, attentionForward(q, k, v, first, shape).out);
    check('dq', dq, loss, q);
    check('dk', dk, loss, k);
    check('dv', dv, loss, v);
  });

  it('of SwiGLU, by gate and by up', () => {
    const [gate, up, g] = [randomValues(9, 1, 4), randomValues(9, 2), randomValues(9, 3)];
    const { dGate, dUp } = swigluBackward(gate, up, g);
    check('dgate', dGate, () => dot(g, swigluForward(gate, up)), gate);
    check('dup', dUp, () => dot(g, swigluForward(gate, up)), up);
  });

  it('of cross-entropy over counted rows', () => {
    const logits = randomValues(4 * 5, 1, 3);
    const targets = [2, -100, 0, 4];
    const { dLogits, counted } = crossEntropy(logits, targets, 0.25);
    expect(counted).toBe(3);
    check('dlogits', dLogits, () => 0.25 * crossEntropy(logits, targets, 1).lossSum, logits);
  });

  const masks: Record<string, DropoutMask | undefined> = {
    'without dropout': undefined,
    'with one mask for all experts': (element) => (element % 3 === 0 ? 0 : 1.5),
    'with a mask per expert': (element, expert) => ((element + expert) % 3 === 0 ? 0 : 1.5),
  };
  for (const [name, mask] of Object.entries(masks)) {
    it(`of the low-rank path ${name}`, () => {
      const [N, inWidth, outWidth, rank, E] = [4, 6, 5, 2, 3];
      const x = randomValues(N * inWidth, 1);
      const up = randomValues(outWidth * rank, 2);
      const downs = Array.from({ length: E }, (_, i) => randomValues(rank * inWidth, 3 + i));
      const g = randomValues(N * outWidth, 9);
      const path = { downs, up, inWidth, outWidth, rank, scale: 0.7 };
      const loss = () => dot(g, lowRankForward(path, x, mask).y);
      const back = lowRankBackward(path, x, lowRankForward(path, x, mask).u, g, mask);
      check('dx', back.dx, loss, x);
      check('dB', back.dUp, loss, up);
      downs.forEach((down, i) => {
        check(`dA_${i}`, back.dDowns[i]!, loss, down);
      });
    });
  }

  it('and every dA_i is the same under a plain sum, but not with a mask per expert', () => {
    const path = {
      downs: [randomValues(12, 1), randomValues(12, 2)],
      up: randomValues(10, 3),
      inWidth: 6,
      outWidth: 5,
      rank: 2,
      scale: 1,
    };
    const [x, g] = [randomValues(24, 4), randomValues(20, 5)];
    const plain = lowRankBackward(path, x, lowRankForward(path, x).u, g);
    expect(plain.dDowns[0]).toEqual(plain.dDowns[1]);
    const mask = masks['with a mask per expert'];
    const dropped = lowRankBackward(path, x, lowRankForward(path, x, mask).u, g, mask);
    expect(dropped.dDowns[0]).not.toEqual(dropped.dDowns[1]);
  });
});

describe('reference forward', () => {
  it('lets a row see its own sequence up to itself and nothing else', () => {
    const shape = { heads: 2, kvHeads: 1, headDim: 2 };
    const first = [0, 0, 2, 2];
    const [q, k] = [randomValues(16, 1), randomValues(8, 2)];
    const v = randomValues(8, 3);
    const before = attentionForward(q, k, v, first, shape).out;
    k.fill(5, 0, 4);
    v.fill(5, 6); // last row: only row 3 may change
    const after = attentionForward(q, k, v, first, shape).out;
    expect(after.subarray(8, 12)).toEqual(before.subarray(8, 12));
    expect(after.subarray(12)).not.toEqual(before.subarray(12));
    expect(after.subarray(0, 4)).toEqual(before.subarray(0, 4)); // a single visible row has weight 1
  });

  it('rotates by the angle and keeps lengths', () => {
    const x = randomIntegers(8, 9, 1);
    const out = rope(Float64Array.from(x), [3], Float64Array.of(0.5, 0.1));
    expect(out[0]).toBeCloseTo(x[0]! * Math.cos(1.5) - x[2]! * Math.sin(1.5), 12);
    expect(out[3]).toBeCloseTo(x[3]! * Math.cos(0.3) + x[1]! * Math.sin(0.3), 12);
    expect(Math.hypot(...out)).toBeCloseTo(Math.hypot(...x), 12);
  });
});
