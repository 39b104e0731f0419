import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import {
  cycleBreaches,
  layerBreaches,
  lengthBreach,
  placeBreaches,
  readFacts,
  surroundingsBreaches,
  unusedShaders,
} from './support/architecture';

const root = resolve(import.meta.dirname, '..');
const GENERATED = new Set([
  'node_modules',
  'dist',
  'dist-cli',
  '.venv',
  '.cache',
  '.git',
  '.vscode',
  '.idea',
]);

/** Paths of all files of the project, relative to it, without what tools put there. */
function listFiles(folder = ''): string[] {
  return readdirSync(resolve(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (GENERATED.has(entry.name)) return [];
    return entry.isDirectory() ? listFiles(path) : entry.isFile() ? [path] : [];
  });
}

const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');
const files = listFiles();
const sources = files.filter((path) => /^src\/.*\.(ts|tsx)$/.test(path));
const facts = sources.map((path) => readFacts(path, read(path)));

test('there is something to judge', () => {
  expect(sources.length).toBeGreaterThan(10);
});

test('every folder of src imports only from those below it', () => {
  expect(facts.flatMap(layerBreaches)).toEqual([]);
});

test('the engine reaches for nothing of the page or of Node', () => {
  expect(facts.flatMap(surroundingsBreaches)).toEqual([]);
});

test('imports run in no circle', () => {
  expect(cycleBreaches(facts)).toEqual([]);
});

test('no file of code is longer than a reader can keep in mind', () => {
  const code = files.filter((path) => /^(src|tests|shaders)\/.*\.(ts|tsx|mjs|wgsl|css|py)$/.test(path));
  expect(code.map((path) => lengthBreach(path, read(path))).filter((line) => line !== undefined)).toEqual([]);
});

test('every shader is launched by something', () => {
  const shaders = files.filter((path) => /^shaders\/.*\.wgsl$/.test(path));
  expect(unusedShaders(shaders, sources.map(read))).toEqual([]);
});

test('no package registry and no folder of one machine is written down', () => {
  const texts = files.filter((path) =>
    /(\.(ts|tsx|mjs|js|json|md|wgsl|css|html|py|txt|yml|toml)|run)$/.test(path),
  );
  expect(texts.flatMap((path) => placeBreaches(path, read(path)))).toEqual([]);
});
