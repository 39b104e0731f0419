import type { ByteSource } from './byteSource';
import { DTYPE_BITS, type Dtype } from './dtypes';
import { refuseLfsPointer } from './lfsPointer';
import { parseSafetensorsHeader, refusal, type SafetensorsHeader } from './safetensorsHeader';
import { hasLoneSurrogate } from './strictJson';

export interface SafetensorsFile extends SafetensorsHeader {
  readonly name: string;
  /** Bytes [begin, end) of a tensor (all of it by default); a range outside the tensor is an error. */
  read(tensor: string, begin?: number, end?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** What the writer needs of one tensor; `bytes` are little-endian, row-major. */
export interface SafetensorsTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const LENGTH_BYTES = 8;
/** A header of 100 000 tensors takes about 15 MB; anything beyond this is an attack or a broken length. */
const MAX_HEADER_BYTES = 25_000_000;

/**
 * Opens a safetensors file: reads and checks its header, and nothing else.
 * Throws UserError for every file that the reference parser refuses, and for some that it lets pass
 * (see parseSafetensorsHeader). Format: https://github.com/huggingface/safetensors#format
 */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  const refuse = refusal(source.name);
  await refuseLfsPointer(source);
  if (source.size < LENGTH_BYTES) refuse(`it has ${source.size} bytes, fewer than the 8 of its first field`);
  const lengthField = await source.read(0, LENGTH_BYTES);
  const length = new DataView(lengthField.buffer, lengthField.byteOffset).getBigUint64(0, true);
  if (length === 0n) refuse('its header is empty');
  // Compared as BigInt: a length above 2^53 must not be rounded into something plausible.
  if (length > BigInt(MAX_HEADER_BYTES)) {
    refuse(`its header claims ${length.toString()} bytes, more than the ${MAX_HEADER_BYTES} allowed`);
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > source.size) {
    refuse(`its header claims ${length.toString()} bytes and the file ends after ${source.size - 8}`);
  }
  const header = parseSafetensorsHeader(
    source.name,
    await source.read(LENGTH_BYTES, Number(length)),
    source.size - dataStart,
  );
  return {
    ...header,
    name: source.name,
    read: (tensor, begin = 0, end) => {
      const entry = header.tensors.get(tensor);
      if (entry === undefined) return Promise.reject(new Error(`${source.name} has no tensor ${tensor}`));
      const size = entry.end - entry.begin;
      const stop = end ?? size;
      if (begin < 0 || begin > stop || stop > size) {
        return Promise.reject(new RangeError(`${tensor}: bytes ${begin} to ${stop} leave the tensor`));
      }
      return source.read(dataStart + entry.begin + begin, stop - begin);
    },
  };
}

/** A whole safetensors file in memory; see safetensorsChunks. */
export function writeSafetensors(
  tensors: readonly SafetensorsTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const chunks = safetensorsChunks(tensors, metadata);
  const file = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    file.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return file;
}

/**
 * The pieces of a safetensors file, to be written one after another, so that a big file is never copied.
 * Ordered as the reference writer does: by dtype from high to low, then by name; header padded with spaces
 * to a multiple of 8. `format: "pt"` is always in the metadata, because some loaders ask for it.
 */
export function safetensorsChunks(
  tensors: readonly SafetensorsTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer>[] {
  const rank = new Map(Object.keys(DTYPE_BITS).map((dtype, index) => [dtype, index]));
  const sorted = [...tensors].sort(
    (a, b) => (rank.get(b.dtype) ?? 0) - (rank.get(a.dtype) ?? 0) || compareText(a.name, b.name),
  );
  const entries = new Map<string, unknown>();
  const strings = Object.entries({ format: 'pt', ...metadata }).sort(([a], [b]) => compareText(a, b));
  entries.set('__metadata__', new Map(strings));
  let offset = 0;
  for (const { name, dtype, shape, bytes } of sorted) {
    if (name === '' || entries.has(name))
      throw new Error(`tensor name ${JSON.stringify(name)} cannot be used`);
    const bits = shape.reduce((product, dimension) => product * dimension, DTYPE_BITS[dtype]);
    if (bits !== bytes.byteLength * 8)
      throw new Error(`${name}: ${bytes.byteLength} bytes do not fit its shape`);
    const end = offset + bytes.byteLength;
    entries.set(name, { dtype, shape, data_offsets: [offset, end] });
    offset = end;
  }
  if ([...entries.keys(), ...strings.flat()].some(hasLoneSurrogate)) {
    throw new Error('a name or metadata text holds half a surrogate pair');
  }
  const header = new TextEncoder().encode(stringifyMap(entries));
  const padded = Math.ceil(header.byteLength / 8) * 8;
  const first = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(first.buffer).setBigUint64(0, BigInt(padded), true);
  first.set(header, LENGTH_BYTES);
  return [first, ...sorted.map(({ bytes }) => bytes)];
}

/** JSON of nested Maps, which keep their order whatever the keys look like (`JSON` moves numeric keys up). */
function stringifyMap(value: unknown): string {
  if (!(value instanceof Map)) return JSON.stringify(value);
  const fields = [...value].map(([key, item]) => `${JSON.stringify(key)}:${stringifyMap(item)}`);
  return `{${fields.join(',')}}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
