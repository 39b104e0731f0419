import { expect, test } from 'vitest';
import { comparisonMarkdown } from '../../src/compare/markdown';
import { curvesCsv, runsCsv } from '../../src/compare/csv';
import { curveBands } from '../../src/compare/curves';
import { planSweep } from '../../src/compare/plan';
import { figuresOf, type RunResult } from '../../src/compare/result';
import { summariseSweep } from '../../src/compare/summary';
import { parseSweep } from '../../src/compare/sweep';
import { ANY_DEVICE } from '../../src/engine/ops/gemm/choice';
import { tinyConfig } from '../support/tinyModel';

const machine = { gpu: { name: 'G', vendor: '', architecture: '' }, versions: {} };

async function sweepOf(failing?: string) {
  const json = {
    scenario: 'clerk',
    settings: { max_steps: 2, num_experts: 2, group_size: 2, r: 4 },
    configurations: [{ method: 'lora' }, { name: 'A | B', method: 'masa' }],
    seeds: [1, 2, 3],
  };
  const plan = await planSweep(parseSweep('sweep.json', json), {
    model: { name: 'tiny', fingerprint: 'f', config: tinyConfig },
    data: { name: 'clerk', sha256: 's', columns: null },
  });
  const task = (acc: number) => ({
    id: 'clerk',
    n: 8,
    acc,
    acc_norm: acc,
    chance: 0.25,
    ci: [0, 1] as const,
  });
  const results = plan.runs.map(({ id, configuration, seed, run }): RunResult => {
    const gain = configuration === 'lora' ? 0 : 0.125 * seed;
    const points = [
      { step: 0, val_loss: 4 },
      { step: 1, loss: 3, seconds: 9 },
      {
        step: 2,
        loss: 2 + seed - gain,
        val_loss: 3 + seed - gain,
        seconds: configuration === 'lora' ? 1 : 2,
      },
    ];
    return {
      ...{ id, configuration, seed, settings: run, kernels: ANY_DEVICE, ...machine },
      ...{ trainable_weights: 7, adapter_bytes: 2048, ...figuresOf(points, 1) },
      ...{ seconds_per_step: configuration === 'lora' ? 1 : 1.5, accuracy: 0.5, tasks: [task(0.5)] },
    };
  });
  const runs = new Map(
    results.map((result) => [
      result.id,
      result.configuration === failing && result.seed === 3
        ? ({ status: 'failed', sentence: 'It diverged.' } as const)
        : ({ status: 'finished', result } as const),
    ]),
  );
  const base = { status: 'finished', result: { ...machine, tasks: [task(0.25)] } } as const;
  return { plan, results, outcomes: { base, runs } };
}

test('the figures of a run come from its steps', () => {
  const records = [
    { step: 0, val_loss: 9 },
    ...Array.from({ length: 20 }, (_, index) => ({ step: index + 1, loss: 100 - index, seconds: index + 1 })),
    { step: 20, val_loss: 8 },
  ];
  expect(figuresOf(records, 10)).toEqual({
    steps: 20,
    final_loss: 81.5,
    best_loss: 81,
    final_val_loss: 8,
    best_val_loss: 8,
    seconds_per_step: 10.5,
    curve: [
      { step: 0, val_loss: 9 },
      { step: 10, loss: 91 },
      { step: 20, loss: 81, val_loss: 8 },
    ],
  });
});

test('a sweep is compared seed by seed', async () => {
  const { plan, outcomes } = await sweepOf();
  const [lora, masa] = summariseSweep(plan, outcomes).configurations;
  expect(lora?.measures.final_val_loss).toEqual({
    spread: { n: 3, mean: 5, sd: 1, min: 4, max: 6 },
    difference: null,
  });
  // −0.125 × (1, 2, 3); the interval is mean ± 4.302652729749462 · 0.125 / √3.
  const difference = masa?.measures.final_val_loss.difference;
  expect(difference).toMatchObject({ n: 3, mean: -0.25, sd: 0.125, min: -0.375, max: -0.125 });
  expect(difference?.ci?.[0]).toBeCloseTo(-0.25 - (4.302652729749462 * 0.125) / Math.sqrt(3), 12);
  expect(masa?.relative_step_time).toMatchObject({ mean: 1.5, n: 3 });
  expect(masa?.tasks[0]).toMatchObject({ id: 'clerk', spread: { mean: 0.5 }, difference: { mean: 0 } });
});

test('the table says what was compared, and what failed', async () => {
  const { plan, outcomes } = await sweepOf('A | B');
  const text = comparisonMarkdown(summariseSweep(plan, outcomes), 'masa compare --config x');
  const lines = text.split('\n');
  const table = lines.filter((line) => line.startsWith('|'));
  expect(table).toHaveLength(5);
  expect(new Set(table.map((line) => line.length)).size).toBe(1);
  expect(table[2]).toMatch(/^\| base model .* 25\.0 \|/);
  expect(table[4]).toMatch(/^\| A \\\| B .* −0\.1875 \(−0\.9816 to \+0\.6066\) .* 1\.50 × \| +2 KiB \|$/);
  expect(text).toContain('So far 5 of 6 runs have finished.\nA | B with seed 3 failed: It diverged.\n');
  expect(text).toContain('with `masa compare --config x`.');
});

test('the CSV files have a row a run, and a row a logged step', async () => {
  const { results } = await sweepOf();
  const rows = runsCsv(results).trimEnd().split('\n');
  expect(rows).toHaveLength(7);
  expect(rows[0]).toMatch(/^id,configuration,seed,steps,.*,acc_clerk,seconds_per_step,gpu,method,/);
  expect(rows[2]).toContain(',A | B,1,2,7,2048,');
  expect(curvesCsv(curveBands(results)).split('\n').slice(0, 5)).toEqual([
    'configuration,measure,step,n,mean,min,max',
    'lora,loss,1,3,3,3,3',
    'lora,loss,2,3,4,3,5',
    'lora,val_loss,0,3,4,4,4',
    'lora,val_loss,2,3,5,4,6',
  ]);
});
