import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const [folder, file] = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
const python = process.env.MASA_PYTHON ?? resolve(root, '.venv', folder, file);

/** Whether the Python environment with torch, transformers and peft is there (`npm test` makes it). */
export const hasPython = existsSync(python);

/**
 * Runs a script of the project in that environment, offline, and returns what it printed.
 *
 * @param script path relative to the project
 * @param args its arguments
 * @throws Error with the script's stderr when it fails
 */
export function runPython(script: string, args: readonly string[] = []): string {
  const result = spawnSync(python, [resolve(root, script), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (result.status !== 0) {
    throw new Error(`${script} failed: ${result.error?.message ?? result.stderr}`);
  }
  return result.stdout;
}

/** `describe` for tests that need Python: skipped visibly without it, failing in continuous integration. */
export function describePython(name: string, body: () => void): void {
  if (hasPython) describe(name, body);
  else if (process.env.CI === 'true') {
    test(`${name}: the Python environment is required`, () => {
      throw new Error(`${python} does not exist; run \`npm test\`, which makes it or says how.`);
    });
  } else describe.skip(`${name} (skipped: no Python environment; \`npm test\` makes it)`, body);
}
