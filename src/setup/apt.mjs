/** Debian's packages: what to install, from where, and what to type where this may not be done here. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOnPath, isRoot, runLogged } from './support.mjs';

let updated = false;

/** Whether packages can be installed here without asking anyone. */
export function mayInstall() {
  return isRoot && isOnPath('apt-get');
}

/**
 * @param {string[]} packages
 * @param {string} [suite] for example `bookworm-backports`
 */
export async function install(packages, suite) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (!updated) await runLogged('apt-get', ['update', '-q'], { env });
  updated = true;
  const from = suite === undefined ? [] : ['-t', suite];
  await runLogged('apt-get', ['install', '-y', '-q', ...from, ...packages], { env });
}

/** `VERSION_CODENAME` of this system (`bookworm`, `noble`, …), '' where there is none. */
export function codename() {
  const path = '/etc/os-release';
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return /^VERSION_CODENAME=(.*)$/m.exec(text)?.[1] ?? '';
}

/**
 * Writes the source of Debian 12's backports, from the mirror that the machine already uses.
 * @param {string} folder
 * @returns {string | undefined} the file; undefined where the machine has that source already
 */
export function writeBackports(folder) {
  const entry = backportsEntry(sourceTexts(), 'bookworm');
  if (entry === undefined) return undefined;
  const path = join(folder, 'bookworm-backports.sources');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, entry);
  updated = false;
  return path;
}

/**
 * The deb822 entry that adds `<suite>-backports` beside `suite`, from the same mirror and with the same key.
 * @param {readonly string[]} texts apt's source files, of both formats
 * @param {string} suite
 * @returns {string | undefined} undefined when the machine already has it, or has no such suite to learn from
 */
export function backportsEntry(texts, suite) {
  const sources = texts.flatMap(readSources);
  if (sources.some((source) => source.suites.includes(`${suite}-backports`))) return undefined;
  const base = sources.find((source) => source.suites.includes(suite) && source.components.includes('main'));
  if (base === undefined) return undefined;
  const lines = ['Types: deb', `URIs: ${base.uri}`, `Suites: ${suite}-backports`, 'Components: main'];
  if (base.signedBy !== undefined) lines.push(`Signed-By: ${base.signedBy}`);
  return `${lines.join('\n')}\n`;
}

/** @typedef {{ uri: string, suites: string[], components: string[], signedBy: string | undefined }} Source */

/**
 * @param {string} text
 * @returns {Source[]}
 */
function readSources(text) {
  const oneLine = [...text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/gm)].map((match) => ({
    uri: match[2] ?? '',
    suites: [match[3] ?? ''],
    components: (match[4] ?? '').split(/\s+/),
    signedBy: /signed-by=(\S+)/.exec(match[1] ?? '')?.[1],
  }));
  const stanzas = text
    .split(/\n\s*\n/)
    .filter((stanza) => /^Types:.*\bdeb\b/m.test(stanza) && !/^Enabled:\s*no/m.test(stanza))
    .map((stanza) => {
      const field = (/** @type {string} */ name) =>
        new RegExp(`^${name}:[ \\t]*(.+)$`, 'm').exec(stanza)?.[1]?.trim();
      return {
        uri: field('URIs')?.split(/\s+/)[0] ?? '',
        suites: field('Suites')?.split(/\s+/) ?? [],
        components: field('Components')?.split(/\s+/) ?? [],
        signedBy: field('Signed-By'),
      };
    });
  return [...oneLine, ...stanzas];
}

function sourceTexts() {
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return ['/etc/apt/sources.list', ...files]
    .filter((path) => /\.(list|sources)$/.test(path) && existsSync(path))
    .map((path) => readFileSync(path, 'utf8'));
}
