import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accuracyTable } from '../../src/cli/evalReport';
import { bundledModel } from '../../src/cli/scenario';
import { openPath } from '../../src/cli/files';
import { isFileSet } from '../../src/engine/formats/recognise';
import { SCENARIOS } from '../../src/scenarios/table';
import { masa, refusal, temporaryFolder } from '../support/cli';

describe('masa scenarios', () => {
  test('lists every scenario with its defaults', async () => {
    const { code, out, err } = await masa(['scenarios', '--json']);
    expect([code, err]).toEqual([0, '']);
    const list = JSON.parse(out) as Record<string, unknown>[];
    expect(
      list.map(({ id, title, kind, defaults, expected }) => ({ id, title, kind, defaults, expected })),
    ).toEqual(
      SCENARIOS.map(({ id, title, kind, settings, expected }) => ({
        ...{ id, title, kind },
        defaults: settings,
        expected: expected ?? null,
      })),
    );
  });

  test('is a table for a reader, with the next step below', async () => {
    const { out } = await masa(['scenarios']);
    for (const { id, title } of SCENARIOS) expect(out).toMatch(new RegExp(`^${id} +.*${title}$`, 'm'));
    expect(out).toContain('masa train --scenario ID --out DIR');
  });
});

describe('a scenario on the command line', () => {
  const out = join(temporaryFolder(), 'never');

  test('starts from a checkpoint that lies in the project', async () => {
    for (const name of new Set(SCENARIOS.map(({ model }) => model))) {
      const folder = await openPath(bundledModel(name));
      expect(isFileSet(folder) && folder.files.has('model.safetensors'), name).toBe(true);
    }
  });

  const scenario = ['--scenario', 'clerk'];
  const data = ['--data', 'x.jsonl'];
  test.each([
    [
      ['train', '--out', out, '--scenario', 'clark'],
      '--scenario: there is no scenario "clark"; give one of clerk,',
    ],
    [
      ['train', '--out', out, ...scenario, ...data],
      '--data: a scenario brings its own data; give --scenario or',
    ],
    [['eval', ...scenario, ...data], '--data: a scenario brings its own data; give --scenario or'],
    [
      ['train', '--out', out, ...scenario, '--columns', 'prompt=a'],
      '--columns: a scenario brings its own data',
    ],
    [['train', '--out', out, ...scenario, '--r', '0'], 'r: 0 is too small'],
    [['train', '--out', out, ...data], '--model: it is missing; give --model.'],
    [['train', '--out', out, '--model', bundledModel('world')], '--data: it is missing; give --data.'],
    [
      ['eval', ...scenario, '--task', 'guess'],
      '--task: there is no task "guess"; give one of loss, choice, exact.',
    ],
    [['eval', ...scenario, '--shots', '2'], '--shots: --task loss does not take it; leave this flag out.'],
    [
      ['eval', ...scenario, '--task', 'choice', '--shots', '2'],
      '--shots: the questions of a scenario are asked in',
    ],
    [
      ['eval', ...scenario, '--task', 'exact', '--max_new_tokens', '9'],
      '--max_new_tokens: the questions of a scenario are asked in',
    ],
    [
      ['eval', ...scenario, '--task', 'choice', '--max_new_tokens', '9'],
      '--max_new_tokens: --task choice does not take it',
    ],
    [
      ['eval', ...scenario, '--task', 'choice', '--match', 'strict'],
      '--match: --task choice does not take it',
    ],
    [
      ['eval', ...scenario, '--task', 'choice', '--max_length', '9'],
      '--max_length: --task choice does not take it',
    ],
    [['eval', ...scenario, '--task', 'choice', '--limit', '0'], '--limit: "0" cannot be used'],
    [
      ['eval', ...scenario, '--limit', '201'],
      '--limit: "201" cannot be used; give a whole number from 1 to 200',
    ],
  ])('%j is refused with one sentence', async (argv, sentence) => {
    expect(await refusal(argv)).toContain(sentence);
  });

  test('takes the place of --data in the help', async () => {
    expect((await masa(['train', '--help'])).out.replace(/\s+/g, ' ')).toContain('--scenario <ID>');
  });
});

describe('the table of accuracies', () => {
  const row = (id: string, acc: number, low: number, chance: number | null) => ({
    ...{ id, n: 50, acc, acc_norm: chance === null ? null : acc, chance },
    ci: [low, 1] as const,
  });

  test('says for how many tasks the interval lies above chance', () => {
    const text = accuracyTable([row('a', 0.5, 0.3, 0.25), row('long_name', 0.3, 0.2, 0.25)], undefined);
    expect(text.split('\n')).toEqual([
      'task       n   acc     95 % interval      acc_norm  chance',
      'a          50  50.0 %  30.0 % to 100.0 %  50.0 %    25.0 %',
      'long_name  50  30.0 %  20.0 % to 100.0 %  30.0 %    25.0 %',
      '',
      'The interval lies above chance for 1 of 2 tasks.',
    ]);
    expect(accuracyTable([row('a', 0.5, 0.25, 0.25)], undefined)).toContain('does not lie above chance');
    expect(accuracyTable([row('a', 0.5, 0.26, 0.25)], undefined)).toContain(
      'The interval lies above chance.',
    );
  });

  test('is silent about chance where it is not known, and adds the row of all', () => {
    const text = accuracyTable([row('a', 0.5, 0.3, null)], row('all', 0.5, 0.4, null));
    expect(text).toMatch(/^all .* - +-$/m);
    expect(text).not.toContain('above chance');
  });
});

test('the settings of a scenario give way to flags', async () => {
  // Refused for the flag's value, which the scenario's own would have hidden.
  const argv = ['train', '--out', join('no', 'where'), '--scenario', 'clerk', '--max_length', '1'];
  expect(await refusal(argv)).toContain('max_length: 1 is too small');
});
