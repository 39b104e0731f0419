import { expect, it } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { MODULES } from '../../src/config/modules';
import type { RunConfig } from '../../src/config/runConfig';
import { METHODS } from '../../src/engine/adapters/registry';
import { banksOf, barsOf, between } from '../../src/ui/picture/banks';
import { blockKey, layOut } from '../../src/ui/picture/geometry';

const LAYERS = 32;

function drawn(changes: Partial<RunConfig>) {
  const block = METHODS.masa.block({ ...defaultRunConfig(LAYERS), ...changes });
  return { block, picture: layOut(block, LAYERS, MODULES, 700) };
}

/** How many rectangles a path has. */
const count = (d: string) => d.split('M').length - 1;

it('a large model is a few hundred paths, which have every block once', () => {
  const { block, picture } = drawn({ num_experts: 4, group_size: 2 });
  const banks = banksOf(barsOf(picture), block, undefined);
  expect(banks.reduce((sum, { d }) => sum + count(d), 0)).toBe(picture.blocks.length);
  expect(banks.length).toBeLessThan(picture.blocks.length / 3);
  for (const { d } of banks) expect(d).not.toMatch(/NaN|Infinity|undefined/);
});

it('blocks of other strength are in other paths, and W has none', () => {
  const { block, picture } = drawn({ num_experts: 1, group_size: 32 });
  const strengths = new Map(picture.blocks.map((each, index) => [blockKey(each), index % 2]));
  const banks = banksOf(barsOf(picture), block, strengths);
  for (const { part, percent } of banks) {
    if (part === 'W') expect(percent).toBeUndefined();
    else expect([0, 100]).toContain(percent);
  }
});

it('on the way to larger groups each layer’s share of an A grows over its group', () => {
  const [from, to] = [drawn({ num_experts: 1, group_size: 1 }), drawn({ num_experts: 1, group_size: 4 })].map(
    ({ picture }) => barsOf(picture),
  );
  const key = 'A q_proj 5 0';
  const [start, end, half] = [from!.get(key)!, to!.get(key)!, between(from!, to!, 0.5).get(key)!];
  expect([start.block.layers, end.block.layers]).toEqual([
    [5, 5],
    [4, 7],
  ]);
  expect(half.width).toBeCloseTo((start.width + end.width) / 2, 9); // rounding
  expect(half.x).toBeLessThan(start.x);
  expect(between(from!, to!, 1).get(key)).toEqual(end);
});
