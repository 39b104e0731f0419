import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBeside } from '../../src/cli/files';
import { openLlama2c } from '../../src/engine/formats/llama2c';
import { referenceWeights } from '../support/fixture';
import { packedRows } from '../support/packing';
import { hasSharedData, sharedData } from '../support/sharedData';
import { llamaLogits } from './llama';

describe.skipIf(!hasSharedData)('float64 reference on a llama2.c checkpoint', () => {
  it('continues the empty prompt greedily as llama2.c does', async () => {
    const path = sharedData('checkpoints/stories260K/stories260K.bin');
    const beside = await openBeside(path);
    const checkpoint = await openLlama2c(beside.files.get(basename(path))!, beside);
    const { config, tokenizer } = checkpoint;
    const model = { config, weights: await referenceWeights(checkpoint) };
    const tokens = [tokenizer!.bosId!];
    for (let i = 0; i < 12; i++) {
      const batch = { tokens, targets: tokens, ...packedRows([tokens.length]) };
      const last = llamaLogits(model, batch).subarray(-config.vocabSize);
      tokens.push(last.indexOf(Math.max(...last)));
    }
    // Recorded from llama2.c's own run at temperature 0.
    expect(tokens.slice(1)).toEqual([403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421]);
  });
});
