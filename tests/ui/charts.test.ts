import { describe, expect, it } from 'vitest';
import { chartRows } from '../../src/ui/charts/rows';

describe('the rows of a chart', () => {
  const steps = Float64Array.of(1, 2, 3);
  const losses = Float64Array.of(4, 2, 3);

  it('hold value, average and validation where each was measured', () => {
    const rows = chartRows(
      steps,
      losses,
      [
        { step: 0, loss: 5 },
        { step: 2, loss: 2.5 },
      ],
      0,
      100,
    );
    expect(rows).toEqual([
      { step: 0, validation: 5 },
      { step: 1, raw: 4, smooth: 4 },
      { step: 2, raw: 2, smooth: 2, validation: 2.5 },
      { step: 3, raw: 3, smooth: 3 },
    ]);
  });

  it('show a gap where a value is not a number', () => {
    expect(chartRows(Float64Array.of(1), Float64Array.of(NaN), [], 0, 100)).toEqual([{ step: 1 }]);
  });

  it('keep every validation loss of a long run', () => {
    const long = Float64Array.from({ length: 5000 }, (_, index) => index + 1);
    const validation = Array.from({ length: 50 }, (_, index) => ({ step: index * 100, loss: index }));
    const rows = chartRows(long, long, validation, 0.9, 200);
    expect(rows.filter((row) => row.validation !== undefined)).toHaveLength(50);
    expect(rows.length).toBeLessThan(500);
  });
});
