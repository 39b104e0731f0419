/**
 * `npm run bench:peers`: the same two training steps by this engine, jax-js and tfjs, on one adapter (README.md,
 * "Against other engines"). Progress goes to stderr; stdout holds the table, or with --json the document alone.
 */
import { fork } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages, missingPackages } from '../../src/setup/packages.mjs';
import { CACHE, ROOT, SetupError, runLogged, runMain, say, step } from '../../src/setup/support.mjs';
import { selectDriver } from '../../src/setup/vulkan.mjs';
import {
  ENGINES,
  best,
  inYardsticks,
  lossBreaches,
  median,
  parseOptions,
  perEngine,
  table,
} from './summary.mjs';

const FOLDER = join(ROOT, 'tests', 'peers');
const BUILD = join(CACHE, `peers-${process.pid}`);

/** Fresh processes an engine gets for its cold first step. */
const COLD_STARTS = 3;

await runMain(async () => {
  const options = usage(() => parseOptions(process.argv.slice(2)));
  await ensurePackages();
  await ensurePeers();
  await step('Building the benchmark', buildMeasurer);
  try {
    selectDriver();
    /** @type {{ adapter: string } & Record<string, any>} */
    const document = { adapter: '' };
    const breaches = [];
    for (const workload of options.parts.filter((part) => part !== 'cold')) {
      const { adapter, losses, times, reference } = await step(`Measuring ${workload}`, () =>
        measure(['compare', workload, String(options.rounds)]),
      );
      const { best, median } = inYardsticks(times);
      document.adapter = adapter;
      document[workload] = { ...best, median, losses };
      breaches.push(...lossBreaches(losses, reference).map((breach) => `${workload}: ${breach}`));
    }
    if (options.parts.includes('cold')) {
      const { adapter, losses, seconds } = await step(
        'Measuring first steps in fresh processes',
        measureCold,
      );
      document.adapter = adapter;
      document.w2 = {
        ...document.w2,
        cold: perEngine((engine) => best(seconds[engine])),
        cold_median: perEngine((engine) => median(seconds[engine])),
      };
      const expected = document.w2.losses?.masa[0] ?? losses.masa[0];
      breaches.push(...lossBreaches(losses, expected).map((breach) => `cold: ${breach}`));
    }
    console.log(options.json ? JSON.stringify(document, undefined, 2) : table(document));
    if (breaches.length > 0) throw new SetupError(breaches.join('\n'));
  } finally {
    rmSync(BUILD, { recursive: true, force: true });
  }
});

/** Installs the peers beside this file, by their own lock file. */
async function ensurePeers() {
  const wanted = readTable('package-lock.json');
  const installed = readTable('node_modules/.package-lock.json');
  if (installed !== undefined && missingPackages(wanted ?? {}, installed).length === 0) return;
  await step('Installing jax-js and tfjs', async () => {
    const args = [
      'ci',
      '--prefix',
      FOLDER,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    await runLogged('npm', args, { shell: process.platform === 'win32' }).catch((error) => {
      if (!(error instanceof SetupError)) throw error;
      throw new SetupError(
        'jax-js and tfjs, which only this benchmark needs, cannot be installed: connect to the network and try again' +
          ' (what npm said is in .cache/setup.log).',
      );
    });
  });
}

/** @param {string} path */
function readTable(path) {
  const file = join(FOLDER, path);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}

/** One bundle for Node; of all packages only Dawn stays outside, since it brings a native library. */
async function buildMeasurer() {
  const { build } = await import('vite');
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(FOLDER, 'measure.ts'),
      outDir: BUILD,
      emptyOutDir: true,
      target: 'es2023',
      copyPublicDir: false,
    },
    ssr: { noExternal: true, external: ['webgpu'] },
  });
}

/** The engines in turn, with the driver's cache of compiled shaders switched off. */
async function measureCold() {
  /** @type {Record<'masa' | 'jax' | 'tfjs', number[]>} */
  const seconds = perEngine(() => []);
  /** @type {Record<'masa' | 'jax' | 'tfjs', number[]>} */
  const losses = perEngine(() => []);
  let adapter = '';
  for (let start = 0; start < COLD_STARTS; start++) {
    for (const engine of ENGINES) {
      const result = await measure(['cold', engine], { MESA_SHADER_CACHE_DISABLE: 'true' });
      say(`  cold ${engine}: ${result.seconds.toFixed(2)} s, loss ${result.loss.toFixed(6)}`);
      seconds[engine].push(result.seconds);
      losses[engine] = [result.loss];
      adapter = result.adapter;
    }
  }
  return { adapter, losses, seconds };
}

/**
 * Runs one measuring process; whatever a library prints goes to stderr.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<any>} its message
 */
function measure(args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = fork(join(BUILD, 'measure.js'), args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    /** @type {unknown} */
    let message;
    child.on('message', (value) => (message = value));
    child.on('error', reject);
    child.on('close', (code) => {
      if (message !== undefined) resolve(message);
      else reject(new SetupError(`measuring (${args.join(' ')}) ended with exit code ${code} and no result`));
    });
  });
}

/**
 * @template T
 * @param {() => T} parse
 */
function usage(parse) {
  try {
    return parse();
  } catch (error) {
    throw error instanceof RangeError ? new SetupError(error.message) : error;
  }
}
