import { UserError } from '../../config/errors';
import type { ByteSource, FileSet } from './byteSource';
import { refuseLfsPointer } from './lfsPointer';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Larger than any tokenizer.json in use (about 30 MB), small enough to hold in memory. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;

/** Text of a whole file; throws UserError for a git-LFS pointer, a huge file or invalid UTF-8. */
export async function readText(source: ByteSource): Promise<string> {
  await refuseLfsPointer(source);
  if (source.size > MAX_TEXT_BYTES) {
    throw new UserError(source.name, 'too large for a text file', 'check that this is the right file');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await source.read(0, source.size));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UserError(source.name, 'not a UTF-8 text', 'save the file as UTF-8 or download it again');
  }
}

/** The object in a JSON file; throws UserError where the file does not hold one. */
export async function readJsonObject(source: ByteSource): Promise<JsonObject> {
  let value: unknown;
  try {
    value = JSON.parse(await readText(source));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(
      source.name,
      `not valid JSON (${error.message})`,
      'repair the file or download it again',
    );
  }
  if (!isJsonObject(value)) {
    throw new UserError(source.name, 'holds no JSON object', 'check that this is the right file');
  }
  return value;
}

/** Like readJsonObject for a file that may be absent from its folder. */
export async function readOptionalJson(files: FileSet, name: string): Promise<JsonObject | undefined> {
  const source = files.files.get(name);
  return source === undefined ? undefined : await readJsonObject(source);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
