/**
 * A WebGPU adapter for Node: which Vulkan driver Dawn should load, and how to get one.
 *
 * A real GPU wins, then Mesa's lavapipe (fast, has shader-f16), then the SwiftShader that comes with Chromium.
 * On macOS and Windows Dawn uses the system's own Metal or Direct3D and there is nothing to choose.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codename, install, mayInstall, writeBackports } from './apt.mjs';
import { CACHE, ROOT, SetupError, fingerprint, isOnPath, outputOf, say, step } from './support.mjs';

const ICD_FOLDERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
const SWIFTSHADER = ['chromium', 'chromium-browser', 'google-chrome', 'chrome']
  .flatMap((name) => [`/usr/lib/${name}`, `/usr/lib64/${name}`, `/opt/google/${name}`])
  .map((folder) => join(folder, 'vk_swiftshader_icd.json'));

/**
 * @typedef {object} Driver
 * @property {string | undefined} file Vulkan's description of the driver; undefined means the system's choice
 * @property {string} adapter what Dawn calls the adapter
 * @property {boolean} software
 */

/**
 * Points this process (and its children) at the best driver; a VK_DRIVER_FILES of the user's is left alone.
 * @returns {Driver | undefined} undefined where no driver works
 */
export function selectDriver() {
  ensureRuntimeFolder();
  const driver = findDriver();
  if (driver?.file !== undefined) process.env.VK_DRIVER_FILES = driver.file;
  return driver;
}

/**
 * Like {@link selectDriver}, installing lavapipe first where there is nothing as good and that is allowed.
 * @returns {Promise<{ driver: Driver } | { missing: string }>} `missing` is a sentence that says what to type
 */
export async function ensureDriver() {
  let driver = selectDriver();
  if ((driver === undefined || isSwiftShader(driver)) && chosenByUser() === driver?.file && mayInstall()) {
    delete process.env.VK_DRIVER_FILES;
    try {
      await step('Installing a software Vulkan driver (Mesa lavapipe)', async () => {
        if (codename() === 'bookworm') writeBackports('/etc/apt/sources.list.d');
        await install(['mesa-vulkan-drivers'], codename() === 'bookworm' ? 'bookworm-backports' : undefined);
      });
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      say(`  ${error.message}`);
    }
    driver = selectDriver();
  }
  return driver === undefined
    ? { missing: `Dawn finds no working graphics driver; ${installAdvice()}.` }
    : { driver };
}

/** @param {Driver} driver */
function isSwiftShader(driver) {
  return /swiftshader/i.test(driver.adapter);
}

function chosenByUser() {
  return process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
}

/** @returns {Driver | undefined} */
function findDriver() {
  if (chosenByUser() !== undefined || process.platform !== 'linux') return probe(undefined);
  const key = [
    fingerprint(['node_modules/webgpu/package.json']),
    ...ICD_FOLDERS.map(describeFolder),
    ...SWIFTSHADER.filter((path) => existsSync(path)),
  ].join('\n');
  const cache = join(CACHE, 'driver.json');
  const known = readJson(cache);
  if (known?.key === key && known.driver !== undefined) return known.driver;
  const driver = searchDriver();
  // Only a success is remembered: a failure may be cured by means that leave no trace in these folders.
  if (driver !== undefined) {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(cache, JSON.stringify({ key, driver }));
  }
  return driver;
}

/**
 * Vulkan's description of Mesa's lavapipe, also where a real GPU is preferred.
 * @returns {string | undefined}
 */
export function findLavapipe() {
  return lavapipeFiles()[0];
}

function lavapipeFiles() {
  return ICD_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.startsWith('lvp_icd'))
      .map((name) => join(folder, name)),
  );
}

/** @returns {Driver | undefined} */
function searchDriver() {
  const own = probe(undefined);
  if (own?.software === false) return own;
  for (const file of [...lavapipeFiles(), ...SWIFTSHADER.filter((path) => existsSync(path))]) {
    const driver = probe(file);
    if (driver !== undefined) return driver;
  }
  return own;
}

/**
 * Runs a tiny computation in a process of its own, since a broken driver can take its process along.
 * @param {string | undefined} file
 * @returns {Driver | undefined}
 */
function probe(file) {
  const env = file === undefined ? process.env : { ...process.env, VK_DRIVER_FILES: file };
  const text = outputOf(process.execPath, [join(ROOT, 'src/setup/probeAdapter.mjs')], env);
  if (text === undefined) return undefined;
  const { name, description, vendor, software } = JSON.parse(text);
  return { file, adapter: [vendor, name, description].filter((part) => part !== '').join(', '), software };
}

function ensureRuntimeFolder() {
  if (process.platform !== 'linux') return;
  const set = process.env.XDG_RUNTIME_DIR;
  if (set !== undefined && existsSync(set)) return;
  const folder = join(tmpdir(), `masa-runtime-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  process.env.XDG_RUNTIME_DIR = folder;
}

function installAdvice() {
  if (process.platform !== 'linux') return 'update the graphics driver of this machine';
  if (!isOnPath('apt-get')) return 'install the Vulkan drivers of Mesa 24 or newer with your package manager';
  const suite = codename() === 'bookworm' ? '-t bookworm-backports ' : '';
  const source = suite === '' ? undefined : writeBackports(CACHE);
  const commands = [
    ...(source === undefined ? [] : [`sudo cp ${source} /etc/apt/sources.list.d/`]),
    'sudo apt-get update',
    `sudo apt-get install ${suite}mesa-vulkan-drivers`,
  ];
  return `type \`${commands.join(' && ')}\``;
}

/** @param {string} path */
function describeFolder(path) {
  try {
    return `${path}: ${readdirSync(path).sort().join(' ')}`;
  } catch {
    return `${path}: ${existsSync(path)}`;
  }
}

/**
 * @param {string} path
 * @returns {{ key?: string, driver?: Driver } | undefined}
 */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
