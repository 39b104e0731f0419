#!/usr/bin/env node
/**
 * `npm run masa -- …`: builds the headless command when its sources have changed, and runs it in this process,
 * so that exit codes and signals are its own. Everything said here goes to stderr.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureCommand } from './build.mjs';
import { ensurePackages } from './packages.mjs';
import { ROOT, runMain } from './support.mjs';
import { selectDriver } from './vulkan.mjs';

await runMain(async () => {
  await ensurePackages();
  const main = await ensureCommand();
  selectDriver();
  // npm runs scripts in the project's folder; paths on the command line are meant from where the user stands.
  const { INIT_CWD, npm_lifecycle_event: script } = process.env;
  if (script === 'masa' && INIT_CWD !== undefined && resolve(process.cwd()) === ROOT) process.chdir(INIT_CWD);
  process.argv[1] = main;
  await import(pathToFileURL(main).href);
});
