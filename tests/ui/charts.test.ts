import { describe, expect, it } from 'vitest';
import { MetricsLog } from '../../src/state/metrics';
import { spreadOf, resampled, seedBands } from '../../src/ui/charts/bands';
import { curvesCsv } from '../../src/ui/charts/csv';
import { chartCurves, positionOf, type Source } from '../../src/ui/charts/curves';
import { valueDomain } from '../../src/ui/charts/domain';
import { lookOf } from '../../src/ui/charts/palette';
import { wrapped } from '../../src/ui/charts/picture';
import { plotModel, pointAt, type PlotWishes } from '../../src/ui/charts/plotModel';
import { LOSS_CHART, SMALL_CHARTS } from '../../src/ui/charts/registry';

const VIEW = { smoothing: 0, xAxis: 'step' } as const;
const WISHES: PlotWishes = {
  ...{ kind: 'step', logX: false, logY: false, ignoreOutliers: false, reach: 0, width: 400, height: 300 },
};

function source(losses: readonly number[], more: Partial<Source> = {}): Source {
  const log = new MetricsLog();
  losses.forEach((loss, index) => {
    log.push({ step: index + 1, loss, learning_rate: 1, grad_norm: 1, tokens: 100, seconds: 2 });
  });
  return {
    id: 'run',
    name: '',
    log,
    role: 'current',
    slot: 0,
    group: undefined,
    settings: undefined,
    ...more,
  };
}

describe('the curves of a chart', () => {
  it('lie at steps, tokens or seconds', () => {
    const run = source([3, 2]);
    run.log.pushValidation(0, 5);
    run.log.pushValidation(2, 4);
    const along = (xAxis: 'step' | 'tokens' | 'time') =>
      chartCurves(LOSS_CHART, [run], { ...VIEW, xAxis }).map(({ x }) => [...x]);
    expect(along('step')).toEqual([
      [1, 2],
      [0, 2],
    ]);
    expect(along('tokens')).toEqual([
      [100, 200],
      [0, 200],
    ]);
    expect(along('time')[0]).toEqual([2, 4]);
    expect(positionOf(run.log, 'time', 1)).toBe(2);
  });

  it('have their values behind them where they are smoothed', () => {
    const [curve] = chartCurves(LOSS_CHART, [source([4, 6])], { ...VIEW, smoothing: 0.5 });
    expect([...curve!.raw!]).toEqual([4, 6]);
    expect(curve!.y[1]).toBeCloseTo(4 / 0.75, 12);
  });

  it('of seeds become their mean in a band', () => {
    const [a, b] = [
      source([1, 2, 3], { id: 'a', name: 'A', role: 'overlay', slot: 1, group: 'same' }),
      source([3, 4], { id: 'b', name: 'B', role: 'overlay', slot: 2, group: 'same' }),
    ];
    const drawn = seedBands(chartCurves(LOSS_CHART, [a, b], VIEW), [a, b], 'range');
    expect(drawn.curves.map(({ y }) => [...y])).toEqual([[2, 3, 3]]);
    expect([...drawn.bands[0]!.low]).toEqual([1, 2, 3]);
    expect([...drawn.bands[0]!.high]).toEqual([3, 4, 3]);
    const deviation = seedBands(chartCurves(LOSS_CHART, [a, b], VIEW), [a, b], 'deviation');
    expect(deviation.bands[0]!.high[0]).toBeCloseTo(2 + Math.SQRT2, 12);
    expect(spreadOf([1, 2, 4]).deviation).toBeCloseTo(Math.sqrt(7 / 3), 12);
    expect([...resampled(Float64Array.of(0, 2), Float64Array.of(0, 4), Float64Array.of(0, 1, 3))]).toEqual([
      ...[0, 2, NaN],
    ]);
  });

  it('of what routers do with each expert have a look and a name each, and the level of an even load', () => {
    const spec = SMALL_CHARTS.find(({ id }) => id === 'expert_load')!;
    const routed = source([], { slot: 0 });
    const other = source([], { id: 'a', name: 'A', role: 'overlay', slot: 1 });
    const ghost = source([], { id: 'ghost', name: 'run before', role: 'ghost' });
    for (const { log } of [routed, other, ghost]) {
      expect(spec.lines(log)).toEqual([]);
      for (let step = 1; step <= 2; step++) {
        log.push({
          ...{ step, loss: 1, learning_rate: 1, grad_norm: 1, tokens: 1, seconds: 1 },
          ...{ router_load: 0.75, expert_load: [0.75, 0.25] },
        });
      }
    }
    const curves = chartCurves(spec, [routed, other, ghost], VIEW);
    expect(curves.map(({ name }) => name)).toEqual(['A: expert 1', 'A: expert 2', 'expert 1', 'expert 2']);
    expect(curves.map(({ y }) => [...y])).toEqual([
      [0.75, 0.75],
      [0.25, 0.25],
      [0.75, 0.75],
      [0.25, 0.25],
    ]);
    expect(new Set(curves.map(({ look }) => look.colour)).size).toBe(4);
    expect(new Set(curves.map(({ look }) => look.dash)).size).toBe(4);
    expect(spec.reference!(routed.log)).toEqual({ value: 0.5, name: 'even load, 1/2' });
    expect(spec.reference!(source([1]).log)).toBeUndefined();
    const csv = curvesCsv([{ chart: spec.id, curves: curves.slice(2) }], 'step');
    expect(csv.split('\n').slice(1, 4)).toEqual([
      'expert_load,run,expert 1,1,0.75,',
      'expert_load,run,expert 1,2,0.75,',
      'expert_load,run,expert 2,1,0.25,',
    ]);
  });

  it('are given away value by value', () => {
    const csv = curvesCsv(
      [{ chart: 'loss', curves: chartCurves(LOSS_CHART, [source([4, 6])], VIEW) }],
      'step',
    );
    expect(csv).toBe('chart,run,curve,step,value,smoothed\nloss,run,,1,4,\nloss,run,,2,6,\n');
  });
});

describe('a plot', () => {
  it('keeps every spike, marks what lies beyond the scale, and can be pointed at there', () => {
    const losses = Array.from({ length: 20_000 }, (_, index) => 2 + 0.1 * Math.sin(index));
    const spikes = [1234, 9999, 15_001];
    for (const index of spikes) losses[index] = 50;
    const curves = chartCurves(LOSS_CHART, [source(losses)], { ...VIEW, smoothing: 0.6 });
    const model = plotModel(curves, [], { ...WISHES, ignoreOutliers: true });
    expect(model.curves[0]!.rawPoints).toEqual(expect.arrayContaining(spikes));
    expect(model.curves[0]!.rawPoints.length).toBeLessThanOrEqual(802);
    expect(model.y.to).toBeLessThan(20);
    expect(model.beyond.map(({ x }) => x - 1)).toEqual(spikes);
    const stops = model.stops.map(({ x }) => x);
    expect(stops).toEqual(expect.arrayContaining(spikes.map((index) => index + 1)));
    expect(stops.length).toBeLessThanOrEqual(400);
    expect(pointAt(model.curves[0]!, model, 10_000)).toBe(9999);
  });

  it('leaves zero and less off a logarithmic axis and counts it', () => {
    const run = source([0, 1, 10, -1]);
    run.log.pushValidation(0, 5);
    const model = plotModel(chartCurves(LOSS_CHART, [run], VIEW), [], { ...WISHES, logX: true, logY: true });
    expect(model.hidden).toEqual({ x: 1, y: 2 });
    expect(model.x.from).toBe(1);
    expect(model.y.from).toBeGreaterThan(0);
  });

  it('has axes before there is anything on them', () => {
    const model = plotModel([], [], { ...WISHES, reach: 100 });
    expect(model.x).toMatchObject({ from: 0, to: 100 });
    expect(model.stops).toEqual([]);
    const narrow = plotModel([], [], { ...WISHES, reach: 401, width: 200 });
    expect(narrow.x.ticks).toEqual([0, 200, 400]);
  });
});

describe('the range of values', () => {
  const usual = Array.from({ length: 200 }, (_, index) => 1 + index / 200);

  it('leaves far-off values out where asked to', () => {
    expect(valueDomain([...usual, 100], false, true).max).toBeLessThan(2);
    expect(valueDomain([...usual, 100], false, false).max).toBe(100);
    expect(valueDomain([...usual, -40], false, true).min).toBe(1);
  });

  it('keeps what is near, however rare', () => {
    expect(valueDomain([...usual, 3], false, true).max).toBe(3);
  });
});

describe('lines', () => {
  it('of the first eight differ in colour and in dash, and no two of 36 in neither', () => {
    const looks = Array.from({ length: 36 }, (_, index) => lookOf(index));
    expect(new Set(looks.slice(0, 8).map(({ colour }) => colour)).size).toBe(8);
    expect(new Set(looks.slice(0, 8).map(({ dash }) => dash)).size).toBe(8);
    expect(new Set(looks.map(({ colour, dash }) => `${colour} ${dash}`)).size).toBe(36);
  });

  it('of a caption end between words', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
  });
});
