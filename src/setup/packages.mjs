/** Installs the npm packages of the lock file when they are missing or of other versions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runLogged, step } from './support.mjs';

/** @typedef {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} PackageTable */

/**
 * Names of packages that the lock file asks for and the folder does not have in that version.
 * Optional ones (binaries of other platforms) may be absent, but not of another version.
 * @param {PackageTable} wanted `packages` of package-lock.json
 * @param {PackageTable} installed `packages` of node_modules/.package-lock.json
 * @returns {string[]}
 */
export function missingPackages(wanted, installed) {
  return Object.entries(wanted)
    .filter(([path, entry]) => {
      if (path === '') return false;
      const found = installed[path];
      if (found === undefined) return entry.optional !== true && entry.devOptional !== true;
      return found.version !== entry.version;
    })
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
}

/** Runs `npm ci` if node_modules does not hold what package-lock.json asks for. */
export async function ensurePackages() {
  const installed = readTable('node_modules/.package-lock.json');
  const wanted = readTable('package-lock.json') ?? {};
  if (installed !== undefined && missingPackages(wanted, installed).length === 0) return;
  await step('Installing the npm packages', async () => {
    // No package here needs its install script: the binaries lie in the packages.
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const npm = process.env.npm_execpath;
    if (npm?.endsWith('.js')) await runLogged(process.execPath, [npm, ...args]);
    else await runLogged('npm', args, { shell: process.platform === 'win32' });
  });
}

/**
 * @param {string} path
 * @returns {PackageTable | undefined}
 */
function readTable(path) {
  try {
    return JSON.parse(readFileSync(join(ROOT, path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
