import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Io } from '../../src/cli/io';
import { runCommand } from '../../src/cli/runCommand';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs the headless command in this process and returns what it wrote. Ctrl-C is played as soon as `interruptAt`
 * has been written to stderr.
 */
export async function masa(
  argv: readonly string[],
  options: { interruptAt?: string } = {},
): Promise<CliResult> {
  const interruption = new AbortController();
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
      if (options.interruptAt !== undefined && err.includes(options.interruptAt)) interruption.abort();
    },
    terminal: false,
    interrupted: interruption.signal,
    gpu: async () => {
      const { testGpu } = await import('./dawn'); // opens a device: not for tests that need none
      const gpu = await testGpu();
      if (gpu === undefined) throw new Error('this test needs a GPU');
      return gpu;
    },
  };
  const code = await runCommand(argv, io);
  return { code, out, err };
}

/** The JSON document of a call with `--json`, which has to succeed and to write nothing else to stdout. */
export async function masaJson(argv: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await masa([...argv, '--json']);
  if (code !== 0) throw new Error(`masa ${argv.join(' ')} ended with ${code}: ${err}`);
  return JSON.parse(out) as Record<string, unknown>;
}

/** The sentence of a call that has to be refused: exit code 2, one line on stderr, nothing on stdout. */
export async function refusal(argv: readonly string[]): Promise<string> {
  const { code, out, err } = await masa(argv);
  const lines = err.split('\n');
  if (code !== 2 || out !== '' || lines.length !== 2 || lines[1] !== '') {
    throw new Error(`masa ${argv.join(' ')} ended with ${code} and wrote\n${out}\n--- and\n${err}`);
  }
  return lines[0] ?? '';
}

/** A folder for the files of one test file, removed after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'masa-test-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
