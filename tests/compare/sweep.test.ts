import { describe, expect, test } from 'vitest';
import { planSweep, type Materials } from '../../src/compare/plan';
import { parseSweep } from '../../src/compare/sweep';
import { adapterLayout } from '../../src/engine';
import { UserError } from '../../src/config/errors';
import { findScenario } from '../../src/scenarios/table';
import { tinyConfig } from '../support/tinyModel';

const valid = {
  scenario: 'clerk',
  settings: { max_steps: 5 },
  configurations: [
    { name: 'LoRA', method: 'lora', r: 6 },
    { name: 'MASA', method: 'masa', num_experts: [1, 2], group_size: [1, 2] },
    { method: 'lora', target_modules: ['q_proj', 'v_proj'] },
  ],
  seeds: [1, 2],
};

const materials: Materials = {
  model: { name: 'tiny', fingerprint: 'f', config: tinyConfig },
  data: { name: 'clerk', sha256: 's', columns: null },
};

const plan = async (json: object, other: Partial<Materials> = {}) =>
  await planSweep(parseSweep('sweep.json', json), { ...materials, ...other });

describe('a sweep', () => {
  test('has each configuration and each point of a grid, with every seed', async () => {
    const { runs, configurations, base } = await plan(valid);
    const names = [
      'LoRA',
      ...['MASA num_experts=1 group_size=1', 'MASA num_experts=1 group_size=2'],
      ...['MASA num_experts=2 group_size=1', 'MASA num_experts=2 group_size=2'],
      'lora target_modules=q_proj,v_proj',
    ];
    expect(configurations.map(({ name }) => name)).toEqual(names);
    expect(runs.map(({ configuration, seed }) => [configuration, seed])).toEqual(
      [1, 2].flatMap((seed) => names.map((name) => [name, seed])),
    );
    for (const { run, seed } of runs) {
      expect(run).toMatchObject({
        seed,
        max_steps: 5,
        learning_rate: findScenario('clerk')!.settings.learning_rate,
      });
    }
    for (const { settings, weights } of configurations)
      expect(weights).toBe(adapterLayout(settings, tinyConfig).size);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(runs.length);
    expect(runs[7]?.id).toMatch(/^masa-num_experts=1-group_size=1-seed2-[0-9a-f]{12}$/);
    expect(base?.id).toMatch(/^base-[0-9a-f]{12}$/);
  });

  test('has ids that change with all that decides the result, and with nothing else', async () => {
    const idsOf = async (...call: Parameters<typeof plan>) => (await plan(...call)).runs.map(({ id }) => id);
    const ids = await idsOf(valid);
    expect(await idsOf({ reference: 'LoRA', ...valid })).toEqual(ids);
    expect((await idsOf({ ...valid, seeds: [1, 2, 3] })).slice(0, ids.length)).toEqual(ids);
    const other: Awaited<ReturnType<typeof idsOf>>[] = [
      await idsOf({ ...valid, settings: { max_steps: 6 } }),
      await idsOf({ ...valid, evaluation: { limit: 3 } }),
      await idsOf(valid, { model: { ...materials.model, fingerprint: 'g' } }),
      await idsOf(valid, { data: { ...materials.data, sha256: 't' } }),
    ];
    for (const changed of other) expect(changed.filter((id) => ids.includes(id))).toEqual([]);
  });

  test('matches the trainable weights of the reference at one scale', async () => {
    const json = { ...valid, match_budget: true, reference: 'LoRA', settings: { lora_alpha: 12 } };
    const { configurations } = await plan(json);
    const [target, ...others] = configurations;
    expect(target).toMatchObject({ budgetRatio: 1, settings: { r: 6, lora_alpha: 12 } });
    for (const { settings, weights, budgetRatio } of others) {
      expect(budgetRatio).toBe(weights / target!.weights);
      expect(settings.lora_alpha / settings.r).toBe(2);
      // No other r is closer.
      const size = (r: number) => adapterLayout({ ...settings, r }, tinyConfig).size;
      const off = (r: number) => Math.abs(size(r) - target!.weights);
      expect(off(settings.r)).toBeLessThanOrEqual(Math.min(off(settings.r - 1), off(settings.r + 1)));
    }
  });
});

describe('a mistake in a sweep file gets a sentence that names file and field:', () => {
  const [lora] = valid.configurations;
  const cases: [object, string][] = [
    [{ ...valid, seed: 1 }, 'sweep.json, seed: this is a setting; put it into "settings".'],
    [{ ...valid, extra: 1 }, 'sweep.json, extra: there is no such field; the fields are scenario, '],
    [{ ...valid, scenario: 'x' }, 'sweep.json, scenario: there is no scenario "x"; give one of '],
    [{ ...valid, scenario: undefined }, 'sweep.json, scenario: it is missing; give a scenario, or "data" '],
    [{ ...valid, data: 'x' }, 'sweep.json, data: a scenario brings its own data; '],
    [{ ...valid, scenario: undefined, data: 'x' }, 'sweep.json, model: it is missing; '],
    [{ ...valid, model: 3 }, 'sweep.json, model: 3 is not a text; '],
    [{ ...valid, seeds: undefined }, 'sweep.json, seeds: it is missing; '],
    [{ ...valid, seeds: 3 }, 'sweep.json, seeds: this is not a list; '],
    [{ ...valid, seeds: [1.5] }, 'sweep.json, seeds: 1.5 cannot be a seed; '],
    [{ ...valid, seeds: [1, 1] }, 'sweep.json, seeds: one of them stands there twice; '],
    [{ ...valid, settings: { rank: 2 } }, 'sweep.json, settings, rank: there is no such setting; '],
    [{ ...valid, settings: { seed: 2 } }, 'sweep.json, settings, seed: the seeds are the same for all '],
    [{ ...valid, settings: { r: [2, 4] } }, 'sweep.json, settings, r: all configurations share one value; '],
    [{ ...valid, configurations: {} }, 'sweep.json, configurations: this is not a list; '],
    [{ ...valid, configurations: [3] }, 'sweep.json, configurations, entry 1: this is not an object; '],
    [
      { ...valid, configurations: [{ r: [] }] },
      'sweep.json, configurations, entry 1, r: the list is empty; ',
    ],
    [
      { ...valid, configurations: [lora, lora] },
      'sweep.json, configurations: two of them are called "LoRA"; ',
    ],
    [
      { ...valid, configurations: [{ r: 0 }] },
      'sweep.json, configuration "r=0", r: 0 is too small; give a whole ',
    ],
    [
      { ...valid, reference: 'X' },
      'sweep.json, reference: there is no configuration "X"; give one of "LoRA", ',
    ],
    [{ ...valid, match_budget: 'X' }, 'sweep.json, match_budget: there is no configuration "X"; '],
    [
      { ...valid, match_budget: true, configurations: [lora, { r: 3 }] },
      'sweep.json, configurations: the r of "r=3" is chosen by "match_budget"; ',
    ],
    [
      { ...valid, evaluation: { limit: 0 } },
      'sweep.json, evaluation, limit: 0 cannot be used; give a whole ',
    ],
    [{ ...valid, evaluation: { task: 1 } }, 'sweep.json, evaluation, task: there is no such field; '],
    [
      { data: 'x', model: 'y', configurations: [lora], seeds: [1], evaluation: true },
      'sweep.json, evaluation: only scenarios have questions; ',
    ],
  ];
  test.each(cases.map(([json, sentence]) => ({ json, sentence })))(
    '$sentence',
    async ({ json, sentence }) => {
      const error: unknown = await plan(json).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).message.startsWith(sentence), (error as UserError).message).toBe(true);
    },
  );
});
