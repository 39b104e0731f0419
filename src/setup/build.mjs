/** Builds the page (dist) and the headless command (dist-cli) when their sources have changed. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT, fingerprint, runLogged, step } from './support.mjs';

const VITE = join('node_modules', 'vite', 'bin', 'vite.js');
const SOURCES = ['src', 'shaders', 'package-lock.json', 'vite.config.ts'];

/** Makes `dist` hold the page of the present sources. */
export async function ensurePage() {
  await ensureBuild('dist', 'index.html', 'Building the page', [...SOURCES, 'index.html', 'public'], []);
}

/**
 * Makes `dist-cli` hold the command of the present sources.
 * @returns {Promise<string>} absolute path of its main module
 */
export async function ensureCommand() {
  await ensureBuild('dist-cli', 'main.js', 'Building the command', SOURCES, ['--ssr', 'src/cli/main.ts']);
  return join(ROOT, 'dist-cli', 'main.js');
}

/**
 * @param {string} folder what to build
 * @param {string} main a file that a finished build contains
 * @param {string} title
 * @param {string[]} sources
 * @param {string[]} args more arguments for `vite build`
 */
async function ensureBuild(folder, main, title, sources, args) {
  const stamp = join(CACHE, `${folder}.stamp`);
  const now = fingerprint(sources, ['src/setup']);
  if (existsSync(join(ROOT, folder, main)) && readText(stamp) === now) return;
  await step(title, async () => {
    // Built aside and moved: a command that runs meanwhile never sees half a build.
    const aside = join(CACHE, `${folder}-${process.pid}`);
    mkdirSync(CACHE, { recursive: true });
    try {
      const options = ['build', ...args, '--outDir', aside, '--emptyOutDir', '--logLevel', 'warn'];
      // Whoever asks may be a test, whose NODE_ENV would put React's development build into the page.
      const env = { ...process.env, NODE_ENV: 'production' };
      await runLogged(process.execPath, [VITE, ...options], { env });
      swap(aside, join(ROOT, folder));
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
    writeFileSync(stamp, now);
  });
}

/**
 * @param {string} from
 * @param {string} to
 */
function swap(from, to) {
  rmSync(to, { recursive: true, force: true });
  try {
    renameSync(from, to);
  } catch {
    // Another process put its own build there in between, or the folder is held open (Windows).
    cpSync(from, to, { recursive: true });
  }
}

/** @param {string} path */
function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
