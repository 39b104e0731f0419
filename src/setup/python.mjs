/** The Python environment whose PyTorch, transformers, peft and lm-eval check this project's numbers and files. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, mayInstall } from './apt.mjs';
import { ROOT, SetupError, outputOf, runLogged, say, step } from './support.mjs';

const VENV = join(ROOT, '.venv');
const PYTHON = join(VENV, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const REQUIREMENTS = join(ROOT, 'tests/python/requirements.txt');
const STAMP = join(VENV, 'requirements.txt');

/**
 * Makes `.venv` hold what tests/python/requirements.txt asks for.
 * @returns {Promise<{ path: string } | { missing: string }>} the environment's python, or a sentence on why not
 */
export async function ensurePython() {
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(PYTHON) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted)
    return { path: PYTHON };
  const base = await findPython();
  if (base === undefined) {
    return {
      missing:
        'There is no Python 3.10 or newer with venv and pip; type `sudo apt-get install python3-venv python3-pip`.',
    };
  }
  try {
    await step('Installing PyTorch, transformers, peft and lm-eval into .venv', () =>
      makeEnvironment(base, wanted),
    );
  } catch (error) {
    if (error instanceof SetupError)
      return { missing: `The Python environment is not complete: ${error.message}` };
    throw error;
  }
  return { path: PYTHON };
}

/**
 * @param {string} base
 * @param {string} wanted
 */
async function makeEnvironment(base, wanted) {
  rmSync(STAMP, { force: true });
  if (!existsSync(PYTHON)) await runLogged(base, ['-m', 'venv', VENV]);
  warnOfSize();
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
  await runLogged(PYTHON, ['-m', 'pip', 'install', ...quiet, '-r', REQUIREMENTS]);
  mkdirSync(VENV, { recursive: true });
  writeFileSync(STAMP, wanted);
}

/** On Linux the default index gives PyTorch with CUDA; the CPU build is enough here and much smaller. */
function warnOfSize() {
  const settings = outputOf(PYTHON, ['-m', 'pip', 'config', 'list']) ?? '';
  if (process.platform !== 'linux' || /index-url|find-links/.test(settings)) return;
  say(
    '  pip may fetch the CUDA build of PyTorch (several GB). To avoid it, stop here, set PIP_EXTRA_INDEX_URL ' +
      "to PyTorch's index of CPU builds (its installation page names it) and start again.",
  );
}

/** A Python that can make environments, from Debian's packages if there is none and that is allowed. */
async function findPython() {
  // `ensurepip` is what Debian leaves out of its python3 package.
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  const find = () => ['python3', 'python'].find((name) => outputOf(name, ['-c', check]) !== undefined);
  const found = find();
  if (found !== undefined || !mayInstall()) return found;
  try {
    await step('Installing Python', () => install(['python3', 'python3-venv', 'python3-pip']));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`  ${error.message}`);
  }
  return find();
}
