import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { trainingRecords } from '../../src/scenarios/records';
import { findScenario } from '../../src/scenarios/table';
import { masaJson, refusal, temporaryFolder } from '../support/cli';
import { describeGpu } from '../support/dawn';

const MODEL = join(import.meta.dirname, '../../public/models/world-small');

describeGpu('--kernels', () => {
  const folder = temporaryFolder();
  const DATA = join(folder, 'clerk.jsonl');
  writeFileSync(DATA, trainingRecords(findScenario('clerk')!));
  const path = (name: string, file = '') => join(folder, name, file);
  const cache = path('cache', 'kernels.json');
  vi.stubEnv('MASA_CACHE', path('cache'));
  const call = (out: string, ...more: string[]) => [
    ...['train', '--model', MODEL, '--data', DATA, '--out', path(out)],
    ...['--max_length', '64', '--gradient_accumulation_steps', '1', '--max_steps', '4', '--val_size', '0.05'],
    ...more,
  ];
  const adapterOf = (run: string) => readFileSync(path(run, 'adapter_native.safetensors'));
  const recordOf = (run: string) =>
    JSON.parse(readFileSync(path(run, 'run.json'), 'utf8')) as { kernels: { gemm: object; usual: string } };
  const cached = () => JSON.parse(readFileSync(cache, 'utf8')) as Record<string, Record<string, string>>;

  test('measures when asked, keeps what it measured, and the run goes on to the bit without it', async () => {
    await masaJson(call('whole', '--kernels', 'measure'));
    const [measured] = Object.values(cached());
    expect(Object.keys(measured!).length).toBeGreaterThan(4);
    expect(recordOf('whole').kernels.gemm).toEqual(measured);

    // The run of two steps, then on, with the cache deleted and with one that says otherwise.
    await masaJson(call('deleted', '--max_steps', '2', '--lr_scheduler_type', 'constant'));
    await masaJson(call('changed', '--max_steps', '2', '--lr_scheduler_type', 'constant'));
    await masaJson(call('straight', '--lr_scheduler_type', 'constant'));
    expect(recordOf('straight').kernels.gemm).toEqual(measured); // known, so used without measuring
    const resume = (run: string) =>
      masaJson(['train', '--model', MODEL, '--data', DATA, '--resume', path(run), '--max_steps', '4']);
    rmSync(path('cache'), { recursive: true });
    await resume('deleted');
    expect(adapterOf('deleted').equals(adapterOf('straight'))).toBe(true);
    mkdirSync(path('cache'));
    const others = Object.fromEntries(Object.keys(measured!).map((name) => [name, 'tile 32x32']));
    writeFileSync(cache, JSON.stringify({ anything: others }));
    await resume('changed');
    expect(adapterOf('changed').equals(adapterOf('straight'))).toBe(true);
    expect(recordOf('changed').kernels.gemm).toEqual(measured);
  });

  test('takes those of another run, and any by name', async () => {
    await masaJson(call('pinned', '--kernels', 'tile 32x32', '--max_steps', '1'));
    expect(recordOf('pinned').kernels).toMatchObject({ usual: 'tile 32x32', gemm: {} });
    await masaJson(call('same', '--kernels', path('pinned', 'run.json'), '--max_steps', '1'));
    expect(recordOf('same').kernels).toEqual(recordOf('pinned').kernels);
    expect(adapterOf('same').equals(adapterOf('pinned'))).toBe(true);
  });

  test('refuses a file without kernels, and any wish for a run that goes on', async () => {
    const file = path('none.json');
    writeFileSync(file, '{}');
    expect(await refusal(call('refused', '--kernels', file))).toMatch(/none\.json: .* no kernels/);
    const resumed = [
      'train',
      '--model',
      MODEL,
      '--data',
      DATA,
      '--resume',
      path('whole'),
      '--kernels',
      'auto',
    ];
    expect(await refusal(resumed)).toMatch(/^--kernels: a run that goes on keeps/);
  });
});
