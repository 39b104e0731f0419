import { afterAll, beforeAll, expect, it } from 'vitest';
import { attachAdapter, loadBaseModel, openDevice, type BaseModel } from '../../../src/engine';
import type { AttachedAdapter } from '../../../src/engine/adapters/attach';
import { openDecoder, type DecoderRow, type DecoderShape } from '../../../src/engine/model/decoder';
import { assertClose } from '../../reference/compare';
import { llamaLogits, type ReferenceModel } from '../../reference/llama';
import { describeGpu, testGpu } from '../../support/dawn';
import { gradientFixture, referenceWeights } from '../../support/fixture';
import { packedRows } from '../../support/packing';
import { randomIntegers } from '../../support/random';

/** f32 against float64, as in train/parity.gpu.test.ts; a key too many or too few shows as 1e-1. */
const TOLERANCE = { maxRel: 1e-5 };

describeGpu('tokens of several sequences in one pass, with an adapter', () => {
  let base: BaseModel;
  let adapter: AttachedAdapter;
  let reference: ReferenceModel;

  beforeAll(async () => {
    const fixture = await gradientFixture('masa');
    const { checkpoint, values, adapter: shape } = fixture;
    base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
    adapter = await attachAdapter(base.gpu, base.config, shape, values);
    reference = {
      config: checkpoint.config,
      weights: await referenceWeights(checkpoint),
      adapter: { shape, loraAlpha: shape.lora_alpha, values: Float64Array.from(values) },
    };
  });

  afterAll(() => {
    adapter.destroy();
    base.destroy();
  });

  const sequence = (length: number, seed: number) =>
    Array.from(randomIntegers(length, base.config.vocabSize, seed));
  const rowsOf = (tokens: readonly number[], slot: number, from = 0, to = tokens.length): DecoderRow[] =>
    tokens.slice(from, to).map((token, n) => ({ slot, position: from + n, token }));

  /** The logits behind a sequence that goes through the model alone, some tokens at a time. */
  async function alone(tokens: readonly number[], shape: DecoderShape, portion: number) {
    const decoder = await openDecoder(base, shape, adapter);
    let found = new Float32Array();
    for (let from = 0; from < tokens.length; from += portion) {
      found = await decoder.run(rowsOf(tokens, 0, from, from + portion).reverse(), 1);
    }
    decoder.destroy();
    return found;
  }

  it('gives each the logits of the float64 reference', async () => {
    const tokens = sequence(21, 1);
    const found = await alone(tokens, { slots: 1, capacity: 30, passes: [8] }, 8);
    const logits = llamaLogits(reference, { tokens, targets: tokens, ...packedRows([tokens.length]) });
    assertClose(found, logits.subarray(-base.config.vocabSize), TOLERANCE, 'logits');
  });

  it('changes no bit of one by where it lies, what is beside it, and in how many passes it comes', async () => {
    const V = base.config.vocabSize;
    const [one, two, three] = [sequence(11, 2), sequence(3, 3), sequence(17, 4)];
    const wanted = await alone(one, { slots: 1, capacity: 11, passes: [4] }, 3);
    expect(await alone(one, { slots: 2, capacity: 40, passes: [2, 16] }, 11)).toEqual(wanted);

    const decoder = await openDecoder(base, { slots: 3, capacity: 20, passes: [4, 32] }, adapter);
    // Slot 2 holds another sequence first, a longer one, which leaves its keys behind.
    await decoder.run(rowsOf(three, 2), 0);
    await decoder.run([...rowsOf(one, 2, 0, 5), ...rowsOf(two, 0)].reverse(), 1);
    const [last, ...before] = rowsOf(one, 2, 5).reverse();
    const [end, ...others] = rowsOf(three, 1).reverse();
    const found = await decoder.run([end!, last!, ...others, ...before], 2);
    expect(found.subarray(V)).toEqual(wanted);
    expect(found.subarray(0, V)).toEqual(await alone(three, { slots: 1, capacity: 17, passes: [32] }, 17));
    decoder.destroy();
  });

  it('refuses more rows than its largest pass has', async () => {
    const decoder = await openDecoder(base, { slots: 1, capacity: 9, passes: [2, 4] }, adapter);
    await expect(decoder.run(rowsOf(sequence(5, 5), 0), 0)).rejects.toThrow(
      '5 rows are more than a pass has',
    );
    decoder.destroy();
  });
});
