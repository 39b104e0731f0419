/** The layers of tests, and how one is run and counted. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { CACHE, ROOT, say } from './support.mjs';

/** In the order in which they run: the quick ones first. The suffix of a test file names its layer. */
export const LAYERS = /** @type {const} */ (['unit', 'gpu', 'python', 'browser']);

/** A layer that takes longer than this hangs. */
const LIMIT_MINUTES = 25;

/** @typedef {(typeof LAYERS)[number]} Layer */
/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */
/**
 * The part of Vitest's JSON report that is read here.
 * @typedef {object} Report
 * @property {TestFile[]} testResults
 *
 * @typedef {object} TestFile
 * @property {string} name its absolute path
 * @property {string} status
 * @property {string} [message] why the file could not be loaded
 * @property {{ status: string, fullName: string, failureMessages: string[] | null }[]} assertionResults
 */

/**
 * Test files of a layer whose path contains one of the filters (all, without filters).
 * @param {Layer} layer
 * @param {readonly string[]} filters
 * @returns {string[]}
 */
export function testFiles(layer, filters) {
  const all = readdirSync(join(ROOT, 'tests'), { recursive: true, encoding: 'utf8' });
  return all.filter((path) => {
    const suffix = /\.(?:(gpu|python|browser)\.)?test\.ts$/.exec(path);
    if (suffix === null || (suffix[1] ?? 'unit') !== layer) return false;
    return filters.length === 0 || filters.some((filter) => join('tests', path).includes(filter));
  });
}

/**
 * @param {Layer} layer
 * @param {readonly string[]} filters
 * @returns {Promise<{ totals: Totals, failures: string[] }>} with a line for each failed test
 */
export async function runLayer(layer, filters) {
  mkdirSync(CACHE, { recursive: true });
  const path = join(CACHE, `tests-${layer}.json`);
  rmSync(path, { force: true });
  const args = [
    'run',
    '--project',
    layer,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${path}`,
  ];
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args, ...filters], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const timer = setTimeout(() => {
    say(`The ${layer} tests have not ended after ${LIMIT_MINUTES} minutes and are stopped.`);
    child.kill('SIGKILL');
  }, LIMIT_MINUTES * 60_000);
  /** @type {number | null} */
  const code = await new Promise((done) => child.on('close', done));
  clearTimeout(timer);
  const report = readReport(path);
  const totals = countReport(report, code ?? 1);
  return { totals, failures: listFailures(layer, report, totals) };
}

/**
 * Counts tests; a file that failed to load, a run without a report and a run that failed for another reason
 * (an error outside any test) each count as one failed test.
 * @param {Report | undefined} report
 * @param {number} code exit code of the run
 * @returns {Totals}
 */
export function countReport(report, code) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    const failedBefore = totals.failed;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') totals.passed += 1;
      else if (status === 'failed') totals.failed += 1;
      else totals.skipped += 1;
    }
    if (file.status === 'failed' && totals.failed === failedBefore) totals.failed += 1;
  }
  if (totals.failed === 0 && (code !== 0 || report === undefined)) totals.failed = 1;
  return totals;
}

/**
 * What failed, a line each: file, test and the first line of its error.
 * @param {Layer} layer
 * @param {Report | undefined} report
 * @param {Totals} totals what countReport made of it
 * @returns {string[]} one line at least where something failed
 */
export function listFailures(layer, report, totals) {
  const lines = (report?.testResults ?? []).flatMap((file) => {
    const path = relative(ROOT, file.name).replaceAll('\\', '/');
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    // A failed hook or import leaves no failed test; of a hook the report does not even tell the error.
    if (failed.length === 0 && file.status === 'failed') return [failureLine(path, file.message)];
    return failed.map(({ fullName, failureMessages }) =>
      failureLine(`${path} > ${fullName}`, failureMessages?.[0]),
    );
  });
  if (lines.length > 0 || totals.failed === 0) return lines;
  return [`FAILED: the run of the ${layer} tests itself; its output stands above.`];
}

/**
 * @param {string} what
 * @param {string | undefined} message
 */
function failureLine(what, message) {
  const [first = ''] = stripVTControlCharacters(message ?? '')
    .trim()
    .split('\n');
  return `FAILED: ${what}: ${first === '' ? 'its error stands above.' : first}`;
}

/**
 * @param {Totals} sum changed
 * @param {Totals} more
 */
export function addTotals(sum, more) {
  sum.passed += more.passed;
  sum.failed += more.failed;
  sum.skipped += more.skipped;
}

/**
 * @param {string} path
 * @returns {Report | undefined}
 */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
