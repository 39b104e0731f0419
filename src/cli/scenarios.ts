import type { Scenario } from '../scenarios/scenario';
import { SCENARIOS } from '../scenarios/table';
import { alignColumns } from './columns';
import type { CommandSpec } from './commandSpec';

/** `masa scenarios`: what the project brings to be trained. */
export const scenariosCommand: CommandSpec = {
  name: 'scenarios',
  summary: 'lists what can be trained without any file of yours',
  flags: [],
  run: () => {
    const document = SCENARIOS.map(describe);
    const text = `${table(document)}\n\nTrain one with \`masa train --scenario ID --out DIR\`.`;
    return Promise.resolve({ document, text });
  },
};

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
