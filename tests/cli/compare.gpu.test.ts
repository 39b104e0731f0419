import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ensureCommand } from '../../src/setup/build.mjs';
import { masa, masaJson, refusal, temporaryFolder } from '../support/cli';
import { describeGpu } from '../support/dawn';

/** Two configurations × two seeds, so small that each takes a second or two. */
const SWEEP = {
  scenario: 'clerk',
  model: 'world-small',
  settings: { max_steps: 3, eval_steps: 2, save_steps: 1, max_length: 64, val_size: 0.01 },
  configurations: [
    { name: 'LoRA', method: 'lora', r: 2 },
    { name: 'MASA', method: 'masa', num_experts: 2, group_size: 2 },
  ],
  seeds: [1, 2],
  match_budget: true,
  evaluation: { limit: 4 },
};

describeGpu('a sweep', () => {
  const folder = temporaryFolder();
  const config = join(folder, 'sweep.json');
  const path = (out: string, ...parts: string[]) => join(folder, out, ...parts);
  const call = (out: string) => ['compare', '--config', config, '--out', path(out)];
  /** Without times, which differ, and without the folder. */
  const resultsOf = (out: string) =>
    JSON.parse(readFileSync(path(out, 'results.json'), 'utf8'), (key, value: unknown) =>
      ['seconds_per_step', 'relative_step_time', 'command'].includes(key) ? undefined : value,
    ) as { runs: { id: string }[] };
  const tableOf = (out: string) =>
    readFileSync(path(out, 'table.md'), 'utf8')
      .replace(/[\d.]+ ×/g, 'time')
      .replaceAll(path(out), 'out')
      .replace(/ +/g, ' ');

  beforeAll(async () => {
    writeFileSync(config, JSON.stringify(SWEEP));
    await masaJson(call('whole'));
  });

  test('trains every run and writes results, tables and curves', () => {
    const { runs } = resultsOf('whole');
    expect(runs).toHaveLength(4);
    for (const { id } of runs) expect(existsSync(path('whole', 'runs', id, 'result.json'))).toBe(true);
    expect(readFileSync(path('whole', 'results.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(5);
    expect(readFileSync(path('whole', 'curves.csv'), 'utf8')).toContain('\nMASA,val_loss,3,2,');
    expect(tableOf('whole')).toContain('| base model |');
  });

  test('lists its runs without a GPU', async () => {
    const { runs } = await masaJson([...call('never'), '--dry-run']);
    expect((runs as { id: string }[]).map(({ id }) => id)).toEqual(
      resultsOf('whole').runs.map(({ id }) => id),
    );
    expect(existsSync(path('never'))).toBe(false);
  });

  test('does nothing again that is done', async () => {
    const before = resultsOf('whole');
    const { err } = await masa(call('whole'));
    expect(err.match(/: done before\.$/gm)).toHaveLength(5);
    expect(err).not.toContain('begins');
    expect(resultsOf('whole')).toEqual(before);
  });

  test('stopped by Ctrl-C during a run and started again, ends with the same figures', async () => {
    const stopped = await masa(call('stopped'), { interruptAt: 'step 2/3' });
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(/Stopped with 0 of 4 runs done; the same command goes on from there\.\n$/);
    await masaJson(call('stopped'));
    expect(resultsOf('stopped')).toEqual(resultsOf('whole'));
    expect(tableOf('stopped')).toBe(tableOf('whole'));
  });

  // Windows has no signals.
  test.skipIf(process.platform === 'win32')('killed in a run and started again, likewise', async () => {
    const main = await ensureCommand();
    const killed = await new Promise<NodeJS.Signals | null>((done, reject) => {
      const child = spawn(process.execPath, [main, ...call('killed')], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let err = '';
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk.toString();
        // In the second run, after its first step: one run is done, one is half done, two have not begun.
        if (/2 of 4, [^]*step 1\/3/.test(err)) child.kill('SIGKILL');
      });
      child.on('error', reject);
      child.on('close', (_, signal) => {
        done(signal);
      });
    });
    expect(killed).toBe('SIGKILL');
    const [first, second, ...others] = resultsOf('whole').runs;
    const finished = (id = '') => existsSync(path('killed', 'runs', id, 'result.json'));
    expect([finished(first?.id), finished(second?.id)]).toEqual([true, false]);
    expect(readdirSync(path('killed', 'runs'))).not.toContain(others[0]?.id);
    const { err } = await masa(call('killed'));
    expect(err).toContain(`1 of 4, ${first?.id}: done before.`);
    expect(resultsOf('killed')).toEqual(resultsOf('whole'));
    expect(tableOf('killed')).toBe(tableOf('whole'));
  });

  test('is refused with one sentence where the file is wrong', async () => {
    const wrong = path('.', 'wrong.json');
    writeFileSync(wrong, JSON.stringify({ ...SWEEP, seeds: [] }));
    expect(await refusal(['compare', '--config', wrong])).toMatch(
      /wrong\.json, seeds: this is not a list; give/,
    );
    expect(await refusal(['compare', '--config', path('.', 'no.json')])).toMatch(/no such file or folder/);
  });
});
