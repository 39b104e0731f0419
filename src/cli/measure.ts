import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../config/errors';
import type { TaskSummary } from '../engine';
import { EXPECTED } from '../scenarios/expected';
import type { ExpectedResult, ExpectedTask, Scenario } from '../scenarios/scenario';
import { SCENARIOS } from '../scenarios/table';
import { chanceOf } from '../world/item';
import { namesIn } from './disk';
import { evalCommand } from './eval';
import { Flags } from './flags';
import { withDevice } from './gpu';
import type { Io } from './io';
import { percent } from './percent';
import type { RunRecord } from './runFolder';
import { train } from './train';

/**
 * Does what `masa train --scenario ID --out OUT/ID` does, then `masa eval --scenario ID --task choice` without and with
 * the adapter. A run that is there already goes on, or is taken as it is where it has all its steps.
 *
 * @throws UserError where the run that is there has other settings than the scenario
 */
export async function measureScenario(scenario: Scenario, out: string, io: Io): Promise<ExpectedResult> {
  const { id, tasks } = scenario;
  const folder = join(out, id);
  const flags = (values: Readonly<Record<string, string>>) =>
    new Flags(new Map(Object.entries({ ...values, scenario: id })), true);
  const isThere = (await namesIn(folder)).includes('run.json');
  const isDone = isThere && (await recordOf(folder)).results?.steps === scenario.settings.max_steps;
  if (!isDone) await train.run(flags({ [isThere ? 'resume' : 'out']: folder }), io);
  const steps = await stepsOf(scenario, folder);
  const ask = async (adapter: Readonly<Record<string, string>>) => {
    const { document } = await evalCommand.run(flags({ ...adapter, task: 'choice' }), io);
    return (document as { readonly tasks: readonly TaskSummary[] }).tasks;
  };
  const before = await ask({});
  const after = await ask({ adapter: folder });
  const gpu = await withDevice(io, ({ info }) => Promise.resolve(info));
  const cores = gpu.fallback ? `, ${availableParallelism()} processor cores` : '';
  return {
    gpu: `${gpu.name}${cores}`,
    steps,
    tasks: after.map(({ id: task, acc, ci }, at): ExpectedTask => {
      const { acc: base = Number.NaN } = before[at] ?? {};
      const chance = chanceOf({ choices: tasks[at]?.choices ?? Number.NaN });
      return {
        ...{ id: task, chance: rounded(chance), base: rounded(base), acc: rounded(acc) },
        ci: [rounded(ci[0]), rounded(ci[1])],
      };
    }),
  };
}

/** The steps of a run, which must have been made with the scenario's own settings. */
async function stepsOf({ id, settings }: Scenario, folder: string): Promise<number> {
  const { config, results } = await recordOf(folder);
  const other = Object.entries({ ...config, ...settings }).find(
    ([key, value]) => config[key as keyof typeof config] !== value,
  );
  if (other === undefined && results?.steps === config.max_steps) return config.max_steps;
  const problem = other === undefined ? 'its run is not done' : `its run has another ${other[0]} than ${id}`;
  throw new UserError(folder, problem, 'give another folder to --out');
}

async function recordOf(folder: string): Promise<RunRecord> {
  return JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as RunRecord;
}

/**
 * The recorded results with those of a new measurement in place of theirs, as the text of `src/scenarios/expected.json`:
 * a line a task, in the order of the table.
 */
export function expectedText(results: Readonly<Record<string, ExpectedResult>>): string {
  const all: Readonly<Record<string, ExpectedResult>> = { ...EXPECTED, ...results };
  const entries = SCENARIOS.flatMap(({ id }) => {
    const result = all[id];
    if (result === undefined) return [];
    const tasks = result.tasks.map((task) => `      ${JSON.stringify(task)}`).join(',\n');
    const head = `    "gpu": ${JSON.stringify(result.gpu)},\n    "steps": ${result.steps},`;
    return [`  ${JSON.stringify(id)}: {\n${head}\n    "tasks": [\n${tasks}\n    ]\n  }`];
  });
  return `{\n${entries.join(',\n')}\n}\n`;
}

/** A result as a Markdown table; the one of the reasoning scenario stands in the README. */
export function expectedTable({ tasks }: ExpectedResult): string {
  const rows = tasks.map(({ id, chance, base, acc, ci: [low, high] }) => [
    ...[`\`${id}\``, percent(chance), percent(base), percent(acc)],
    ...[`${(100 * low).toFixed(1)} to ${percent(high)}`, low > chance ? 'yes' : 'no'],
  ]);
  const head = ['task', 'chance', 'base', 'adapted', '95 % interval', 'above chance'];
  const line = ['---', '---:', '---:', '---:', '---:', '---'];
  return [head, line, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rounded(share: number): number {
  return Number(share.toFixed(4));
}
