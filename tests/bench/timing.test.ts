import { expect, it } from 'vitest';
import { forwardProduct, requireClose, transpose } from '../../src/bench/reference';
import { figure, ratio } from '../../src/bench/timing';

it('gives the best and the median of repeats', () => {
  expect(figure([3, 1, 2])).toEqual({ best: 1, median: 2 });
  expect(figure([4, 1, 2, 3])).toEqual({ best: 1, median: 2.5 });
});

it('divides the best times of two things, and their times round by round', () => {
  const timings = new Map([
    ['adapted', [6, 4, 9]],
    ['frozen', [3, 4, 2]],
  ]);
  // Round by round 2, 1 and 4.5.
  expect(ratio(timings, 'adapted', 'frozen')).toEqual({ best: 2, median: 2 });
  expect(() => ratio(timings, 'adapted', 'naive')).toThrow('naive was not timed');
});

it('takes a product that f32 can give and refuses one that it cannot', () => {
  const x = [1, 2, 3, 4];
  const w = [1, 0.5, -1, 2, 0, 3];
  const reference = forwardProduct(x, w, 2, 3, 2);
  const y = [2, 3, 6, 5, 5, 12];
  expect(requireClose('y', y, reference)).toBe(0);
  // Two roundings of a term, one unit each: 2·2^-24·(1 + 1).
  const nearly = (change: number) => y.map((value, i) => (i === 0 ? value + change : value));
  expect(requireClose('y', nearly(2 ** -23), reference)).toBe(2 ** -23 / 12);
  expect(() => requireClose('y', nearly(2 ** -21), reference)).toThrow('element 0');
  expect(() => requireClose('y', nearly(Number.NaN), reference)).toThrow('element 0');
  expect(() => requireClose('y', [1], reference)).toThrow('1 values for 6');
});

it('transposes', () => {
  expect([...transpose([1, 2, 3, 4, 5, 6], 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
});
