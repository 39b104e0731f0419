import { UserError } from '../config/errors';
import { adapterOf, withAdapter } from './adapter';
import { ADAPTER, COLUMNS, DATA, MODEL, SCENARIO, unlessScenario, type CommandSpec } from './commandSpec';
import { lossMeasurement } from './evalLoss';
import type { Measurement, MeasurementInput } from './evalMeasurement';
import { choiceMeasurement, exactMeasurement } from './evalQuestions';
import type { Flags } from './flags';
import { withDevice } from './gpu';
import { loadModel, openModel, requireTokenizer } from './model';
import { Progress } from './progress';
import { bundledModel, scenarioOf } from './scenario';

/** How questions of `--data` are put, and how their answers are taken; a scenario's are asked in one way. */
const PROMPT_FLAGS = ['shots', 'description'];
const ANSWER_FLAGS = ['match', 'max_new_tokens'];

/** What can be measured, and the flags that only it takes. A new task is a row here. */
const TASKS: Readonly<Record<string, Task>> = {
  loss: { flags: ['max_length', 'columns'], measurement: lossMeasurement },
  choice: { flags: PROMPT_FLAGS, measurement: choiceMeasurement },
  exact: { flags: [...PROMPT_FLAGS, ...ANSWER_FLAGS], measurement: exactMeasurement },
};

interface Task {
  readonly flags: readonly string[];
  measurement(input: MeasurementInput): Promise<Measurement>;
}

/** `masa eval`: how well the model predicts a data set, or answers questions. */
export const evalCommand: CommandSpec = {
  name: 'eval',
  summary:
    'measures the loss of a data set (a plain text whole, of other data the answers) or asks questions',
  flags: [
    SCENARIO,
    unlessScenario(MODEL),
    ADAPTER,
    unlessScenario({
      ...DATA,
      value: 'PATH',
      hint: 'data set as for train, or for --task choice and exact a file or folder of questions: MMLU (CSV), BBH (JSON), GSM8K (JSON Lines)',
    }),
    COLUMNS,
    {
      key: 'task',
      value: Object.keys(TASKS).join('|'),
      hint: 'what to measure: the loss (default), which choice is the most likely, or whether the answer that is written is the right one',
    },
    { key: 'limit', value: 'N', hint: 'the first N questions of each task only' },
    { key: 'shots', value: 'K', hint: 'answered questions before each question of --data (default 0)' },
    {
      key: 'description',
      value: 'TEXT',
      hint: 'what the prompts of --data begin with, a blank line behind it (default nothing; MMLU has its own)',
    },
    {
      key: 'match',
      value: 'strict|flexible',
      hint: 'what counts as exact for --data: the whole answer (default), or the answer found in what is written',
    },
    {
      key: 'max_new_tokens',
      value: 'N',
      hint: 'tokens that an answer to --data may have, for exact (default 16 for MMLU, else 256)',
    },
    {
      key: 'max_length',
      value: 'N',
      hint: 'cut texts into windows of N tokens, and shorten records to them (default: as long as they are)',
    },
  ],
  async run(flags, io) {
    const task = taskOf(flags);
    const scenario = scenarioOf(flags);
    if (scenario !== undefined) {
      refuse(flags, [...PROMPT_FLAGS, ...ANSWER_FLAGS], 'the questions of a scenario are asked in one way');
    }
    const checkpoint = await openModel(flags, scenario && bundledModel(scenario.model));
    const tokenizer = requireTokenizer(checkpoint);
    const adapter = await adapterOf(flags, checkpoint);
    const progress = new Progress(io);
    const measure = await task.measurement({ flags, io, progress, checkpoint, tokenizer, scenario });
    return await withDevice(io, async (gpu) => {
      const base = await loadModel(io, gpu, checkpoint);
      return await withAdapter(base, adapter, (attached) => measure(base, attached)).finally(() => {
        progress.clear();
      });
    });
  },
};

function taskOf(flags: Flags): Task {
  const name = flags.optional('task') ?? 'loss';
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
  if (task === undefined) {
    const names = Object.keys(TASKS).join(', ');
    throw new UserError('--task', `there is no task ${JSON.stringify(name)}`, `give one of ${names}`);
  }
  const foreign = Object.values(TASKS).flatMap((other) =>
    other.flags.filter((key) => !task.flags.includes(key)),
  );
  refuse(flags, foreign, `--task ${name} does not take it`);
  return task;
}

function refuse(flags: Flags, keys: readonly string[], problem: string): void {
  const given = keys.find((key) => flags.optional(key) !== undefined);
  if (given !== undefined) throw new UserError(`--${given}`, problem, 'leave this flag out');
}
