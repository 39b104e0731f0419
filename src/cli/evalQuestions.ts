import { UserError } from '../config/errors';
import { matchExactly, scoreChoices, summarise, summariseAll } from '../engine';
import { readChoiceBenchmark, readExactBenchmark, type BenchmarkOptions } from '../engine/eval/benchmark';
import type { Match } from '../engine/eval/benchmarkRow';
import type { ByteSource, FileSet } from '../engine/formats/byteSource';
import { isFileSet } from '../engine/formats/recognise';
import { choiceQuestions, exactQuestions } from '../scenarios/questions';
import { testItems } from '../scenarios/records';
import type { Measurement, MeasurementInput } from './evalMeasurement';
import { accuracyTable } from './evalReport';
import { openBeside, openPath, withSplits } from './files';
import type { Flags } from './flags';
import type { Io } from './io';

/** `--task choice`: which choice the model finds most likely. */
export async function choiceMeasurement(input: MeasurementInput): Promise<Measurement> {
  const { questions, group } = await findQuestions(input, choiceQuestions, readChoiceBenchmark);
  return async (base, adapter) => {
    const options = { adapter, ...watching(input, 'choices') };
    const results = await scoreChoices(base, input.tokenizer, questions, options);
    sayCut(input, results, base.config.maxPositions);
    return outcomeOf(results, group);
  };
}

/** `--task exact`: whether what the model writes is the answer. */
export async function exactMeasurement(input: MeasurementInput): Promise<Measurement> {
  const { questions, group } = await findQuestions(input, exactQuestions, readExactBenchmark);
  return async (base, adapter) => {
    const options = { adapter, ...watching(input, 'questions') };
    const results = await matchExactly(base, input.tokenizer, questions, options);
    sayCut(input, results, base.config.maxPositions);
    return outcomeOf(results, group);
  };
}

interface Questions<Question> {
  readonly questions: readonly Question[];
  /** Name of the figure over all tasks, where there is one. */
  readonly group: string | undefined;
}

/** The questions of the scenario or of the benchmark files of `--data`, up to `--limit` of them a task. */
async function findQuestions<Question extends { readonly task: string }>(
  { flags, io, scenario }: MeasurementInput,
  make: (tests: ReturnType<typeof testItems>) => readonly Question[],
  read: BenchmarkReader<Question>,
): Promise<Questions<Question>> {
  if (scenario !== undefined) {
    const limit = flags.number('limit', { integer: true, min: 1, max: scenario.heldOut });
    return { questions: make(testItems(scenario, limit)), group: undefined };
  }
  const limit = flags.number('limit', { integer: true, min: 1, max: Infinity });
  const { questions, group } = await readBenchmark(flags, io, read);
  return { questions: limit === undefined ? questions : firstOfEach(questions, limit), group };
}

type BenchmarkReader<Question> = (
  source: ByteSource | FileSet,
  options: BenchmarkOptions,
  beside?: FileSet,
) => Promise<(Questions<Question> & { readonly notes: readonly string[] }) | undefined>;

async function readBenchmark<Question>(
  flags: Flags,
  io: Io,
  read: BenchmarkReader<Question>,
): Promise<Questions<Question>> {
  const path = flags.required('data');
  const source = await openPath(path);
  const folder = isFileSet(source);
  const files = folder ? await withSplits(path, source) : source;
  const found = await read(files, optionsOf(flags), folder ? undefined : await openBeside(path));
  if (found === undefined) {
    const remedy =
      'give MMLU (CSV), BBH (JSON), GSM8K (JSON Lines) or JSON records with question, choices and answer';
    throw new UserError(path, 'no benchmark questions are recognised in it', remedy);
  }
  for (const note of found.notes) io.err(`${note}\n`);
  return found;
}

function optionsOf(flags: Flags): BenchmarkOptions {
  const maxNewTokens = flags.number('max_new_tokens', { integer: true, min: 1, max: Infinity });
  return {
    shots: flags.number('shots', { integer: true, min: 0, max: 100 }) ?? 0,
    description: flags.text('description', ''),
    match: matchOf(flags),
    ...(maxNewTokens === undefined ? {} : { maxNewTokens }),
  };
}

function matchOf(flags: Flags): Match {
  const text = flags.optional('match') ?? 'strict';
  if (text === 'strict' || text === 'flexible') return text;
  throw new UserError(
    '--match',
    `there is no way ${JSON.stringify(text)} of matching`,
    'give strict or flexible',
  );
}

function firstOfEach<Question extends { readonly task: string }>(
  questions: readonly Question[],
  limit: number,
): readonly Question[] {
  const taken = new Map<string, number>();
  return questions.filter(({ task }) => {
    const count = (taken.get(task) ?? 0) + 1;
    taken.set(task, count);
    return count <= limit;
  });
}

function watching({ io, progress }: MeasurementInput, unit: string) {
  return {
    signal: io.interrupted,
    onProgress: (done: number, total: number) => {
      progress.show(`Evaluating: ${done} of ${total} ${unit}`, false);
    },
  };
}

/** A cut prompt has lost shots, or a part of its question: the accuracy is not that of the whole prompts. */
function sayCut(
  { progress }: MeasurementInput,
  results: readonly { readonly isCut: boolean }[],
  maxPositions: number,
): void {
  const cut = results.filter(({ isCut }) => isCut).length;
  if (cut === 0) return;
  const reason = `do not fit into the ${maxPositions} positions of the model`;
  progress.say(`${cut} of ${results.length} prompts ${reason} and were cut at their beginning.`);
}

function outcomeOf(results: Parameters<typeof summarise>[0], group: string | undefined) {
  const tasks = summarise(results);
  const all = group === undefined ? undefined : summariseAll(group, results);
  return {
    document: { tasks, ...(all === undefined ? {} : { group: all }) },
    text: accuracyTable(tasks, all),
  };
}
