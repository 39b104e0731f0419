import Papa from 'papaparse';
import { UserError } from '../../config/errors';
import type { ByteSource } from '../formats/byteSource';
import { readText } from '../formats/jsonFile';
import type { BenchmarkFormat, BenchmarkRow } from './benchmarkRow';

const LETTERS = ['A', 'B', 'C', 'D'] as const;

/** Names of the columns in use, in the order of a file without a header. */
const COLUMNS: readonly (readonly string[])[] = [
  ['question'],
  ...LETTERS.map((letter, i) => [letter.toLowerCase(), `choice${i}`, `option_${letter.toLowerCase()}`]),
  ['answer', 'target', 'label'],
];

/** Enough for a letter with its brackets and blanks; lm-evaluation-harness would go on to 256 or a line break. */
const LETTER_TOKENS = 16;

/** What Python's str.strip takes away; trim of JavaScript takes other characters. */
const OUTER_BLANKS =
  /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/gu;

/** Characters that `string.punctuation` of Python holds. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/**
 * MMLU, one CSV a subject, with the prompts of lm-evaluation-harness 0.4.13: choice questions are its tasks `mmlu_*`,
 * exact ones its tasks `mmlu_*_generative`.
 *
 * Columns are the question, four options and the answer: by name where the first row names them (question; A, B, C, D
 * or choice0 to choice3; answer), in this order where there is no such row. The answer is a letter or an index from 0.
 * An empty option stands for the word "None": tables lose that word when pandas reads and writes them, and
 * lm-evaluation-harness prints "None" for the missing value again.
 */
export const mmlu: BenchmarkFormat = {
  id: 'mmlu',
  describe: (task) =>
    `The following are multiple choice questions (with answers) about ${task.replaceAll('_', ' ')}.\n\n`,
  read: readMmlu,
  exact: ({ target }) => ({
    stop: ['</s>', '\n'],
    maxNewTokens: LETTER_TOKENS,
    judge: (text) =>
      text.replace(OUTER_BLANKS, '').replace(PUNCTUATION, '').toLowerCase() === target.toLowerCase(),
  }),
};

async function readMmlu(file: ByteSource): Promise<readonly BenchmarkRow[] | undefined> {
  if (!/\.csv$/i.test(file.name)) return undefined;
  const { data, errors } = Papa.parse<string[]>(await readText(file), { delimiter: ',' });
  // Rows are counted as a spreadsheet counts them, the header included.
  const rows = data.map((cells, i) => ({ cells, at: i + 1 })).filter(({ cells }) => cells.some(isFilled));
  const columns = findColumns(file, rows[0]?.cells ?? []);
  if (columns === undefined) return undefined;
  const [error] = errors;
  if (error !== undefined) {
    const where = error.row === undefined ? '' : `row ${error.row + 1}: `;
    const remedy = 'close each quoted field with one quote and double the quotes in it';
    throw new UserError(file.name, `${where}a quote is not closed or stands alone`, remedy);
  }
  return rows.slice(columns.header ? 1 : 0).map(({ cells, at }) => {
    const fault = (problem: string, remedy: string): UserError =>
      new UserError(file.name, `row ${at}: ${problem}`, remedy);
    if (cells.length !== columns.width) {
      const problem = `it has ${cells.length} fields instead of ${columns.width}`;
      throw fault(problem, 'put fields with commas in quotes and write every field');
    }
    const [question = '', ...rest] = columns.places.map((place) => cells[place] ?? '');
    if (!isFilled(question)) throw fault('the question is empty', 'write it or remove the row');
    const answer = answerIndex(rest[LETTERS.length] ?? '');
    if (answer === undefined) {
      const problem = `the answer is ${JSON.stringify(rest[LETTERS.length])}`;
      throw fault(problem, 'write a letter from A to D or a number from 0 to 3');
    }
    return row(question, rest.slice(0, LETTERS.length), answer);
  });
}

function row(question: string, options: readonly string[], answer: number): BenchmarkRow {
  const lines = LETTERS.map((letter, i) => `${letter}. ${options[i] === '' ? 'None' : options[i]}`);
  return {
    prompt: [question.replace(OUTER_BLANKS, ''), ...lines, 'Answer:'].join('\n'),
    target: LETTERS[answer] ?? '',
    choices: { texts: LETTERS, answer },
  };
}

interface Columns {
  readonly header: boolean;
  /** Where the question, the four options and the answer stand. */
  readonly places: readonly number[];
  /** Fields of a row. */
  readonly width: number;
}

/** The columns, by the first row; undefined where this is no table of questions at all. */
function findColumns(file: ByteSource, first: readonly string[]): Columns | undefined {
  const names = first.map((cell) => cell.trim().toLowerCase());
  const places = COLUMNS.map((column) => names.findIndex((name) => column.includes(name)));
  if (places[0] !== -1 && places.at(-1) !== -1) {
    const missing = LETTERS.find((_, i) => places[i + 1] === -1);
    if (missing === undefined) return { header: true, places, width: first.length };
    const remedy = 'name the columns question, A, B, C, D and answer';
    throw new UserError(file.name, `row 1: no column for option ${missing}`, remedy);
  }
  const named = /_(dev|val|test)\.csv$/i.test(file.name);
  const looks = first.length === COLUMNS.length && answerIndex(first.at(-1) ?? '') !== undefined;
  if (!named && !looks) return undefined;
  return { header: false, places: COLUMNS.map((_, i) => i), width: COLUMNS.length };
}

function answerIndex(cell: string): number | undefined {
  const [, letter, digit] = /^\s*(?:([A-D])|([0-3])(?:\.0)?)\s*$/i.exec(cell) ?? [];
  if (digit !== undefined) return Number(digit);
  return letter === undefined ? undefined : LETTERS.findIndex((known) => known === letter.toUpperCase());
}

function isFilled(cell: string): boolean {
  return cell.trim() !== '';
}
