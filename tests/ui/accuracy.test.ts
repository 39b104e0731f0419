import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { accuracyRows, lastMeasured } from '../../src/ui/live/accuracyRows';
import { AccuracyTable } from '../../src/ui/live/AccuracyTable';
import type { EvaluationInfo } from '../../src/worker/protocol';

type Interval = readonly [low: number, high: number];

function task(id: string, acc: number, ci: Interval, chance: number | null = 0.25) {
  return { id, n: 20, acc, acc_norm: acc, chance, ci };
}

function accuracy(acc: number, ci: Interval) {
  return {
    mean: task('all', acc, ci),
    byTask: [task('code', acc, ci), task('word_sorting', 0.3, [0.2, 0.4])],
    cut: 0,
  };
}

const BEFORE = { step: 0, ...accuracy(0.25, [0.1, 0.4]) };
const LATER = { step: 9, ...accuracy(0.75, [0.6, 0.9]) };

describe('what was measured last', () => {
  it('is the first and the last of the watched accuracies, or the first alone', () => {
    expect(lastMeasured([], undefined)).toBeUndefined();
    expect(lastMeasured([BEFORE], undefined)).toEqual({ before: BEFORE, now: undefined });
    expect(lastMeasured([BEFORE, { ...BEFORE, step: 5 }, LATER], undefined)).toEqual({
      before: BEFORE,
      now: LATER,
    });
  });

  it('is what all questions gave, where they were asked', () => {
    const evaluation = { before: LATER, after: { ...BEFORE, step: 60 } } as unknown as EvaluationInfo;
    expect(lastMeasured([BEFORE, LATER], evaluation)).toEqual({
      before: LATER,
      now: { ...BEFORE, step: 60 },
    });
  });
});

describe('the rows of the table', () => {
  it('are the tasks and all together, with the interval of the later measurement held against chance', () => {
    const rows = accuracyRows({ before: BEFORE, now: LATER });
    expect(rows.map(({ id, before, now, above }) => [id, before, now, above])).toEqual([
      ['code', 0.25, 0.75, true],
      ['word_sorting', 0.3, 0.3, false],
      ['all', 0.25, 0.75, true],
    ]);
    expect(rows[0]?.interval).toEqual([0.6, 0.9]);
  });

  it('have no line for all where there is one task, and are above no chance that is not known', () => {
    const only = { mean: task('all', 1, [0.8, 1], null), byTask: [task('sums', 1, [0.8, 1], null)], cut: 0 };
    expect(accuracyRows({ before: only, now: undefined })).toEqual([
      { id: 'sums', n: 20, before: 1, now: undefined, interval: [0.8, 1], chance: null, above: false },
    ]);
  });
});

describe('the table', () => {
  it('marks an interval above chance by a sign with a name, not by colour alone', () => {
    const rows = accuracyRows({ before: BEFORE, now: LATER });
    const html = renderToStaticMarkup(createElement(AccuracyTable, { caption: '20 questions', rows }));
    const lines = html.split('<tr').filter((line) => line.includes('scope="row"'));
    expect(lines.map((line) => line.includes('aria-label="above chance: "'))).toEqual([true, false, true]);
    expect(lines[0]).toContain('60 to 90 %');
    expect(lines[1]).toContain('word sorting');
    expect(lines[2]).toContain('all together');
  });
});
