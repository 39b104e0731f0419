import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modulePath } from '../../src/config/modules';
import type { ExpertReport } from '../../src/engine/analysis/features/report';
import { assertClose } from '../reference/compare';
import { masaJson, temporaryFolder } from '../support/cli';
import { describeGpu } from '../support/dawn';
import { describePython, runPython } from '../support/python';
import { hasSharedData, sharedData } from '../support/sharedData';

/** What the product promises: both sides compute in float64 from the same f32 features. */
const PROMISED = { maxAbs: 1e-5 };

interface Theirs {
  readonly a_outputs: readonly number[];
  readonly increments: readonly number[];
  readonly single: readonly (readonly number[])[];
  readonly sum: readonly number[];
  readonly stack: readonly number[];
}

describePython('masa experts against numpy', () => {
  describeGpu('on the GPU', () => {
    const folder = temporaryFolder();

    test.skipIf(!hasSharedData)('the report is what numpy makes of the saved features', async () => {
      const data = join(folder, 'data.jsonl');
      const names = ['cats', 'dogs', 'birds', 'trees', 'stars'];
      const records = Array.from({ length: 40 }, (_, i) => ({
        prompt: `There were ${i} ${names[i % 5]!} and`,
        completion: ` they had ${(i * 7) % 10} toys near ${names[(i * 3) % 5]!}.`,
      }));
      writeFileSync(data, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      const model = ['--model', sharedData('checkpoints/story-llama-hf'), '--data', data];
      const run = join(folder, 'run');
      const settings = ['--method', 'masa', '--num_experts', '3', '--group_size', '2', '--r', '4'];
      const steps = [
        '--max_steps',
        '3',
        '--max_length',
        '32',
        '--learning_rate',
        '1e-2',
        '--warmup_steps',
        '0',
      ];
      await masaJson(['train', ...model, '--out', run, ...settings, ...steps, '--eval_steps', '0']);
      const saved = join(folder, 'saved');
      const look = ['--adapter', run, '--tokens', 'counted', '--rows', '60', '--save', saved];
      const report = (await masaJson(['experts', ...model, ...look])) as unknown as ExpertReport;
      for (const { module, a_outputs, increments } of report.similarity) {
        const args = [saved, modulePath(module), String(report.layers.length)];
        const theirs = JSON.parse(runPython('tests/python/expertFeatures.py', args)) as Theirs;
        const numbers = (values: readonly (number | null)[]) => values.map((value) => value ?? NaN);
        const spectra = report.modules.filter((place) => place.module === module).map((own) => own.spectra);
        assertClose(numbers(a_outputs.adjacent), theirs.a_outputs, PROMISED, `${module}, CKA of A x`);
        assertClose(numbers(increments.adjacent), theirs.increments, PROMISED, `${module}, CKA`);
        for (const kind of ['sum', 'stack'] as const) {
          const ours = spectra.map((own) => own[kind].effective_rank);
          assertClose(numbers(ours), theirs[kind], PROMISED, `${module}, effective rank of the ${kind}`);
        }
        const single = spectra.flatMap((own) => own.single.map(({ effective_rank }) => effective_rank));
        assertClose(numbers(single), theirs.single.flat(), PROMISED, `${module}, effective rank of one`);
      }
      expect(report.similarity).toHaveLength(7);
    });
  });
});
