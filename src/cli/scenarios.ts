import { UserError } from '../config/errors';
import type { ExpectedResult, Scenario } from '../scenarios/scenario';
import { SCENARIOS } from '../scenarios/table';
import { alignColumns } from './columns';
import type { CommandSpec } from './commandSpec';
import { writeWhole } from './disk';
import type { Flags } from './flags';
import type { Io, Outcome } from './io';
import { expectedTable, expectedText, measureScenario } from './measure';
import { scenarioById } from './scenario';

/** `masa scenarios`: what the project brings to be trained. */
export const scenariosCommand: CommandSpec = {
  name: 'scenarios',
  summary: 'lists what can be trained without any file of yours',
  flags: [
    {
      key: 'measure',
      value: 'ID,…',
      hint: 'train these with their defaults, ask all held-out questions before and after, and print what came of it',
    },
    {
      key: 'out',
      value: 'DIR',
      hint: 'with --measure: where the runs lie, a folder each; one that is there goes on',
    },
    {
      key: 'into',
      value: 'FILE',
      hint: 'with --measure: write all expected results, these in place of theirs, as src/scenarios/expected.json has them',
    },
  ],
  run: (flags, io) => {
    const ids = flags.optional('measure');
    if (ids !== undefined)
      return measure(
        ids.split(',').map((id) => scenarioById(id, '--measure')),
        flags,
        io,
      );
    for (const key of ['out', 'into']) {
      if (flags.optional(key) === undefined) continue;
      throw new UserError(`--${key}`, 'nothing is measured', 'give --measure or leave this flag out');
    }
    const document = SCENARIOS.map(describe);
    const text = `${table(document)}\n\nTrain one with \`masa train --scenario ID --out DIR\`.`;
    return Promise.resolve({ document, text });
  },
};

/** One after the other; each is written as soon as it is there, for some take long. */
async function measure(scenarios: readonly Scenario[], flags: Flags, io: Io): Promise<Outcome> {
  const out = flags.required('out');
  const file = flags.optional('into');
  const document: Record<string, ExpectedResult> = {};
  for (const scenario of scenarios) {
    document[scenario.id] = await measureScenario(scenario, out, io);
    if (file !== undefined) await writeWhole(file, expectedText(document));
  }
  const tables = Object.entries(document).map(([id, result]) => `${id}\n\n${expectedTable(result)}`);
  return { document, text: tables.join('\n\n') };
}

type Row = ReturnType<typeof describe>;

/** `defaults` holds the settings that the scenario chooses; expected is null where it has not been measured. */
function describe({ id, title, kind, tasks, model, level, records, heldOut, settings, expected }: Scenario) {
  return {
    id,
    title,
    kind,
    model,
    tasks: tasks.map((task) => task.id),
    level,
    records,
    held_out: heldOut,
    defaults: settings,
    expected: expected ?? null,
  };
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ id, kind, model, defaults, title }) => [
    ...[id, kind.replace('_', ' '), model],
    `${defaults.max_steps ?? ''}`,
    title,
  ]);
  return alignColumns([['id', 'kind', 'model', 'steps', 'title'], ...cells]);
}
