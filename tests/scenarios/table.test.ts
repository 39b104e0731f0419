import { describe, expect, test } from 'vitest';
import { knobRange } from '../../src/config/defaults';
import { isKnobKey, knob } from '../../src/config/knobs';
import { validateRunConfig } from '../../src/config/validate';
import { newRun } from '../../src/cli/settings';
import { findScenario, SCENARIOS } from '../../src/scenarios/table';
import { SPECIAL_DOMAINS } from '../../src/world/domains';
import { REASONING_TASKS } from '../../src/world/tasks';

const DOMAINS = ['clerk', 'encyclopaedia', 'word_problems', 'code', 'dialogue', 'recipes'];
const REASONING = [
  ...['boolean_expressions', 'navigate', 'object_counting', 'multistep_arithmetic', 'word_sorting'],
  ...['tracking_shuffled_objects', 'web_of_lies', 'date_arithmetic', 'bracket_completion'],
  ...['logical_deduction', 'table_lookup', 'sequence_patterns'],
];
/** L of both bundled models. */
const layers = 8;

describe('the table of scenarios', () => {
  test('has one for each domain, one for all of them and one for the reasoning tasks', () => {
    expect(SPECIAL_DOMAINS.map(({ id }) => id)).toEqual(DOMAINS);
    expect(REASONING_TASKS.map(({ id }) => id)).toEqual(REASONING);
    expect(
      SCENARIOS.map(({ id, kind, tasks, documents }) => [id, kind, tasks.length, documents.length]),
    ).toEqual([
      ...DOMAINS.map((id) => [id, 'single_domain', 1, 1]),
      ['domains', 'multi_domain', 6, 6],
      ['reasoning', 'multi_task', 12, 0],
    ]);
    for (const id of DOMAINS) {
      expect(findScenario(id)?.tasks.map((task) => task.id)).toEqual([id]);
      expect(findScenario(id)?.documents.map((domain) => domain.id)).toEqual([id]);
    }
    expect(findScenario('domains')?.tasks.map(({ id }) => id)).toEqual(DOMAINS);
    expect(findScenario('reasoning')?.tasks.map(({ id }) => id)).toEqual(REASONING);
    expect(findScenario('nonsense')).toBeUndefined();
  });

  test.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
    '%s chooses settings that a run of its model can have, within the sliders of the page',
    (_, { settings }) => {
      expect(validateRunConfig(settings, { layers })).toMatchObject(settings);
      for (const [key, value] of Object.entries(settings)) {
        const row = isKnobKey(key) ? knob(key) : undefined;
        if (row?.kind !== 'integer' && row?.kind !== 'number') continue;
        const [min, most] = row.slider;
        const max = most === 'layers' ? layers : most;
        expect(value, key).toBeGreaterThanOrEqual(Math.min(min, knobRange(row, { layers })[0]));
        expect(value, key).toBeLessThanOrEqual(max);
      }
    },
  );

  test.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
    '%s has the same steps on a software adapter, and asks questions of a level that its tasks have',
    (_, { settings, tasks, level, heldOut, watched, records }) => {
      const surroundings = { layers, maxPositions: 512 };
      const hardware = newRun(settings, { ...surroundings, software: false });
      expect(newRun(settings, { ...surroundings, software: true })).toEqual(hardware);
      for (const task of tasks) expect(task.levels.length, task.id).toBeGreaterThanOrEqual(level);
      expect(watched).toBeLessThanOrEqual(heldOut);
      expect(records).toBeGreaterThan(heldOut);
    },
  );

  test.each(SCENARIOS.flatMap((scenario) => (scenario.expected ? [[scenario.id, scenario] as const] : [])))(
    '%s records its result for each of its tasks and for all of its steps',
    (_, { expected, settings, tasks }) => {
      expect(expected?.steps).toBe(settings.max_steps);
      expect(expected?.tasks.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
      for (const { acc, ci } of expected?.tasks ?? []) {
        expect(acc).toBeGreaterThanOrEqual(ci[0]);
        expect(acc).toBeLessThanOrEqual(ci[1]);
      }
    },
  );
});
