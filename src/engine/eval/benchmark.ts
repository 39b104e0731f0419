import { UserError } from '../../config/errors';
import type { ByteSource, FileSet } from '../formats/byteSource';
import { bbh } from './bbh';
import type { BenchmarkFormat, BenchmarkRow, Match } from './benchmarkRow';
import { groupFiles, type TaskFiles } from './benchmarkFiles';
import { fewShotPrompt, type TaskRows } from './fewShot';
import { gsm8k } from './gsm8k';
import { mmlu } from './mmlu';
import { multipleChoice } from './multipleChoice';
import { characters, type ChoiceQuestion, type ExactQuestion } from './question';

const FORMATS: readonly BenchmarkFormat[] = [mmlu, bbh, multipleChoice, gsm8k];

export interface BenchmarkOptions {
  /** Answered questions before each question; 0 unless given. */
  readonly shots?: number;
  /** Text at the beginning of each prompt, a blank line behind it; MMLU has its own and takes none. */
  readonly description?: string;
  /** Which answers of exact questions count; 'strict' unless given. */
  readonly match?: Match;
  /** Tokens that an exact question may be answered with; the format's own number unless given. */
  readonly maxNewTokens?: number;
}

/** The questions of a benchmark. */
export interface Benchmark<Question> {
  readonly format: BenchmarkFormat['id'];
  /** In the order of the files and of their rows; `task` is the file's name without split and ending. */
  readonly questions: readonly Question[];
  /**
   * Name for the figure over all tasks, when there are several. It is the share over all questions, so that each task
   * counts by its size, as lm-evaluation-harness aggregates these groups.
   */
  readonly group: string | undefined;
  /** What a user should know about how the files were read, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Multiple-choice questions of a benchmark file or of a folder of them (MMLU, BBH, or JSON with choices; see mmlu.ts,
 * bbh.ts, multipleChoice.ts).
 *
 * In a folder, the shots of a task come from its dev (or train) file and the questions from its test (else val) file:
 * `x_dev.csv` and `x_test.csv`, or the keys `dev/x.csv` and `test/x.csv`. A task with one file gives both, and a
 * question is never among its own shots. `beside`: the folder of a single file, where its dev file lies.
 *
 * @returns undefined when the source is no benchmark
 * @throws UserError when a file is malformed, has no choices, or has fewer rows than shots are wanted
 */
export async function readChoiceBenchmark(
  source: ByteSource | FileSet,
  options: BenchmarkOptions = {},
  beside?: FileSet,
): Promise<Benchmark<ChoiceQuestion> | undefined> {
  const found = await readTasks(source, beside, options.shots ?? 0);
  if (found === undefined) return undefined;
  const { format, tasks, notes } = found;
  const closed = tasks.filter(({ questions }) => questions.some(hasChoices));
  if (closed.length === 0) {
    throw new UserError(source.name, 'its questions have no choices', 'ask for exact match instead');
  }
  return {
    ...summary(format, closed),
    notes: [...notes, ...notesOnOpen(tasks)],
    questions: closed.flatMap((rows) =>
      rows.questions.flatMap((row): ChoiceQuestion[] => {
        if (row.choices === undefined) return [];
        const { texts, answer } = row.choices;
        return [
          {
            task: rows.task,
            context: fewShotPrompt(rows, row, options.shots ?? 0, descriptionOf(format, rows.task, options)),
            continuations: texts.map((text) => ` ${text}`),
            lengths: texts.map(characters),
            answer,
            chance: 1 / texts.length,
          },
        ];
      }),
    ),
  };
}

/**
 * Questions of a benchmark to be answered freely and judged by exact match (MMLU by its letter, BBH, GSM8K; see
 * mmlu.ts, bbh.ts, gsm8k.ts). For the rest see readChoiceBenchmark.
 */
export async function readExactBenchmark(
  source: ByteSource | FileSet,
  options: BenchmarkOptions = {},
  beside?: FileSet,
): Promise<Benchmark<ExactQuestion> | undefined> {
  const found = await readTasks(source, beside, options.shots ?? 0);
  if (found === undefined) return undefined;
  const { format, tasks, notes } = found;
  const { shots = 0, match = 'strict', maxNewTokens } = options;
  const questions = tasks.flatMap((rows) =>
    rows.questions.map((row): ExactQuestion => {
      const rule = format.exact?.(row, shots, match);
      if (rule === undefined) {
        throw new UserError(source.name, 'its questions are answered by choice', 'ask for choice instead');
      }
      return {
        task: rows.task,
        prompt: fewShotPrompt(rows, row, shots, descriptionOf(format, rows.task, options)),
        target: row.target,
        stop: rule.stop,
        maxNewTokens: maxNewTokens ?? rule.maxNewTokens,
        judge: (text) => rule.judge(text),
      };
    }),
  );
  return { ...summary(format, tasks), notes, questions };
}

function hasChoices({ choices }: BenchmarkRow): boolean {
  return choices !== undefined;
}

/** Which tasks, and how many questions of other tasks, cannot be asked by choice. */
function notesOnOpen(tasks: readonly TaskRows[]): readonly string[] {
  const counts = tasks.map(({ task, questions }) => ({
    task,
    open: questions.filter((row) => !hasChoices(row)).length,
    all: questions.length,
  }));
  const whole = counts.filter(({ open, all }) => open === all).map(({ task }) => task);
  const part = counts
    .filter(({ open, all }) => open > 0 && open < all)
    .map(({ task, open, all }) => `${open} of the ${all} questions of ${task}`);
  const left = [...whole, ...part].join(', ');
  return left === '' ? [] : [`Left out, for they have no choices: ${left}.`];
}

interface Tasks {
  readonly format: BenchmarkFormat;
  readonly tasks: readonly TaskRows[];
  readonly notes: readonly string[];
}

async function readTasks(
  source: ByteSource | FileSet,
  beside: FileSet | undefined,
  shots: number,
): Promise<Tasks | undefined> {
  const tasks: TaskRows[] = [];
  const unknown: string[] = [];
  const untested: string[] = [];
  const shotless: string[] = [];
  let format: BenchmarkFormat | undefined;
  for (const files of groupFiles(source, beside)) {
    const read = await readTask(files);
    if (read === undefined) {
      unknown.push(files.questions.name);
      continue;
    }
    format ??= read.format;
    if (read.format !== format) {
      const problem = `it holds files of several benchmarks (${format.id}, ${read.format.id})`;
      throw new UserError(source.name, problem, 'choose one of the files or separate them');
    }
    if (files.pool === undefined && files.split === 'dev') untested.push(read.rows.task);
    else if (files.pool === undefined && files.split !== undefined && shots > 0)
      shotless.push(read.rows.task);
    tasks.push(read.rows);
  }
  if (format === undefined) return undefined;
  const notes: string[] = [];
  if (unknown.length > 0) notes.push(`Left out, for they hold no questions: ${unknown.join(', ')}.`);
  const where = (split: string, lacking: readonly string[]): string =>
    lacking.length === tasks.length ? `There is no ${split} file` : `No ${split} file: ${lacking.join(', ')}`;
  if (untested.length > 0) {
    const rest = 'the rows of the dev file are the questions, none of them among its own shots';
    notes.push(`${where('test', untested)}; ${rest}.`);
  }
  if (shotless.length > 0) notes.push(`${where('dev', shotless)}; the shots are other questions.`);
  return { format, tasks, notes };
}

async function readTask(
  files: TaskFiles,
): Promise<{ readonly format: BenchmarkFormat; readonly rows: TaskRows } | undefined> {
  for (const format of FORMATS) {
    const questions = await format.read(files.questions);
    if (questions === undefined) continue;
    if (questions.length === 0)
      throw new UserError(files.questions.name, 'it holds no rows', 'add a question');
    const pool = files.pool === undefined ? questions : await format.read(files.pool);
    if (pool === undefined) {
      const problem = `it is no ${format.id} file, unlike ${files.questions.name}`;
      throw new UserError(files.pool?.name ?? '', problem, 'replace or remove it');
    }
    return { format, rows: { task: files.task === '' ? format.id : files.task, questions, pool } };
  }
  return undefined;
}

function descriptionOf(format: BenchmarkFormat, task: string, { description }: BenchmarkOptions): string {
  const own = format.describe(task);
  if (description === undefined || description === '') return own;
  if (own === '') return `${description}\n\n`;
  const problem = `the prompts of ${format.id} begin with a sentence of their own`;
  throw new UserError('description', problem, 'leave it out');
}

function summary(
  { id }: BenchmarkFormat,
  tasks: readonly TaskRows[],
): Pick<Benchmark<never>, 'format' | 'group'> {
  return { format: id, group: tasks.length > 1 ? id : undefined };
}
