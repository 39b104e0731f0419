import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { expectedTable, expectedText } from '../../src/cli/measure';
import { EXPECTED } from '../../src/scenarios/expected';
import type { ExpectedResult } from '../../src/scenarios/scenario';
import { refusal, temporaryFolder } from '../support/cli';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const CLERK: ExpectedResult = {
  gpu: 'an adapter',
  steps: 60,
  tasks: [{ id: 'clerk', chance: 0.25, base: 0.2, acc: 0.3333, ci: [0.2501, 0.4] }],
};

test('the file of the expected results is what the command writes', () => {
  expect(read('src/scenarios/expected.json')).toBe(expectedText({}));
});

test('a new result takes the place of the one before, and leaves the others alone', () => {
  expect(JSON.parse(expectedText({ clerk: CLERK }))).toEqual({ ...EXPECTED, clerk: CLERK });
});

test('a result is a table, which says whether the whole interval lies above chance', () => {
  const [task] = CLERK.tasks;
  const touching: ExpectedResult = { ...CLERK, tasks: [task!, { ...task!, id: 'b', ci: [0.25, 0.4] }] };
  expect(expectedTable(touching).split('\n').slice(2)).toEqual([
    '| `clerk` | 25.0 % | 20.0 % | 33.3 % | 25.0 to 40.0 % | yes |',
    '| `b` | 25.0 % | 20.0 % | 33.3 % | 25.0 to 40.0 % | no |',
  ]);
});

test('the README shows what is recorded of the reasoning scenario, and names the tasks that did not move', () => {
  const { steps, tasks } = EXPECTED['reasoning']!;
  const readme = read('README.md');
  const cells = (table: string) => table.split('\n').map((row) => row.split('|').map((cell) => cell.trim()));
  const [, ...rows] = cells(expectedTable({ gpu: '', steps, tasks })).filter(([, id]) => !/^:?-/.test(id!));
  const shown = cells(readme).filter(([, id]) => tasks.some((task) => id === `\`${task.id}\``));
  expect(shown).toEqual(rows);
  expect(readme).toContain(`${steps.toLocaleString('en')} steps`);
  const paragraphs = readme.split('\n\n');
  const paragraph =
    paragraphs[paragraphs.findLastIndex((text) => text.includes(`| \`${tasks[0]!.id}\``)) + 1];
  for (const { id } of tasks.filter(({ chance, ci }) => ci[0] <= chance))
    expect(paragraph).toContain(`\`${id}\``);
});

test('what cannot be measured is refused with one sentence', async () => {
  const out = ['--out', join(temporaryFolder(), 'never')];
  expect(await refusal(['scenarios', '--measure', 'clerk,clark', ...out])).toMatch(
    /^--measure: there is no scenario "clark"; give one of clerk,/,
  );
  expect(await refusal(['scenarios', '--measure', 'clerk'])).toBe('--out: it is missing; give --out.');
  expect(await refusal(['scenarios', ...out])).toMatch(/^--out: nothing is measured; give --measure/);
});
