import { UserError } from '../config/errors';
import { validateRunConfig } from '../config/validate';
import type { RunConfig } from '../config/runConfig';
import { isJsonObject } from '../engine/formats/jsonFile';
import type { TaskSummary } from '../engine/eval/summary';
import type { Accuracy } from '../worker/answers';
import { STEP_COLUMNS, type RecordedEvent, type Recording } from './recording';
import {
  count,
  fields,
  flag,
  list,
  Misshapen,
  number,
  oneOf,
  orAbsent,
  orNull,
  text,
  variants,
} from './shape';

/**
 * The recording that a parsed file holds; every part is checked before anything is used.
 *
 * @throws UserError naming the part that is not as it should be
 */
export function parseRecording(value: unknown): Recording {
  try {
    const recording = recordingShape(value, '');
    const flaw = flawOf(recording);
    if (flaw !== undefined) throw new Misshapen(flaw);
    return recording;
  } catch (error) {
    if (!(error instanceof Misshapen || error instanceof UserError)) throw error;
    const reason = error.message.replace(/\.$/, '');
    throw new UserError('Recorded run', `its file is damaged (${reason})`, 'reload the page');
  }
}

const task = fields<TaskSummary>({
  id: text,
  n: count,
  acc: number,
  acc_norm: orNull(number),
  chance: orNull(number),
  ci: pair,
});
const accuracy = { mean: task, byTask: list(task), cut: count };
const progress = { done: count, total: count };

const event = variants<RecordedEvent>({
  loading: fields({ type: oneOf('loading'), ...progress }),
  compiling: fields({ type: oneOf('compiling'), ...progress, kernel: text }),
  asking: fields({ type: oneOf('asking'), ...progress }),
  validation: fields({ type: oneOf('validation'), step: count, loss: number }),
  accuracy: fields({ type: oneOf('accuracy'), step: count, ...accuracy }),
  sample: fields({
    type: oneOf('sample'),
    when: oneOf('before', 'after'),
    ...{ step: count, text, complete: flag },
  }),
});

const recordingShape = fields<Recording>({
  ...{ date: day, scenario: text, stepsPerSecond: rate, prompt: text, run, maxBufferSize: count },
  device: fields({ name: text, fallback: flag, maxBinding: count }),
  model: fields({ name: text, fingerprint: text }),
  data: fields({ name: text, sha256: text, columns: orNull(text) }),
  prepared: fields({
    ...{ trainExamples: count, validationExamples: count, truncated: count, skipped: count },
    problems: list(fields({ line: count, problem: text })),
  }),
  steps: fields({
    ...{ loss: list(number), learning_rate: list(number), grad_norm: list(number) },
    ...{ tokens: list(number), seconds: list(number) },
  }),
  moments: list(fields({ after: count, event })),
  norms: fields({
    names: list(text),
    looks: list(fields({ step: count, gradients: list(number), updates: list(number) })),
  }),
  evaluation: fields({
    questions: fields({
      ...{ name: text, form: oneOf('choice', 'exact'), format: text },
      ...{ count, tasks: count, notes: list(text) },
    }),
    model: text,
    before: fields<Accuracy>(accuracy),
    after: orAbsent(fields<Accuracy & { readonly step: number }>({ ...accuracy, step: count })),
  }),
});

/** What is wrong between parts that are each as they should be. */
function flawOf({ run, steps, moments, norms }: Recording): string | undefined {
  const uneven = STEP_COLUMNS.find((name) => steps[name].length !== run.max_steps);
  if (uneven !== undefined) return `steps.${uneven} has not one value a step`;
  if (
    !isRising(
      moments.map(({ after }) => after),
      run.max_steps,
    )
  )
    return 'moments are out of order';
  if (
    !isRising(
      norms.looks.map(({ step }) => step),
      run.max_steps,
    )
  )
    return 'norms are out of order';
  const size = norms.names.length;
  const fits = norms.looks.every(({ gradients, updates }) =>
    [gradients, updates].every((values) => values.length === size),
  );
  return fits ? undefined : 'norms have not one value a block';
}

function isRising(values: readonly number[], most: number): boolean {
  return values.every((value, index) => value >= (values[index - 1] ?? 0) && value <= most);
}

function run(value: unknown, at: string): RunConfig {
  if (!isJsonObject(value)) throw new Misshapen(`${at} is no object`);
  // How many layers there are is known with the model.
  return validateRunConfig(value, { layers: Number.MAX_SAFE_INTEGER });
}

function pair(value: unknown, at: string): readonly [number, number] {
  const [low, high, ...more] = list(number)(value, at);
  if (low === undefined || high === undefined || more.length > 0) throw new Misshapen(`${at} is no interval`);
  return [low, high];
}

function day(value: unknown, at: string): string {
  const found = text(value, at);
  if (Number.isNaN(Date.parse(found))) throw new Misshapen(`${at} is no date`);
  return found;
}

function rate(value: unknown, at: string): number {
  const found = number(value, at);
  if (!(found > 0)) throw new Misshapen(`${at} is no rate`);
  return found;
}
