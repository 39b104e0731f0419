import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { build } from 'vite';
import { CACHE, ROOT } from '../../src/setup/support.mjs';

/**
 * Builds the parity checks for where there is no Vitest: `inPage.js` for a page, `runner.js` for a process of Node or
 * Deno. In the project's cache, from where Node finds the package with Dawn; removed after the file or block that
 * calls this outside its tests and hooks.
 *
 * @returns the folder with both
 */
export async function bundleParity(): Promise<string> {
  const outDir = join(CACHE, `parity-${process.pid}`);
  afterAll(() => {
    rmSync(outDir, { recursive: true, force: true });
  });
  const entry = (name: string) => join(ROOT, 'tests/parity', `${name}.ts`);
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    // Deno and the page have no node_modules to look into.
    ssr: { noExternal: true, external: ['webgpu'] },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      copyPublicDir: false,
      target: 'es2023',
      rolldownOptions: { input: { inPage: entry('inPage'), runner: entry('runner') } },
    },
  });
  return outDir;
}
