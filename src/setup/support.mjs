/**
 * What every set-up script needs: the project's folder, a log, and child processes.
 *
 * These scripts run on bare Node before anything is installed, so they import nothing but Node's own modules.
 * They talk on stderr: stdout belongs to what the user asked for.
 */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

/** Absolute path of the project's folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Folder for everything that can be thrown away: logs, stamps, reports. */
export const CACHE = join(ROOT, '.cache');

const LOG = join(CACHE, 'setup.log');

/** In continuous integration a layer that cannot run is a failure. */
export const isCI = process.env.CI === 'true' || process.env.CI === '1';

export const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

/** Something that the person at the keyboard can cure; its message is one sentence that says how. */
export class SetupError extends Error {}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs a script's main function: a failure becomes one sentence and a non-zero exit code.
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    say(`Node ${process.versions.node} is too old for this project; install Node 20.19 or newer.`);
    process.exit(1);
  }
  try {
    await main();
  } catch (error) {
    say(error instanceof SetupError ? error.message : String(error instanceof Error ? error.stack : error));
    process.exitCode = 1;
  }
}

/**
 * Runs a program to its end with its output in the log.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @returns {Promise<void>} rejects with the last lines of the output when the program fails
 */
export async function runLogged(command, args, options = {}) {
  mkdirSync(CACHE, { recursive: true });
  appendFileSync(LOG, `\n$ ${command} ${args.join(' ')}\n`);
  let tail = '';
  const child = spawn(command, args, {
    cwd: ROOT,
    env: options.env ?? process.env,
    shell: options.shell ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      appendFileSync(LOG, chunk);
      tail = (tail + chunk.toString()).slice(-4000);
    });
  }
  const code = await new Promise((done) => {
    child.on('error', (error) => {
      tail += error.message;
      done(1);
    });
    child.on('close', (status) => {
      done(status ?? 1);
    });
  });
  if (code !== 0) {
    const lines = tail.trim().split('\n').slice(-15).join('\n');
    throw new SetupError(
      `\`${command} ${args.join(' ')}\` failed; its whole output is in ${relative(ROOT, LOG)} and ends:\n${lines}`,
    );
  }
}

/**
 * Says what is being done, does it, and says how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  say(`· ${title} …`);
  const start = Date.now();
  const result = await work();
  say(`  done in ${((Date.now() - start) / 1000).toFixed(0)} s`);
  return result;
}

/**
 * Standard output of a program, or undefined when it is missing, fails or takes longer than a minute.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export function outputOf(command, args, env = process.env) {
  const result = spawnSync(command, args, { encoding: 'utf8', env, timeout: 60_000, killSignal: 'SIGKILL' });
  return result.status === 0 ? result.stdout : undefined;
}

/** @param {string} command */
export function isOnPath(command) {
  return outputOf(process.platform === 'win32' ? 'where' : 'which', [command]) !== undefined;
}

/**
 * One text that changes whenever a file below the given paths is added, removed or written.
 * Sizes and times suffice: a false alarm costs a build, and reading every model in `public/` would cost more.
 * @param {readonly string[]} paths relative to the project; missing ones count as missing
 * @param {readonly string[]} [except] paths to leave out
 */
export function fingerprint(paths, except = []) {
  const hash = createHash('sha256');
  const visit = (/** @type {string} */ path) => {
    if (except.includes(path)) return;
    const stat = statSync(join(ROOT, path), { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      for (const name of readdirSync(join(ROOT, path)).sort()) visit(`${path}/${name}`);
    } else {
      hash.update(`${path} ${stat?.size} ${stat?.mtimeMs}\n`);
    }
  };
  for (const path of paths) visit(path);
  return hash.digest('hex');
}
