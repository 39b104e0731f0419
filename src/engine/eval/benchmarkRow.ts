import { UserError } from '../../config/errors';
import { readDataFile } from '../data/readDataFile';
import type { ByteSource } from '../formats/byteSource';
import { isJsonObject, type JsonObject } from '../formats/jsonFile';

/** One row of a benchmark file, in the shape in which prompts are made of it. */
export interface BenchmarkRow {
  /** The question as the model reads it, without what stands before it and without its answer: "Q: …\nA:". */
  readonly prompt: string;
  /** The answer as a shot shows it, behind one blank. */
  readonly target: string;
  /** The texts to choose from, without the blank in front, and the index of the right one. */
  readonly choices?: { readonly texts: readonly string[]; readonly answer: number };
}

/** Which answer counts as exact: the whole text, or the answer that can be found in it. */
export type Match = 'strict' | 'flexible';

/** How a generated answer ends and is judged; see ExactQuestion. */
export interface ExactRule {
  readonly stop: readonly string[];
  readonly maxNewTokens: number;
  judge(text: string): boolean;
}

/** A format of benchmark files; a new one is a file with one of these and a line in benchmark.ts. */
export interface BenchmarkFormat {
  readonly id: 'mmlu' | 'bbh' | 'gsm8k' | 'choices';
  /** The rows of a file; undefined where it is of another format. Throws UserError where a row is malformed. */
  read(file: ByteSource): Promise<readonly BenchmarkRow[] | undefined>;
  /** What stands at the very beginning of the prompts of a task, the line breaks behind it included. */
  describe(task: string): string;
  /** How the answer to a row is judged behind that many shots; undefined where the format only has choices. */
  exact?(row: BenchmarkRow, shots: number, match: Match): ExactRule;
}

/** Most new tokens of an answer, where a format does not say: HFLM.max_gen_toks of lm-evaluation-harness. */
export const MAX_NEW_TOKENS = 256;

/** A record of a JSON or JSON Lines file, which can say where it stands when something about it is wrong. */
export interface Located {
  readonly fields: JsonObject;
  /** Error about this record: "FILE: line 3: PROBLEM; REMEDY." */
  readonly fault: (problem: string, remedy: string) => UserError;
}

/**
 * The records of a JSON or JSON Lines file whose first record passes `fits`; undefined for every other file.
 * Throws UserError where a record cannot be parsed or is no object.
 */
export async function readRecords(
  file: ByteSource,
  fits: (first: JsonObject) => boolean,
): Promise<readonly Located[] | undefined> {
  if (!/\.(json|jsonl|ndjson)$/i.test(file.name)) return undefined;
  const { values, problems, unit } = await readDataFile(file);
  const first = values[0]?.value;
  if (!isJsonObject(first) || !fits(first)) return undefined;
  const [problem] = problems;
  if (problem !== undefined) {
    const remedy = 'repair it or download the file again';
    throw new UserError(file.name, `${unit} ${problem.at}: ${problem.reason}`, remedy);
  }
  return values.map(({ at, value }) => {
    const fault = (wrong: string, remedy: string): UserError =>
      new UserError(file.name, `${unit} ${at}: ${wrong}`, remedy);
    if (!isJsonObject(value)) throw fault('it is no object', 'write one object a record');
    return { fields: value, fault };
  });
}

/** A field that must hold some text. */
export function textField({ fields, fault }: Located, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.trim() === '') {
    throw fault(`the field "${name}" holds no text`, 'write a text there or remove the record');
  }
  return value;
}
