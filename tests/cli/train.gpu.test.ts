import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { defaultRunConfig } from '../../src/config/defaults';
import { masa, masaJson, refusal, temporaryFolder } from '../support/cli';
import { describeGpu } from '../support/dawn';
import { hasSharedData, sharedData } from '../support/sharedData';

const model = sharedData('checkpoints/story-llama-hf');
const data = sharedData('datasets/tinystories/tinystories_sample.txt');

/** Small enough for a processor, with everything on that a resumed run could get wrong. */
const SETTINGS = [
  ...['--num_experts', '3', '--group_size', '2', '--r', '4', '--lora_dropout', '0.1'],
  ...['--max_length', '32', '--gradient_accumulation_steps', '2', '--val_size', '0.2', '--warmup_steps', '1'],
  ...['--learning_rate', '1e-3', '--weight_decay', '0.01', '--max_steps', '4', '--eval_steps', '2'],
];

describeGpu('train', () => {
  const folder = temporaryFolder();
  const path = (name: string, file = '') => join(folder, name, file);
  const call = (out: string, ...more: string[]) => [
    ...['train', '--model', model, '--data', data, '--out', path(out)],
    ...SETTINGS,
    ...more,
  ];
  const adapterOf = (run: string) => readFileSync(path(run, 'adapter_native.safetensors'));
  const pointsOf = (run: string) =>
    readFileSync(path(run, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>);
  /** What has to be equal in two runs: all but the clock. */
  const numbersOf = (run: string) => pointsOf(run).map((point) => without(point, 'seconds'));

  let results: Record<string, unknown>;

  beforeAll(async () => {
    if (hasSharedData) results = await masaJson(call('whole'));
  });

  test.skipIf(!hasSharedData)('writes a line a step, the snapshot, the adapter and run.json', () => {
    const points = pointsOf('whole');
    const [first, ...steps] = points;
    expect(first).toEqual({ step: 0, val_loss: results['first_val_loss'] });
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(steps.map((point) => 'val_loss' in point)).toEqual([false, true, false, true]);
    const total = (key: string) => steps.reduce((sum, point) => sum + (point[key] ?? NaN), 0);
    const speed = total('tokens') / total('seconds');
    expect(results).toEqual({
      steps: 4,
      first_loss: steps[0]?.['loss'],
      last_loss: steps[3]?.['loss'],
      first_val_loss: first?.['val_loss'],
      last_val_loss: steps[3]?.['val_loss'],
      first_acc: null,
      last_acc: null,
      // Σ over the modules of ceil(2/2)·3·4·in + 2·4·out, by hand from the widths 128, 64 and 384.
      trainable_parameters: 3 * 4 * (6 * 128 + 384) + 2 * 4 * (3 * 128 + 2 * 64 + 2 * 384),
      tokens_per_second: expect.closeTo(speed, 6) as number,
      out: path('whole'),
    });
    expect(results['last_val_loss']).toBeLessThan(results['first_val_loss'] as number);

    expect(readdirSync(path('whole')).sort()).toEqual([
      'adapter_native.safetensors',
      'metrics.jsonl',
      'run.json',
      'snapshot.safetensors',
    ]);
    const record = JSON.parse(readFileSync(path('whole', 'run.json'), 'utf8')) as Record<string, unknown>;
    expect(record).toMatchObject({
      config: {
        ...{ ...defaultRunConfig(2), num_experts: 3, r: 4, lora_dropout: 0.1, weight_decay: 0.01 },
        ...{ max_length: 32, gradient_accumulation_steps: 2, val_size: 0.2, eval_steps: 2 },
        ...{ max_steps: 4, learning_rate: 1e-3, warmup_steps: 1 },
      },
      base: { name: 'story-llama-hf', fingerprint: expect.stringMatching(/^[0-9a-f]+$/) as string },
      data: { name: 'tinystories_sample.txt', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      versions: { node: process.versions.node },
      results,
    });
  });

  test.skipIf(!hasSharedData)(
    'gives the same adapter for the same seed, and another for another',
    async () => {
      await masaJson(call('again'));
      expect(numbersOf('again')).toEqual(numbersOf('whole'));
      expect(adapterOf('again').equals(adapterOf('whole'))).toBe(true);
      await masaJson(call('other', '--seed', '43'));
      expect(adapterOf('other').equals(adapterOf('whole'))).toBe(false);
    },
  );

  test.skipIf(!hasSharedData)(
    'stopped by Ctrl-C and resumed equals an uninterrupted run to the bit',
    async () => {
      const stopped = await masa([...call('halves'), '--json'], { interruptAt: 'step 2/4' });
      expect(stopped.code).toBe(130);
      expect(stopped.err).toMatch(/Stopped after step 2; the state is saved in .*halves.*\n$/);
      expect(JSON.parse(stopped.out)).toMatchObject({ steps: 2, out: path('halves') });
      expect(adapterOf('halves').equals(adapterOf('whole'))).toBe(false);

      const resumed = ['train', '--model', model, '--data', data, '--resume', path('halves')];
      expect(await masaJson(resumed)).toMatchObject({ steps: 4 });
      expect(numbersOf('halves')).toEqual(numbersOf('whole'));
      expect(adapterOf('halves').equals(adapterOf('whole'))).toBe(true);
      expect(readFileSync(path('halves', 'snapshot.safetensors'))).toEqual(
        readFileSync(path('whole', 'snapshot.safetensors')),
      );
    },
  );

  test.skipIf(!hasSharedData)('can be resumed into another folder and for more steps', async () => {
    const constant = ['--lr_scheduler_type', 'constant'];
    await masaJson(call('straight', ...constant));
    await masaJson(call('two', ...constant, '--max_steps', '2'));
    const more = ['--resume', path('two'), '--max_steps', '4', '--out', path('four')];
    await masaJson(['train', '--model', model, '--data', data, ...more]);
    expect(adapterOf('four').equals(adapterOf('straight'))).toBe(true);
    expect(numbersOf('four')).toEqual(numbersOf('straight'));
    expect(pointsOf('two')).toHaveLength(3);
  });

  test.skipIf(!hasSharedData)('is not resumed with other data, another base or other settings', async () => {
    const resume = (...flags: string[]) => refusal(['train', '--resume', path('whole'), ...flags]);
    const other = sharedData('datasets/bbh/navigate.json');
    const more = ['--max_steps', '5'];
    expect(await resume('--model', model, '--data', other, ...more)).toMatch(
      /^navigate\.json: the run in .*whole learns from other data \(tinystories_sample\.txt\); give/,
    );
    const stories = sharedData('checkpoints/stories260K/stories260K.bin');
    expect(await resume('--model', stories, '--data', data, ...more)).toMatch(
      /whole: this adapter was trained on another base model, story-llama-hf/,
    );
    expect(await resume('--model', model, '--data', data, '--r', '8', ...more)).toMatch(
      /^r: the run in .*whole was started with 4, not 8; leave the flag out/,
    );
    expect(await resume('--model', model, '--data', data)).toMatch(/^max_steps: .* has done 4 steps already/);
  });

  test.skipIf(!hasSharedData)('never overwrites another run', async () => {
    const before = adapterOf('whole');
    expect(await refusal(call('whole'))).toMatch(/whole: it holds another run already; .*--resume/);
    expect(adapterOf('whole').equals(before)).toBe(true);
  });

  test.skipIf(!hasSharedData)('takes its settings from the run.json of another run', async () => {
    const config = ['--config', path('whole', 'run.json')];
    const out = ['--out', path('copy')];
    await masaJson(['train', '--model', model, '--data', data, ...config, ...out]);
    expect(adapterOf('copy').equals(adapterOf('whole'))).toBe(true);
  });

  test.skipIf(!hasSharedData)(
    'gives an adapter that eval reads natively and as PEFT, with the same loss',
    async () => {
      const peft = path('peft');
      const { files } = await masaJson([
        'export',
        '--adapter',
        path('whole'),
        '--format',
        'peft',
        '--out',
        peft,
      ]);
      expect(files).toEqual(['adapter_config.json', 'adapter_model.safetensors', 'README.md']);
      const argv = ['eval', '--model', model, '--data', data, '--max_length', '64'];
      const base = await masaJson(argv);
      const native = await masaJson([...argv, '--adapter', path('whole')]);
      const file = await masaJson([...argv, '--adapter', path('whole', 'adapter_native.safetensors')]);
      const loaded = await masaJson([...argv, '--adapter', peft]);
      expect(native['loss']).toBeLessThan(base['loss'] as number);
      expect(file).toEqual(native);
      expect(loaded['tokens']).toBe(native['tokens']);
      // The export sums the experts in f64 and rounds once, the GPU sums them in f32: an ulp of A apart.
      expect(loaded['loss']).toBeCloseTo(native['loss'] as number, 5);
      writeFileSync(path('peft', 'adapter_model.safetensors'), 'broken');
      expect(await refusal([...argv, '--adapter', peft])).toMatch(/^adapter_model\.safetensors: .*; \S/);
    },
  );

  test.skipIf(!hasSharedData)('learns from the answers of an instruction data set', async () => {
    const chat = sharedData('datasets/bbh/navigate.json');
    const small = ['--max_steps', '1', '--max_length', '64', '--gradient_accumulation_steps', '1'];
    const argv = ['train', '--model', model, '--data', chat, '--out', path('chat'), '--val_size', '0'];
    const { first_val_loss, last_val_loss, steps } = await masaJson([...argv, ...small, '--method', 'lora']);
    expect({ first_val_loss, last_val_loss, steps }).toEqual({
      first_val_loss: null,
      last_val_loss: null,
      steps: 1,
    });
    // Each answer is one word: far fewer tokens count than the 64 rows of the line hold.
    expect(pointsOf('chat')[0]?.['tokens']).toBeLessThan(32);
  });
});

function without(point: Readonly<Record<string, number>>, key: string): Record<string, number> {
  return Object.fromEntries(Object.entries(point).filter(([name]) => name !== key));
}
