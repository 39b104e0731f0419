/** A Chromium for the page's tests: found on the machine, or installed where that is allowed. */
import { existsSync } from 'node:fs';
import { install, mayInstall } from './apt.mjs';
import { SetupError, isOnPath, outputOf, say, step } from './support.mjs';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser', 'chrome'];
const FIXED_PLACES = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    `${process.env.ProgramFiles}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env['ProgramFiles(x86)']}\\Google\\Chrome\\Application\\chrome.exe`,
    `${process.env.LOCALAPPDATA}\\Google\\Chrome\\Application\\chrome.exe`,
  ],
};

/**
 * Path of a Chromium or Chrome: `CHROME_PATH` if set, else what is installed.
 * @returns {string | undefined}
 */
export function findChromium() {
  const chosen = process.env.CHROME_PATH;
  if (chosen !== undefined && existsSync(chosen)) return chosen;
  const { platform } = process;
  if (platform === 'darwin' || platform === 'win32') {
    return FIXED_PLACES[platform].find((path) => existsSync(path));
  }
  for (const name of NAMES) {
    const path = outputOf('which', [name])?.trim();
    // Ubuntu has a `chromium-browser` that only says how to install the real one: it must answer.
    if (path && outputOf(path, ['--version']) !== undefined) return path;
  }
  return undefined;
}

/**
 * @returns {Promise<{ path: string } | { missing: string }>} `missing` is a sentence that says what to do
 */
export async function ensureChromium() {
  let path = findChromium();
  if (path === undefined && mayInstall()) {
    try {
      await step('Installing Chromium', () => install(['chromium']));
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      say(`  ${error.message}`);
    }
    path = findChromium();
  }
  if (path !== undefined) return { path };
  const cure = isOnPath('apt-get') ? 'type `sudo apt-get install chromium`' : 'install Chrome or Chromium';
  return { missing: `There is no Chromium on this machine; ${cure}, or set CHROME_PATH.` };
}
