import type { ByteSource } from './byteSource';

/** What the start of a GGUF file says about it. */
export interface GgufSummary {
  readonly version: number;
  readonly tensorCount: number;
  /** `general.architecture`, `general.name`, …: the text values before the first list. */
  readonly texts: ReadonlyMap<string, string>;
}

const HEADER_BYTES = 24;
/** The keys that tell what a model is come first; the lists of tokens after them may take megabytes. */
const HEAD_BYTES = 64 * 1024;
const STRING = 8;
/** Bytes of each value type with a fixed size (u8 i8 u16 i16 u32 i32 f32 bool … u64 i64 f64). */
const FIXED_BYTES = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);

export async function isGguf(source: ByteSource): Promise<boolean> {
  if (source.size < HEADER_BYTES) return false;
  return new TextDecoder().decode(await source.read(0, 4)) === 'GGUF';
}

/**
 * Reads who a GGUF file is from its first 64 KiB. Layout: "GGUF", u32 version, u64 tensors, u64 keys, then
 * key (u64 length, UTF-8), u32 type, value. https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function readGgufSummary(source: ByteSource): Promise<GgufSummary> {
  const bytes = await source.read(0, Math.min(source.size, HEAD_BYTES));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts = new Map<string, string>();
  let at = HEADER_BYTES;
  const text = (): string => {
    const length = Number(view.getBigUint64(at, true));
    at += 8;
    if (at + length > bytes.byteLength) throw new RangeError('a text reaches past the part that was read');
    at += length;
    return new TextDecoder().decode(bytes.subarray(at - length, at));
  };
  try {
    for (let left = view.getBigUint64(16, true); left > 0n; left--) {
      const key = text();
      const type = view.getUint32(at, true);
      at += 4;
      const size = FIXED_BYTES.get(type);
      if (type === STRING) texts.set(key, text());
      else if (size === undefined) break;
      else at += size;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the end of what was read: enough is known by then
  }
  return {
    version: view.getUint32(4, true),
    tensorCount: Number(view.getBigUint64(8, true)),
    texts,
  };
}
