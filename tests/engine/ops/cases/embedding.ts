import { embedding } from '../../../../src/engine/ops/embedding';
import type { WeightDtype } from '../../../../src/engine/ops/weight';
import { embedding as reference } from '../../../reference/embedding';
import { randomIntegers } from '../../../support/random';
import { unset, type OpCase } from '../../../support/runOps';
import { packBits, randomWeight, type PackedWeight } from '../../../support/weights';

const UNSLICED = 2 ** 27;

export const cases: OpCase[] = [
  row('one token, one column', [1, 1, 1], 'F32'),
  row('f32 table', [70, 33, 12], 'F32'),
  row('f16 table with odd rows', [65, 9, 7], 'F16'),
  row('bf16 table with odd rows', [129, 31, 5], 'BF16'),
  row('f16 table in three slices, the last one shorter', [200, 300, 5], 'F16', 1500),
  row('f32 table in slices of one row', [20, 4, 64], 'F32', 256),
  exact('every finite bf16', 'BF16', 0x7f80),
  exact('every finite f16', 'F16', 0x7c00),
];

function row(
  name: string,
  [rows, vocab, width]: readonly [number, number, number],
  dtype: WeightDtype,
  maxBinding = UNSLICED,
): OpCase {
  return lookUp(name, rows, [vocab, width], dtype, maxBinding, () => randomWeight(vocab * width, dtype, 1));
}

/** A table of all positive and negative bit patterns below `infinity`, looked up in order. */
function exact(name: string, dtype: 'F16' | 'BF16', infinity: number): OpCase {
  const width = 256;
  const vocab = (2 * infinity) / width;
  const bits = Uint16Array.from({ length: 2 * infinity }, (_, i) =>
    i < infinity ? i : 0x8000 + i - infinity,
  );
  return lookUp(name, vocab, [vocab, width], dtype, UNSLICED, () => packBits(bits, dtype), true);
}

function lookUp(
  name: string,
  rows: number,
  shape: readonly [number, number],
  dtype: WeightDtype,
  maxBinding: number,
  makeTable: () => PackedWeight,
  inOrder = false,
): OpCase {
  return {
    name,
    tolerance: { maxAbs: 0 },
    reason: 'f16 and bf16 are unpacked to f32 without loss and copied',
    make: () => {
      const [vocab, width] = shape;
      const table = makeTable();
      const tokens = inOrder
        ? Uint32Array.from({ length: rows }, (_, n) => n)
        : Uint32Array.from(randomIntegers(rows, vocab, 2));
      return {
        buffers: { tokens, table: table.bytes, x: unset(rows * width) },
        dispatches: embedding({
          label: 'embedding',
          tokens: { buffer: 'tokens' },
          table: { buffer: 'table', dtype, shape },
          x: { buffer: 'x' },
          rows,
          maxBinding,
        }),
        expected: { x: reference(table.values, tokens, width) },
      };
    },
  };
}
