import { describe, expect, it } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { planSweep } from '../../src/compare/plan';
import { parseSweep } from '../../src/compare/sweep';
import { NO_SWEEP, type SweepChoice } from '../../src/state/sweep';
import { sweepFile, type SweepSource } from '../../src/state/sweepFile';
import { tinyConfig } from '../support/tinyModel';

const VALUES = {
  ...defaultRunConfig(tinyConfig.layers),
  seed: 7,
  method: 'masa',
  r: 5,
  max_steps: 9,
} as const;
const SCENARIO: SweepSource = { model: 'tiny', scenario: 'clerk', data: 'clerk', columns: undefined };

/** The runs of a choice at the settings of the form, by way of the file. */
async function planOf(choice: Partial<SweepChoice>, source = SCENARIO) {
  const file = sweepFile({ ...NO_SWEEP.choice, ...choice }, VALUES, source);
  return await planSweep(parseSweep('Comparison', JSON.parse(JSON.stringify(file))), {
    model: { name: source.model, fingerprint: 'f', config: tinyConfig },
    data: { name: source.data, sha256: 's', columns: source.columns ?? null },
  });
}

describe('the sweep file of the page', () => {
  it('has the settings of the form in every run, but for method, mix and a matched r', async () => {
    const { runs } = await planOf({
      contenders: ['lora', 'masa', 'masa_router', 'hydralora', 'lora_moe'],
      seeds: 2,
      match: false,
    });
    expect(runs.map(({ configuration, seed }) => `${configuration} ${seed}`)).toEqual(
      [7, 8].flatMap((seed) =>
        ['LoRA', 'MASA', 'MASA with router', 'HydraLoRA', 'LoRA-MoE'].map((name) => `${name} ${seed}`),
      ),
    );
    for (const { run } of runs) expect(run).toMatchObject({ r: 5, max_steps: 9 });
    expect(runs.slice(0, 5).map(({ run }) => [run.method, run.method === 'masa' && run.expert_mix])).toEqual([
      ['lora', false],
      ['masa', 'sum'],
      ['masa', 'router'],
      ['hydralora', false],
      ['lora_moe', false],
    ]);
  });

  it('takes only MASA through the grid', async () => {
    const grid = { num_experts: [1, 2], group_size: [1, 2] };
    const { runs } = await planOf({
      contenders: ['lora', 'masa', 'masa_router'],
      seeds: 1,
      match: false,
      grid,
    });
    const shapes = runs.map(({ run: { method, expert_mix, num_experts, group_size } }) =>
      method === 'masa' ? `${expert_mix} ${num_experts} ${group_size}` : method,
    );
    expect(shapes.slice(0, 5)).toEqual(['lora', 'sum 1 1', 'sum 1 2', 'sum 2 1', 'sum 2 2']);
    expect(shapes[5]).toBe(`router ${VALUES.num_experts} ${VALUES.group_size}`);
    expect(shapes).toHaveLength(6);
  });

  it('matches the budget of the first', async () => {
    const { configurations } = await planOf({ contenders: ['masa', 'lora'], seeds: 1, match: true });
    expect(configurations[0]).toMatchObject({ budgetRatio: 1, settings: { r: 5 } });
    // The r of a tiny model is coarse: the nearest one is within half of an r's share.
    const [masa, lora] = configurations;
    const perRank = lora!.weights / lora!.settings.r;
    expect(Math.abs(lora!.weights - masa!.weights)).toBeLessThanOrEqual(perRank / 2);
    const { configurations: free } = await planOf({ contenders: ['masa', 'lora'], seeds: 1, match: false });
    expect(free.map(({ settings, budgetRatio }) => [settings.r, budgetRatio])).toEqual([
      [5, null],
      [5, null],
    ]);
  });

  it('asks so many questions of a scenario, or none, and none of a file', async () => {
    expect((await planOf({ questions: 20 })).sweep.questions).toBe(20);
    expect((await planOf({ questions: 0 })).base).toBeUndefined();
    const source = { model: 'tiny', scenario: undefined, data: 'd.jsonl', columns: 'prompt=q,completion=a' };
    const { sweep, base } = await planOf({ questions: 20 }, source);
    expect(base).toBeUndefined();
    expect(sweep.data).toEqual({ kind: 'file', path: 'd.jsonl', columns: 'prompt=q,completion=a' });
  });
});
