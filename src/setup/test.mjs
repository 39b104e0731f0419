/**
 * `npm test`: installs what is missing, runs every layer of tests that can run here, says what it skipped and why.
 * Its end names what failed once more, and the last line sums all layers; the exit code is 0 only if nothing failed.
 * With CI=true a layer that cannot run is a failure.
 */
import { parseArgs } from 'node:util';
import { ensureChromium } from './browser.mjs';
import { ensurePage } from './build.mjs';
import { LAYERS, addTotals, runLayer, testFiles } from './layers.mjs';
import { ensurePackages } from './packages.mjs';
import { ensurePython } from './python.mjs';
import { SetupError, isCI, runMain, say } from './support.mjs';
import { ensureDriver } from './vulkan.mjs';

/** @typedef {import('./layers.mjs').Layer} Layer */

const USAGE = `npm test [-- --only LAYER[,LAYER]] [FILE …]

  --only LAYER   run these layers only: ${LAYERS.join(', ')}
  FILE           run only test files whose path contains this text`;

await runMain(async () => {
  const { layers, filters } = readArguments(process.argv.slice(2));
  await ensurePackages();
  const obstacles = await prepare(layers);
  const sum = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const notes = [];
  /** @type {string[]} */
  const failures = [];
  for (const layer of layers) {
    const files = testFiles(layer, filters);
    if (files.length === 0 && filters.length > 0) continue;
    const obstacle = files.length === 0 ? 'There are no test files for it.' : obstacles[layer];
    if (obstacle === undefined) {
      say(`\n── ${layer} tests`);
      if (layer === 'browser') await ensurePage();
      const result = await runLayer(layer, filters);
      addTotals(sum, result.totals);
      failures.push(...result.failures);
    } else {
      notes.push(`${isCI ? 'FAILED' : 'SKIPPED'}: the ${layer} tests (${files.length} files). ${obstacle}`);
      if (isCI) sum.failed += 1;
      else sum.skipped += files.length;
    }
  }
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
  console.log(
    `\n${[...notes, ...failures, `${sum.passed} passed, ${sum.failed} failed${skipped}`].join('\n')}`,
  );
  process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
});

/**
 * Gets what the layers need.
 * @param {readonly Layer[]} layers
 * @returns {Promise<Partial<Record<Layer, string>>>} for a layer that cannot run: a sentence that says why
 */
async function prepare(layers) {
  /** @type {Partial<Record<Layer, string>>} */
  const obstacles = {};
  if (layers.includes('browser')) {
    const browser = await ensureChromium();
    if ('path' in browser) {
      process.env.CHROME_PATH = browser.path;
      say(`· Browser: ${browser.path}`);
    } else obstacles.browser = browser.missing;
  }
  // After the browser: its SwiftShader is the last resort for a driver.
  if (layers.some((layer) => layer !== 'browser')) {
    const found = await ensureDriver();
    if ('driver' in found) say(`· Graphics driver: ${found.driver.adapter}`);
    else obstacles.gpu = found.missing;
  }
  if (layers.includes('python')) {
    const python = await ensurePython();
    if ('path' in python) process.env.MASA_PYTHON = python.path;
    else obstacles.python = python.missing;
  }
  return obstacles;
}

/**
 * @param {string[]} args
 * @returns {{ layers: readonly Layer[], filters: string[] }}
 */
function readArguments(args) {
  let only;
  let filters;
  try {
    const parsed = parseArgs({ args, allowPositionals: true, options: { only: { type: 'string' } } });
    only = parsed.values.only?.split(',');
    filters = parsed.positionals;
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  const unknown = only?.find((name) => !LAYERS.some((layer) => layer === name));
  if (unknown !== undefined) throw new SetupError(`--only ${unknown}: there is no such layer.\n\n${USAGE}`);
  return { layers: LAYERS.filter((layer) => only?.includes(layer) ?? true), filters };
}
