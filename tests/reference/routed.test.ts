import { describe, expect, it } from 'vitest';
import { randomValues } from '../support/random';
import { assertClose } from './compare';
import { finiteDifference } from './finiteDifference';
import { lowRankForward, type DropoutMask } from './lowRank';
import { gatesOf, routedBackward, routedForward, type Routed } from './routed';

const [N, IN, OUT, R] = [5, 4, 6, 2];

function path(downs: number, ups: number, experts: number, topK: number): Routed {
  const tensors = (count: number, size: number, seed: number) =>
    Array.from({ length: count }, (_, i) => randomValues(size, seed + i));
  return {
    downs: tensors(downs, R * IN, 1),
    ups: tensors(ups, OUT * R, 20),
    router: randomValues(experts * IN, 40),
    inWidth: IN,
    outWidth: OUT,
    rank: R,
    scale: 0.7,
    topK,
  };
}

describe('the routed block in float64', () => {
  const x = randomValues(N * IN, 60);
  const weights = randomValues(N * OUT, 61);
  const loss = (of: Routed, mask?: DropoutMask) =>
    routedForward(of, x, mask).reduce((sum, value, at) => sum + value * weights[at]!, 0);
  const mask: DropoutMask = (element, expert) => ((element * 7 + expert * 3) % 4 === 0 ? 0 : 4 / 3);

  it.each<[string, Routed, DropoutMask | undefined]>([
    ['HydraLoRA', path(1, 3, 3, 3), undefined],
    ['HydraLoRA with a mask for each head and top-2', path(1, 3, 3, 2), mask],
    ['LoRA-MoE', path(3, 3, 3, 3), undefined],
    ['LoRA-MoE with masks and top-1', path(3, 3, 3, 1), mask],
    ['MASA with a router', path(3, 1, 3, 3), undefined],
    ['MASA with a router, masks and top-2', path(3, 1, 3, 2), mask],
  ])('has the gradients of finite differences: %s', (_, of, own) => {
    const back = routedBackward(of, x, weights, own);
    const pairs = [
      ...of.downs.map((tensor, i) => [tensor, back.dDowns[i]!] as const),
      ...of.ups.map((tensor, i) => [tensor, back.dUps[i]!] as const),
      [of.router, back.dRouter] as const,
      [x, back.dx] as const,
    ];
    for (const [tensor, gradient] of pairs) {
      // Central differences in float64 are good to some 1e-10; see finiteDifference.ts.
      const numeric = finiteDifference(() => loss(of, own), tensor);
      assertClose(gradient, numeric, { maxAbs: 1e-8 }, 'gradient');
    }
  });

  it('is LoRA where there is one expert', () => {
    const of = path(1, 1, 1, 1);
    const plain = { ...of, up: of.ups[0]! };
    expect(routedForward(of, x)).toEqual(lowRankForward(plain, x).y);
    expect(routedBackward(of, x, weights).dRouter.every((value) => value === 0)).toBe(true);
  });

  it('takes equal logits in the order of the experts', () => {
    const { g } = gatesOf(Float64Array.from([1, 2, 2, 0]), 4, 1);
    expect(Array.from(g)).toEqual([0, 1, 0, 0]);
  });
});
