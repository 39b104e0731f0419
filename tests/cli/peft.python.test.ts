import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPath } from '../../src/cli/files';
import { openCheckpoint } from '../../src/engine/formats/openCheckpoint';
import { readText } from '../../src/engine/formats/jsonFile';
import { isFileSet } from '../../src/engine/formats/recognise';
import { assertClose } from '../reference/compare';
import { masaJson, temporaryFolder } from '../support/cli';
import { describeGpu } from '../support/dawn';
import { describePython } from '../support/python';
import { pythonLogits, readLogits } from '../support/pythonLogits';
import { hasSharedData, sharedData } from '../support/sharedData';

/** What the product promises; both sides compute in f32. */
const PROMISED = { maxAbs: 1e-4 };

describePython('the command against transformers and peft', () => {
  describeGpu('on the GPU', () => {
    const folder = temporaryFolder();
    const model = sharedData('checkpoints/story-llama-hf');
    const data = sharedData('datasets/tinystories/tinystories_sample.txt');

    test.skipIf(!hasSharedData)(
      'an adapter trained on real text and exported gives the same logits and loss in peft',
      async () => {
        const run = join(folder, 'run');
        const peft = join(folder, 'peft');
        // Large steps, so that the adapter matters: ten of the default size would hide a wrong scale.
        const settings = [
          ...['--method', 'masa', '--num_experts', '3', '--group_size', '2', '--learning_rate', '5e-3'],
          ...['--warmup_steps', '0', '--max_steps', '10', '--max_length', '64', '--val_size', '0.1'],
          ...['--gradient_accumulation_steps', '2', '--eval_steps', '0'],
        ];
        const trained = await masaJson([
          'train',
          '--model',
          model,
          '--data',
          data,
          '--out',
          run,
          ...settings,
        ]);
        expect(trained['last_val_loss']).toBeLessThan((trained['first_val_loss'] as number) - 0.05);
        await masaJson(['export', '--adapter', run, '--format', 'peft', '--out', peft]);

        const ids = await textIds(model, data);
        const short = ids.slice(0, 200);
        const ours = join(folder, 'ours.safetensors');
        const argv = ['--model', model, '--adapter', run];
        await masaJson(['logits', ...argv, '--tokens', short.join(), '--out', ours]);
        const { loss, tokens } = await masaJson(['eval', ...argv, '--data', data]);
        const results = await pythonLogits([
          { model, peft, ids: short, out: join(folder, 'theirs.safetensors') },
          { model, peft, ids, out: join(folder, 'whole.safetensors') },
          { model, ids, out: join(folder, 'base.safetensors') },
        ]);
        const logits = await readLogits(ours);
        keepingFiles(folder, () => {
          assertClose(logits, results[0]!.logits, PROMISED, 'logits');
        });
        expect(tokens).toBe(ids.length - 1);
        expect(Math.abs((loss as number) - results[1]!.loss)).toBeLessThan(PROMISED.maxAbs);

        const base = await masaJson(['eval', '--model', model, '--data', data]);
        expect(Math.abs((base['loss'] as number) - results[2]!.loss)).toBeLessThan(PROMISED.maxAbs);
      },
    );
  });
});

/** Keeps a copy of the folder, with adapter and both logits in it, where the assertion fails, and says where. */
function keepingFiles(folder: string, assertion: () => void): void {
  try {
    assertion();
  } catch (error) {
    const kept = mkdtempSync(join(tmpdir(), 'masa-kept-'));
    cpSync(folder, kept, { recursive: true });
    throw new Error(`${error instanceof Error ? error.message : String(error)}; files in ${kept}`, {
      cause: error,
    });
  }
}

/** Ids of a whole file with BOS in front, as `eval` scores it. */
async function textIds(model: string, path: string): Promise<number[]> {
  const { tokenizer } = await openCheckpoint(await openPath(model));
  const file = await openPath(path);
  if (tokenizer === undefined || isFileSet(file)) throw new Error('a tokenizer and a file are needed');
  return [tokenizer.bosId!, ...tokenizer.encode(await readText(file))];
}
