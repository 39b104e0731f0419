import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openPath } from '../../../src/cli/files';
import { UserError } from '../../../src/config/errors';
import { memorySource, type ByteSource } from '../../../src/engine/formats/byteSource';
import { openSafetensors, writeSafetensors } from '../../../src/engine/formats/safetensors';
import { hasSharedData, sharedData } from '../../support/sharedData';

/** A file with this header text (or these bytes) and so many bytes of data. */
function file(header: string | Uint8Array, data = 0, length?: bigint): ByteSource {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.byteLength + data);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.byteLength), true);
  bytes.set(text, 8);
  return memorySource('x.safetensors', bytes);
}

/** One tensor entry; every field can be replaced by raw JSON. */
function entry(dtype = '"F32"', shape = '[2,2]', offsets = '[0,16]'): string {
  return `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;
}

function header(...entries: string[]): string {
  return `{${entries.map((text, index) => `"t${index}":${text}`).join(',')}}`;
}

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** What must be refused, and a part of the sentence that says why. */
const REFUSED: Record<string, [ByteSource, string]> = {
  'a file of fewer than 8 bytes': [memorySource('x', new Uint8Array(7)), 'fewer than the 8'],
  'a header beyond the file': [file('{}', 0, 100n), 'the file ends after 2'],
  'a header length of 0xffffff000000003c': [file('{}', 0, 0xffffff000000003cn), 'more than the 25000000'],
  'a header above 25 MB': [file('{}', 0, 25_000_001n), 'more than the 25000000'],
  'an empty header': [file(''), 'header is empty'],
  'padding with NUL': [file('{}\0\0'), 'not valid JSON'],
  'padding with letters': [file('{}xx'), 'follows the end'],
  'garbage after the JSON': [file('{} {}'), 'follows the end'],
  'a byte order mark': [file('\ufeff{}'), 'not valid JSON'],
  'invalid UTF-8': [file(new Uint8Array([0x7b, 0xff, 0x7d])), 'not valid UTF-8'],
  'an overlong UTF-8 form': [file(new Uint8Array([0x22, 0xc0, 0xaf, 0x22])), 'not valid UTF-8'],
  'a header that is a list': [file('[]'), 'not a JSON object'],
  'a header that is a number': [file('7'), 'not a JSON object'],
  'a header that is null': [file('null'), 'not a JSON object'],
  'an unfinished header': [file('{'), 'not valid JSON'],
  'a trailing comma': [file('{"t":' + entry() + ',}', 16), 'not valid JSON'],
  'a raw line break in a string': [file('{"__metadata__":{"a":"\n"}}'), 'not valid JSON'],
  'an unknown escape': [file('{"__metadata__":{"a":"\\x41"}}'), 'unknown escape'],
  'metadata that is a list': [file('{"__metadata__":[]}'), '__metadata__'],
  'metadata that is a text': [file('{"__metadata__":"pt"}'), '__metadata__'],
  'metadata with a number': [file('{"__metadata__":{"format":1}}'), 'is not a string'],
  'metadata with null': [file('{"__metadata__":{"format":null}}'), 'is not a string'],
  'metadata twice': [file('{"__metadata__":{},"__metadata__":{}}'), 'stands twice'],
  'a metadata key twice': [file('{"__metadata__":{"a":"1","a":"2"}}'), 'stands twice'],
  'a tensor name twice': [file(`{"t":${entry()},"t":${entry()}}`, 16), 'stands twice'],
  'a tensor name twice, once escaped': [file(`{"t":${entry()},"\\u0074":${entry()}}`, 16), 'stands twice'],
  'a field twice': [
    file('{"t":{"dtype":"F32","dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}', 16),
    'stands twice',
  ],
  'no dtype': [file('{"t":{"shape":[2,2],"data_offsets":[0,16]}}', 16), 'has no dtype'],
  'no shape': [file('{"t":{"dtype":"F32","data_offsets":[0,16]}}', 16), 'the shape of tensor t'],
  'no offsets': [file('{"t":{"dtype":"F32","shape":[2,2]}}', 16), 'the data_offsets of tensor t'],
  'an unknown dtype': [file(header(entry('"C128"')), 16), 'unknown dtype'],
  'a dtype that objects inherit': [file(header(entry('"toString"')), 16), 'unknown dtype'],
  'a dtype in lower case': [file(header(entry('"f32"')), 16), 'unknown dtype'],
  'a dtype that is a number': [file(header(entry('32')), 16), 'has no dtype'],
  'a negative dimension': [file(header(entry('"F32"', '[-2,-2]')), 16), 'whole numbers'],
  'minus zero': [file(header(entry('"F32"', '[-0]', '[0,0]'))), 'whole numbers'],
  'a dimension in quotes': [file(header(entry('"F32"', '["2",2]')), 16), 'whole numbers'],
  'a dimension 2.0': [file(header(entry('"F32"', '[2.0,2]')), 16), 'whole numbers'],
  'a dimension 2e0': [file(header(entry('"F32"', '[2e0,2]')), 16), 'whole numbers'],
  'a dimension 02': [file(header(entry('"F32"', '[02,2]')), 16), 'not valid JSON'],
  'an offset 16.0': [file(header(entry('"F32"', '[2,2]', '[0,16.0]')), 16), 'whole numbers'],
  'a dimension that is null': [file(header(entry('"F32"', '[null]')), 16), 'whole numbers'],
  'a dimension above 2^64': [file(header(entry('"F32"', '[18446744073709551616,0]', '[0,0]'))), 'whole'],
  'a dimension above 2^53': [file(header(entry('"F32"', '[9007199254740993,0]', '[0,0]'))), 'whole'],
  'one offset': [file(header(entry('"F32"', '[2,2]', '[16]')), 16), 'not two numbers'],
  'three offsets': [file(header(entry('"F32"', '[2,2]', '[0,16,16]')), 16), 'not two numbers'],
  'an end before the begin': [file(header(entry('"F32"', '[2,2]', '[16,0]')), 16), 'ends before'],
  'a length that does not fit the shape': [file(header(entry('"F32"', '[2,3]')), 16), 'needs 24 bytes'],
  'sub-byte values that end inside a byte': [file(header(entry('"F4"', '[3]', '[0,2]')), 2), 'whole byte'],
  'a hole at the start': [file(header(entry('"F32"', '[2,2]', '[4,20]')), 20), 'belong to no tensor'],
  'a hole in the middle': [file(header(entry(), entry('"U8"', '[1]', '[17,18]')), 18), 'no tensor'],
  'an overlap': [file(header(entry(), entry('"F32"', '[2,2]', '[12,28]')), 28), 'overlaps'],
  'two names for one range': [file(header(entry(), entry()), 16), 'overlaps'],
  'ten names for one range': [file(header(...Array.from({ length: 10 }, () => entry())), 16), 'overlaps'],
  'two bytes removed': [file(header(entry()), 14), 'cut short'],
  'bogus data appended': [file(header(entry()), 16 + 15), 'belong to no tensor'],
  'an overflow of the shape': [file(header(entry('"F32"', '[94906267,94906267]', '[0,0]'))), 'overflows'],
  'an overflow hidden by a zero': [file(header(entry('"F32"', '[9007199254740991,4,0]', '[0,0]'))), 'overfl'],
  'nesting deeper than 128': [file(`{"t":${nested(140)}}`), 'nested deeper'],
  'a very deep nesting': [file(`{"t":${'['.repeat(1_000_000)}`), 'nested deeper'],
  'half a surrogate pair in a name': [file(`{"\\ud800":${entry()}}`, 16), 'surrogate'],
  'half a surrogate pair in metadata': [file('{"__metadata__":{"a":"\\udc00"}}'), 'surrogate'],
  'a positional entry': [file('{"t":["F32",[2,2],[0,16]]}', 16), 'not an object'],
  'an unknown field': [
    file('{"t":{"dtype":"U8","shape":[],"data_offsets":[0,1],"x":1}}', 1),
    'unknown field',
  ],
  'an empty name': [file(`{"":${entry()}}`, 16), 'empty name'],
  'nine dimensions': [file(header(entry('"F32"', '[2,2,1,1,1,1,1,1,1]')), 16), 'more than 8 dimensions'],
  'more than 100000 tensors': [
    file(header(...Array.from({ length: 100_001 }, () => entry('"U8"', '[0]', '[0,0]')))),
    'more than 100000',
  ],
  'a git-LFS pointer': [
    memorySource(
      'x',
      new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'),
    ),
    'git-LFS pointer',
  ],
};

const ACCEPTED: Record<string, ByteSource> = {
  'an empty object': file('{}'),
  'leading white space': file('\t\n {}'),
  'trailing white space': file('{} \r\n\t'),
  'a header length that is no multiple of 8': file(header(entry()) + ' ', 16),
  'entries in any order': file(header(entry('"U8"', '[1]', '[16,17]'), entry()), 17),
  'metadata that is null': file('{"__metadata__":null}'),
  'a scalar': file(header(entry('"F64"', '[]', '[0,8]')), 8),
  'a tensor without elements': file(header(entry('"F32"', '[2,0]', '[0,0]'), entry()), 16),
  'a zero before a huge dimension': file(header(entry('"F32"', '[0,9007199254740991,4]', '[0,0]'))),
  'misaligned data': file(header(entry('"U8"', '[1]', '[0,1]'), entry('"F32"', '[1]', '[1,5]')), 5),
  'sub-byte values that fill bytes': file(header(entry('"F6_E2M3"', '[4]', '[0,3]')), 3),
  '__proto__ as a name': file(`{"__proto__":${entry()}}`, 16),
  'an escaped surrogate pair': file(`{"\\ud83e\\udd99":${entry()}}`, 16),
};

describe('a safetensors file is refused with', () => {
  test.each(Object.entries(REFUSED))('%s', async (_, [source, reason]) => {
    const error: unknown = await openSafetensors(source).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(reason);
    expect((error as UserError).message.startsWith(`${source.name}: `)).toBe(true);
  });
});

describe('a safetensors file is accepted with', () => {
  test.each(Object.entries(ACCEPTED))('%s', async (_, source) => {
    await expect(openSafetensors(source)).resolves.toBeDefined();
  });
});

test('nothing beyond the header is read while a file is opened', async () => {
  const source = file(header(entry()), 16);
  let furthest = 0;
  await openSafetensors({
    ...source,
    read: (offset, length) => {
      furthest = Math.max(furthest, offset + length);
      return source.read(offset, length);
    },
  });
  expect(furthest).toBe(source.size - 16);
});

test('what is written is read back, from one end to any other', async () => {
  const bytes = Uint8Array.from({ length: 24 }, (_, i) => i);
  const written = writeSafetensors(
    [
      { name: 'b', dtype: 'F16', shape: [2], bytes: bytes.slice(0, 4) },
      { name: 'a', dtype: 'F16', shape: [], bytes: bytes.slice(4, 6) },
      { name: 'c', dtype: 'F32', shape: [2, 2], bytes: bytes.slice(8, 24) },
    ],
    { '10': 'numeric keys keep their place', note: 'ü "quoted"' },
  );
  const opened = await openSafetensors(memorySource('x', written));
  expect([...opened.tensors.keys()], 'by dtype from high to low, then by name').toEqual(['c', 'a', 'b']);
  expect(Object.fromEntries(opened.metadata)).toEqual({
    format: 'pt',
    '10': 'numeric keys keep their place',
    note: 'ü "quoted"',
  });
  expect(await opened.read('c')).toEqual(bytes.slice(8, 24));
  expect(await opened.read('c', 4, 6)).toEqual(bytes.slice(12, 14));
  expect(await opened.read('a')).toEqual(bytes.slice(4, 6));
  await expect(opened.read('a', 0, 3)).rejects.toThrow(RangeError);
  await expect(opened.read('d')).rejects.toThrow('no tensor d');
  const start = Number(new DataView(written.buffer).getBigUint64(0, true)) + 8;
  expect(start % 8).toBe(0);
  expect(new TextDecoder().decode(written.subarray(8, 26))).toBe('{"__metadata__":{"');
});

test('the writer refuses what no reader would take', () => {
  const tensor = { name: 'a', dtype: 'F32', shape: [2], bytes: new Uint8Array(8) } as const;
  expect(() => writeSafetensors([tensor, tensor])).toThrow('"a" cannot be used');
  expect(() => writeSafetensors([{ ...tensor, name: '' }])).toThrow('cannot be used');
  expect(() => writeSafetensors([{ ...tensor, name: '__metadata__' }])).toThrow('cannot be used');
  expect(() => writeSafetensors([{ ...tensor, shape: [3] }])).toThrow('8 bytes do not fit');
  expect(() => writeSafetensors([tensor], { note: '\ud800' })).toThrow('surrogate');
});

describe.skipIf(!hasSharedData)("the reference implementation's own test files", () => {
  const folder = sharedData('malformed/safetensors');
  const expected = hasSharedData
    ? (JSON.parse(readFileSync(`${folder}/EXPECTED.json`, 'utf8')) as Record<string, { expect: string }>)
    : {};
  test.each(Object.entries(expected))('%s is treated as expected', async (name, { expect: verdict }) => {
    const source = (await openPath(`${folder}/${name}`)) as ByteSource;
    const outcome = await openSafetensors(source).then(
      () => 'accept',
      (error: unknown) => (error instanceof UserError ? 'reject' : error),
    );
    expect(outcome).toBe(verdict);
  });
});
