import { UserError } from '../../config/errors';
import { DTYPE_BITS, isDtype, type Dtype } from './dtypes';
import { parseStrictJson, type StrictJson } from './strictJson';

/** One tensor of a safetensors file; `begin` and `end` count bytes from the start of the data section. */
export interface SafetensorsEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order in which the bytes lie. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

const MAX_TENSORS = 100_000;
const MAX_RANK = 8;

/**
 * Checks the JSON header of a safetensors file against everything that the reference parser refuses, and
 * against what only a hardened reader refuses: repeated names, positional arrays, unknown fields, empty
 * names, integers beyond 2^53 - 1. `dataLength` is the number of bytes after the header; the tensors must
 * tile it without hole or overlap. Throws UserError.
 */
export function parseSafetensorsHeader(
  file: string,
  bytes: Uint8Array,
  dataLength: number,
): SafetensorsHeader {
  const refuse = refusal(file);
  let root: StrictJson;
  try {
    root = parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    // TextDecoder's own message names neither the file nor the fault.
    return refuse(
      error instanceof TypeError
        ? 'its header is not valid UTF-8'
        : `its header is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!(root instanceof Map)) return refuse('its header is not a JSON object');

  const metadata = readMetadata(root.get('__metadata__'), refuse);
  const entries: [string, SafetensorsEntry][] = [];
  for (const [name, value] of root) {
    if (name === '__metadata__') continue;
    if (name === '') refuse('a tensor has an empty name');
    entries.push([name, readEntry(name, value, refuse)]);
  }
  if (entries.length > MAX_TENSORS) refuse(`it lists more than ${MAX_TENSORS} tensors`);
  entries.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let cursor = 0;
  for (const [name, { begin, end }] of entries) {
    if (begin < cursor) refuse(`tensor ${name} overlaps the tensor before it`);
    if (begin > cursor) refuse(`${begin - cursor} bytes before tensor ${name} belong to no tensor`);
    cursor = end;
  }
  if (cursor > dataLength) {
    refuse(`it is cut short: its tensors need ${cursor} data bytes and ${dataLength} are there`);
  }
  if (cursor < dataLength) refuse(`${dataLength - cursor} bytes after the last tensor belong to no tensor`);
  return { tensors: new Map(entries), metadata };
}

type Refuse = (problem: string) => never;

/** Makes the function that reports a fault of one safetensors file. */
export function refusal(file: string): Refuse {
  return (problem) => {
    throw new UserError(
      file,
      `this is not a sound safetensors file: ${problem}`,
      'download or export the file again',
    );
  };
}

function readMetadata(value: StrictJson | undefined, refuse: Refuse): Map<string, string> {
  const metadata = new Map<string, string>();
  if (value === undefined || value === null) return metadata;
  if (!(value instanceof Map)) return refuse('__metadata__ is not an object of strings');
  for (const [key, text] of value) {
    if (typeof text !== 'string') return refuse(`__metadata__ key ${JSON.stringify(key)} is not a string`);
    metadata.set(key, text);
  }
  return metadata;
}

function readEntry(name: string, value: StrictJson, refuse: Refuse): SafetensorsEntry {
  if (!(value instanceof Map)) return refuse(`the entry of tensor ${name} is not an object`);
  for (const key of value.keys()) {
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') {
      refuse(`tensor ${name} has the unknown field ${JSON.stringify(key)}`);
    }
  }
  const dtype = value.get('dtype');
  if (typeof dtype !== 'string') return refuse(`tensor ${name} has no dtype`);
  if (!isDtype(dtype)) return refuse(`tensor ${name} has the unknown dtype ${JSON.stringify(dtype)}`);
  const shape = readIntegers(value.get('shape'), `shape of tensor ${name}`, refuse);
  if (shape.length > MAX_RANK) refuse(`tensor ${name} has more than ${MAX_RANK} dimensions`);
  const [begin, end, ...more] = readIntegers(
    value.get('data_offsets'),
    `data_offsets of tensor ${name}`,
    refuse,
  );
  if (begin === undefined || end === undefined || more.length > 0) {
    return refuse(`data_offsets of tensor ${name} are not two numbers`);
  }
  if (begin > end) refuse(`tensor ${name} ends before it begins`);
  const bits = bitLength(name, dtype, shape, refuse);
  if (bits % 8 !== 0) refuse(`tensor ${name} does not end on a whole byte`);
  if (bits / 8 !== end - begin) {
    const form = `shape [${shape.join(', ')}] and dtype ${dtype}`;
    refuse(`tensor ${name} of ${form} needs ${bits / 8} bytes and has ${end - begin}`);
  }
  return { dtype, shape, begin, end };
}

/** Bits of a tensor. The product is checked step by step, so that a zero further on hides no overflow. */
function bitLength(name: string, dtype: Dtype, shape: readonly number[], refuse: Refuse): number {
  const factors = [...shape, DTYPE_BITS[dtype]];
  return factors.reduce((product, factor) => {
    const next = product * factor;
    return next <= Number.MAX_SAFE_INTEGER ? next : refuse(`the size of tensor ${name} overflows`);
  }, 1);
}

function readIntegers(value: StrictJson | undefined, what: string, refuse: Refuse): number[] {
  if (!Array.isArray(value)) return refuse(`the ${what} is missing or not a list`);
  return value.map((item) => {
    const text = typeof item === 'object' && item !== null && 'text' in item ? item.text : '';
    const number = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : NaN;
    return Number.isSafeInteger(number)
      ? number
      : refuse(`the ${what} holds something else than whole numbers from 0 to 2^53 - 1`);
  });
}
