import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../../src/setup/support.mjs';
import { FIXTURES_FOLDER } from '../support/fixture';
import type { Report } from './suite';
import type { Variant } from './variants';

/** A process in which variants run one after the other, on the driver that its environment names. */
export interface ParityProcess {
  readonly variants: readonly Variant[];
  /** The report of one of them as soon as it is there; rejects with what the process said when it ended without. */
  report(variant: Variant): Promise<Report>;
}

/** Processes at a time: a driver that computes on the processor compiles on one core. */
const AT_ONCE = 2;
/** A process that takes longer than this hangs. */
const MOST_MINUTES = 15;
const running: Promise<unknown>[] = [];

/**
 * Starts `runner.js` in Dawn (Node) or in wgpu (Deno), when its turn comes.
 *
 * @param bundle the folder with it
 * @param env what the environment has besides this process's own
 */
export function startParity(
  host: 'dawn' | 'deno',
  bundle: Promise<string>,
  variants: readonly Variant[],
  env: Readonly<Record<string, string>> = {},
): ParityProcess {
  const waiters = variants.map(() => deferred<Report>());
  const before = running.at(-AT_ONCE) ?? Promise.resolve();
  running.push(Promise.all([before, bundle]).then(([, folder]) => run(host, folder, variants, env, waiters)));
  return {
    variants,
    report: (variant) => {
      const waiter = waiters[variants.indexOf(variant)];
      return waiter?.promise ?? Promise.reject(new RangeError(`${variant.name} is not among the variants`));
    },
  };
}

async function run(
  host: 'dawn' | 'deno',
  folder: string,
  variants: readonly Variant[],
  env: Readonly<Record<string, string>>,
  waiters: readonly Deferred<Report>[],
): Promise<void> {
  const [program, ...options] =
    host === 'dawn'
      ? [process.execPath]
      : [
          join(ROOT, 'node_modules/.bin/deno'),
          'run',
          '--quiet',
          '--unstable-webgpu',
          '--allow-read',
          '--allow-env',
        ];
  const args = [...options, join(folder, 'runner.js'), JSON.stringify(variants), FIXTURES_FOLDER];
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MOST_MINUTES * 60_000,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  let reports = 0;
  createInterface(child.stdout).on('line', (line) => {
    // Dawn writes warnings to the same stream.
    if (line.startsWith('{')) waiters[reports++]?.resolve(JSON.parse(line) as Report);
  });
  await new Promise<void>((resolve) => {
    child.on('error', (error) => {
      said += error.message;
      resolve();
    });
    child.on('close', (code, signal) => {
      said = `it ended with ${code ?? signal}; ${said}`;
      resolve();
    });
  });
  for (const waiter of waiters.slice(reports))
    waiter.reject(new Error(`${host}, ${JSON.stringify(env)}: ${said}`));
}

/** Whether this processor has vectors of 512 bits, on which lavapipe's subgroups are 16 wide. */
export function hasWideVectors(): boolean {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8').includes(' avx512f');
  } catch {
    return false;
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

function deferred<T>(): Deferred<T> {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<T>((onResolve, onReject) => {
    [resolve, reject] = [onResolve, onReject];
  });
  promise.catch(() => undefined); // heard by the test that asks for it
  return { promise, resolve, reject };
}
