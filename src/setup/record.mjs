#!/usr/bin/env node
/** `npm run record [scenario]`: builds the recorder of src/replay/record and runs it on the best adapter there is. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './packages.mjs';
import { CACHE, ROOT, runLogged, runMain, step } from './support.mjs';
import { selectDriver } from './vulkan.mjs';

const BUILD = join(CACHE, 'record');

await runMain(async () => {
  await ensurePackages();
  await step('Building the recorder', async () => {
    const vite = join('node_modules', 'vite', 'bin', 'vite.js');
    const options = ['--outDir', BUILD, '--emptyOutDir', '--logLevel', 'warn'];
    await runLogged(process.execPath, [vite, 'build', '--ssr', 'src/replay/record/main.ts', ...options]);
  });
  selectDriver();
  process.chdir(ROOT);
  await import(pathToFileURL(join(BUILD, 'main.js')).href);
});
