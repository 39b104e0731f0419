import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ensureCommand } from '../../src/setup/build.mjs';
import { temporaryFolder } from '../support/cli';
import { describeGpu } from '../support/dawn';
import { hasSharedData, sharedData } from '../support/sharedData';

/** What only a process of its own can show: exit codes, the standard streams, signals, and that it ends. */
describeGpu('the built command', () => {
  const folder = temporaryFolder();
  let main: string;

  beforeAll(async () => {
    main = await ensureCommand();
  });

  /** Runs it; `onLine` is called with each piece of stderr and a way to send Ctrl-C. */
  function run(argv: readonly string[], onError?: (text: string, interrupt: () => void) => void) {
    return new Promise<{ code: number | null; out: string; err: string }>((resolve, reject) => {
      const child = spawn(process.execPath, [main, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      let err = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk.toString();
        onError?.(err, () => child.kill('SIGINT'));
      });
      child.on('error', reject);
      child.on('close', (code) => {
        resolve({ code, out, err });
      });
    });
  }

  test('writes one JSON document to stdout and ends with 0', async () => {
    const { code, out } = await run(['info', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty('adapter.name');
  });

  test('ends with 2 and one sentence on a mistake', async () => {
    expect(await run(['generate', '--model', 'no/such/model', '--json'])).toEqual({
      code: 2,
      out: '',
      err: 'no/such/model: no such file or folder; check the path.\n',
    });
  });

  // Windows has no signals: there Ctrl-C cannot be sent to another process.
  test.skipIf(!hasSharedData || process.platform === 'win32')('saves a training on Ctrl-C', async () => {
    const out = join(folder, 'run');
    const model = sharedData('checkpoints/story-llama-hf');
    const data = sharedData('datasets/tinystories/tinystories_sample.txt');
    const settings = ['--max_length', '16', '--gradient_accumulation_steps', '1', '--val_size', '0'];
    const argv = ['train', '--model', model, '--data', data, '--out', out, '--max_steps', '100000'];
    let sent = false;
    const { code, err } = await run([...argv, ...settings], (text, interrupt) => {
      if (sent || !text.includes('step 2/')) return;
      sent = true;
      // npm passes on what the terminal has sent already.
      interrupt();
      interrupt();
    });
    expect(code).toBe(130);
    expect(err).toMatch(/Stopped after step \d+; the state is saved in/);
    expect(existsSync(join(out, 'snapshot.safetensors'))).toBe(true);
    expect(readdirSync(out).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
