import { expect, test } from 'vitest';
import { fromFloat32, toFloat32 } from '../../../src/engine/formats/dtypes';

const bytesOf = (...halves: number[]) => new Uint8Array(Uint16Array.from(halves).buffer);
const halvesOf = (bytes: Uint8Array<ArrayBuffer>) => [...new Uint16Array(bytes.buffer)];

test('binary16 is read exactly, subnormals, signed zero and infinities included', () => {
  const values = toFloat32(
    bytesOf(0x3c00, 0xc000, 0x0001, 0x83ff, 0x0400, 0x7bff, 0x8000, 0x7c00, 0xfc00),
    'F16',
  );
  expect([...values]).toEqual([1, -2, 2 ** -24, -1023 * 2 ** -24, 2 ** -14, 65504, -0, Infinity, -Infinity]);
  expect(toFloat32(bytesOf(0x7e00), 'F16')[0]).toBeNaN();
});

test('every binary16 and bfloat16 value survives the way to float32 and back', () => {
  const all = Array.from({ length: 0x10000 }, (_, i) => i);
  const isNan = (bits: number, infinity: number) => (bits & 0x7fff) > infinity;
  for (const [dtype, infinity] of [
    ['F16', 0x7c00],
    ['BF16', 0x7f80],
  ] as const) {
    const numbers = all.filter((bits) => !isNan(bits, infinity));
    expect(halvesOf(fromFloat32(toFloat32(bytesOf(...numbers), dtype), dtype))).toEqual(numbers);
    const nans = fromFloat32(Float32Array.of(NaN), dtype);
    expect(isNan(halvesOf(nans)[0] ?? 0, infinity)).toBe(true);
  }
});

test('rounding goes to the nearest value, ties to even', () => {
  const half = (value: number) => halvesOf(fromFloat32(Float32Array.of(value), 'F16'))[0];
  expect(half(1 + 2 ** -11)).toBe(0x3c00); // a tie, down to even
  expect(half(1 + 3 * 2 ** -11)).toBe(0x3c02); // a tie, up to even
  expect(half(1 + 2 ** -11 + 2 ** -20)).toBe(0x3c01);
  expect(half(65519)).toBe(0x7bff);
  expect(half(65520)).toBe(0x7c00);
  expect(half(2 ** -25)).toBe(0); // a tie between 0 and the smallest subnormal
  expect(half(1.5 * 2 ** -25)).toBe(1);
  expect(half(-(2 ** -26))).toBe(0x8000);
  expect(half(2 ** -14 - 2 ** -26)).toBe(0x0400); // rounds up into the normals
  const brain = (value: number) => halvesOf(fromFloat32(Float32Array.of(value), 'BF16'))[0];
  expect(brain(1 + 2 ** -8)).toBe(0x3f80);
  expect(brain(1 + 3 * 2 ** -8)).toBe(0x3f82);
  expect(brain(3.4e38)).toBe(0x7f80); // above the largest bfloat16 by more than half a step
});

test('values are read from any byte offset and never alias the file', () => {
  const file = new Uint8Array(13);
  new DataView(file.buffer).setFloat64(1, 0.1, true);
  new DataView(file.buffer).setFloat32(9, -3.5, true);
  expect(toFloat32(file.subarray(1, 9), 'F64')[0]).toBe(Math.fround(0.1));
  const values = toFloat32(file.subarray(9, 13), 'F32');
  values[0] = 7;
  expect(new DataView(file.buffer).getFloat32(9, true)).toBe(-3.5);
});
