import { UserError } from '../../config/errors';
import type { ByteSource } from '../formats/byteSource';
import { isJsonObject, type JsonObject } from '../formats/jsonFile';
import { refuseLfsPointer } from '../formats/lfsPointer';
import { looksLikeRecord } from './fields';
import type { RecordProblem } from './record';

/** The values of a data file before their fields are looked at; a document of a plain text is a string. */
export interface RawDataset {
  readonly container: 'plain text' | 'JSON' | 'JSON Lines';
  readonly unit: 'document' | 'record' | 'line';
  readonly values: readonly { readonly at: number; readonly value: unknown }[];
  /** What could not even be parsed. */
  readonly problems: readonly RecordProblem[];
}

/** Longer files do not fit into one JavaScript string with certainty. */
const MAX_BYTES = 256 * 1024 * 1024;
/** Lines looked at to tell JSON Lines from prose. */
const SAMPLE_LINES = 64;
/** Keys under which a JSON object may hold its list of records. */
const LIST_KEYS = ['data', 'examples', 'train', 'records', 'instances'];
/** Separator between documents of a plain text, with the line breaks that belong to it. */
const DOCUMENT_BORDER = /\s*<\|endoftext\|>\s*/;

/** Reads a whole data file; throws UserError where it is not a text that can be learnt from. */
export async function readDataFile(source: ByteSource): Promise<RawDataset> {
  const { name } = source;
  await refuseLfsPointer(source);
  if (/\.(csv|tsv)$/i.test(name)) {
    throw new UserError(name, 'tables (CSV, TSV) cannot be used yet', 'save the table as JSON Lines');
  }
  if (source.size > MAX_BYTES) {
    throw new UserError(name, `larger than ${MAX_BYTES / 2 ** 20} MiB`, 'use a part of it');
  }
  const { text, damaged } = decode(name, await source.read(0, source.size));
  if (text.trim() === '') throw new UserError(name, 'the file is empty', 'give a file with some text in it');
  const whole: Parsed = /^\s*[[{]/.test(text)
    ? tryJson(text)
    : { ok: false, reason: 'no bracket at its start' };
  if (isJsonLines(name, text, whole)) return jsonLines(text, damaged);
  if (damaged) throw new UserError(name, 'not a UTF-8 text', 'save the file as UTF-8');
  if (whole.ok) return jsonDataset(name, whole.value);
  // An opening bracket followed by JSON's punctuation is no prose.
  if (/\.json$/i.test(name) || /^\s*(\[\s*[[{"\]]|\{\s*["}])/.test(text)) {
    throw new UserError(name, `not valid JSON (${whole.reason})`, 'repair the file or download it again');
  }
  return plainText(text);
}

/** Text of the file. Invalid UTF-8 becomes U+FFFD, and the text is then called damaged. */
function decode(name: string, bytes: Uint8Array): { readonly text: string; readonly damaged: boolean } {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) throw new UserError(name, 'the text is UTF-16', 'save the file as UTF-8');
  // No text holds a zero byte, nearly every binary file does at its beginning.
  if (bytes.subarray(0, 4096).includes(0)) {
    throw new UserError(name, 'this is not a text file', 'give plain text, JSON or JSON Lines');
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), damaged: false };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { text: new TextDecoder().decode(bytes), damaged: true };
  }
}

type Parsed =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

function tryJson(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * By its name or its content: at least half of the first lines open an object, and one of them is a whole one.
 * One single object is JSON Lines only where the name says so.
 */
function isJsonLines(name: string, text: string, whole: Parsed): boolean {
  const named = /\.(jsonl|ndjson)$/i.test(name);
  if (whole.ok) return named && isJsonObject(whole.value) && !text.trim().includes('\n');
  if (named) return true;
  const lines: string[] = [];
  for (let start = 0; start < text.length && lines.length < SAMPLE_LINES;) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end).trim();
    if (line !== '') lines.push(line);
    start = end < 0 ? text.length : end + 1;
  }
  const opening = lines.filter((line) => /^\{\s*"/.test(line));
  return opening.length * 2 >= lines.length && opening.some((line) => tryJson(line).ok);
}

function jsonLines(text: string, damaged: boolean): RawDataset {
  const values: { at: number; value: unknown }[] = [];
  const problems: RecordProblem[] = [];
  text.split('\n').forEach((line, index) => {
    const at = index + 1;
    if (line.trim() === '') return;
    const parsed = tryJson(line);
    if (damaged && line.includes('\uFFFD')) problems.push({ at, reason: 'not valid UTF-8' });
    else if (parsed.ok) values.push({ at, value: parsed.value });
    else problems.push({ at, reason: `not valid JSON (${parsed.reason.replace(/ \(line 1 .*\)/, '')})` });
  });
  return { container: 'JSON Lines', unit: 'line', values, problems };
}

/** Records of an array, of an object that holds one under a usual key (or as its only list), or one record. */
function jsonDataset(name: string, value: unknown): RawDataset {
  const list = Array.isArray(value) ? (value as unknown[]) : isJsonObject(value) ? listIn(value) : undefined;
  if (list === undefined) {
    const remedy = `give a list of records, or an object with one under ${LIST_KEYS.join(', ')}`;
    throw new UserError(name, 'this JSON holds no list of records', remedy);
  }
  const values = list.map((item, index) => ({ at: index + 1, value: item }));
  return { container: 'JSON', unit: 'record', values, problems: [] };
}

function listIn(value: JsonObject): readonly unknown[] | undefined {
  if (looksLikeRecord(value)) return [value];
  const lists = Object.entries(value).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  const usual = lists.find(([key]) => LIST_KEYS.includes(key));
  return usual?.[1] ?? (lists.length === 1 ? lists[0]?.[1] : undefined);
}

/** Documents as they are, without the separators; a text without a separator is one document, untrimmed. */
function plainText(text: string): RawDataset {
  const documents = text.split(DOCUMENT_BORDER);
  const values = documents.map((value, index) => ({ at: index + 1, value }));
  return {
    container: 'plain text',
    unit: 'document',
    values: values.filter(({ value }) => value.trim() !== ''),
    problems: [],
  };
}
