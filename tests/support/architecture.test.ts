import { describe, expect, test } from 'vitest';
import {
  cycleBreaches,
  layerBreaches,
  lengthBreach,
  placeBreaches,
  readFacts,
  surroundingsBreaches,
  unusedShaders,
} from './architecture';

/** Breaches of the direction of imports by a file that imports one thing. */
function importing(path: string, specifier: string): string[] {
  return layerBreaches(readFacts(path, `import { x } from '${specifier}';`));
}

describe('imports are found', () => {
  test.each([
    ["import { a } from './x';", './x'],
    ["import type { a } from './x';", './x'],
    ["import './x.css';", './x.css'],
    ["export * from './x';", './x'],
    ["const a = await import('./x');", './x'],
    ["let a: import('./x').T;", './x'],
    ["new Worker(new URL('./x.ts', import.meta.url));", './x.ts'],
  ])('in %s', (text, specifier) => {
    expect(readFacts('src/ui/a.ts', text).imports).toEqual([specifier]);
  });

  test('but not in comments and texts', () => {
    expect(readFacts('src/ui/a.ts', "// import './x'\nconst a = \"import './y'\";").imports).toEqual([]);
  });
});

describe('the direction of imports', () => {
  test.each([
    ['src/engine/train/a.ts', '../../config/modules'],
    ['src/engine/train/a.ts', '../adapters/masa'],
    ['src/engine/gpu/a.ts', '../../../shaders/gemm.wgsl?raw'],
    ['src/engine/data/a.ts', '@huggingface/tokenizers'],
    ['src/worker/a.ts', '../engine/train/plan'],
    ['src/cli/a.ts', 'node:fs'],
    ['src/cli/a.ts', '../engine'],
    ['src/world/a.ts', '../config/errors'],
    ['src/world/pretrain/a.ts', 'node:fs'],
    ['src/world/pretrain/a.ts', '../grammar'],
    ['src/main.tsx', './ui/App'],
    ['src/ui/a.tsx', '../state/store'],
  ])('%s may import %s', (path, specifier) => {
    expect(importing(path, specifier)).toEqual([]);
  });

  test.each([
    ['src/config/a.ts', '../engine/model/x', 'src/config may import nothing'],
    ['src/config/a.ts', 'zustand', 'uses no package'],
    ['src/world/a.ts', '../config/modules', 'src/world is a leaf'],
    ['src/world/a.ts', './pretrain/x', 'src/world may import only'],
    ['src/world/a.ts', 'node:fs', 'src/world is pure'],
    ['src/engine/gpu/a.ts', '../../worker/x', 'src/engine may import only src/config'],
    ['src/engine/gpu/a.ts', '../model/x', 'engine/gpu lies below engine/model'],
    ['src/engine/ops/a.ts', '../train/x', 'engine/ops lies below engine/train'],
    ['src/engine/model/a.ts', '../adapters/x', 'engine/model lies below engine/adapters'],
    ['src/engine/data/a.ts', 'node:fs', 'src/engine is pure'],
    ['src/engine/data/a.ts', 'react', 'src/engine is pure'],
    ['src/config/a.ts', '../ui', 'src/config may import nothing'],
    ['src/worker/a.ts', '../cli/x', 'src/worker may import only src/config, src/scenarios, src/engine'],
    ['src/worker/a.ts', '../state/x', 'src/worker may import only'],
    ['src/state/a.ts', '../ui/x', 'src/state may import only'],
    ['src/ui/a.ts', '../cli/x', 'src/ui may import only'],
    ['src/ui/a.ts', '../../tests/support/x', 'only src, shaders and packages'],
  ])('%s must not import %s', (path, specifier, reason) => {
    const breaches = importing(path, specifier);
    expect(breaches).toHaveLength(1);
    expect(breaches[0]).toContain(reason);
    expect(breaches[0]).toContain(path);
  });
});

describe('the surroundings of the engine', () => {
  const breaches = (text: string, path = 'src/engine/gpu/a.ts'): string[] =>
    surroundingsBreaches(readFacts(path, text));

  test.each(['document.title;', 'await fetch(x);', 'navigator.gpu;', 'new Worker(x);', 'process.env.X;'])(
    '%s is refused',
    (text) => {
      expect(breaches(text)).toHaveLength(1);
    },
  );

  test.each([
    'export function f(window: number) { return window; }',
    'const { document } = record;',
    'a.fetch(b.process);',
    'const o = { location: 1 };',
    'performance.now();',
  ])('%s is allowed: the name is its own', (text) => {
    expect(breaches(text)).toEqual([]);
  });

  test('are no concern of the user interface', () => {
    expect(breaches('document.title;', 'src/ui/a.ts')).toEqual([]);
  });
});

describe('circles', () => {
  test('are found through any number of files and suffixes', () => {
    const found = cycleBreaches([
      readFacts('src/ui/a.ts', "import './b';"),
      readFacts('src/ui/b.tsx', "import type { T } from './c.ts';"),
      readFacts('src/ui/c.ts', "export * from './a';"),
    ]);
    expect(found).toEqual([
      expect.stringContaining('src/ui/a.ts → src/ui/b.tsx → src/ui/c.ts → src/ui/a.ts') as string,
    ]);
  });

  test('are not seen in two ways to one file', () => {
    const all = [
      readFacts('src/ui/a.ts', "import './b'; import './c';"),
      readFacts('src/ui/b.ts', "import './c';"),
      readFacts('src/ui/c.ts', ''),
    ];
    expect(cycleBreaches(all)).toEqual([]);
  });
});

test('a file may have 400 lines and no more', () => {
  expect(lengthBreach('src/a.ts', 'x\n'.repeat(400))).toBeUndefined();
  expect(lengthBreach('src/a.ts', 'x\n'.repeat(401))).toContain('401 lines');
});

test('a shader counts as used when a text of src names it as a whole', () => {
  const shaders = ['shaders/a.wgsl', 'shaders/lib/b.wgsl', 'shaders/c.wgsl', 'shaders/ab.wgsl'];
  const sources = ["import a from '../../../shaders/a.wgsl?raw';", "helpers: ['lib/b'], name: 'cc'"];
  expect(unusedShaders(shaders, sources).map((line) => line.split(' ')[0])).toEqual([
    'shaders/c.wgsl',
    'shaders/ab.wgsl',
  ]);
});

describe('places', () => {
  test.each([
    `https://${['registry', 'npmjs', 'org'].join('.')}/x`,
    `https://${['files', 'pythonhosted', 'org'].join('.')}/x`,
    ['cd ', 'work', 'main'].join('/'),
    ['"', 'home', 'ann', 'masa"'].join('/'),
  ])('%s is reported with its line', (text) => {
    expect(placeBreaches('a.md', `first\n${text}`)).toEqual([
      expect.stringMatching(/^a\.md:2 names/) as string,
    ]);
  });

  test.each(['src/worker/session.ts', 'https://huggingface.co/x', 'the root/ folder'])(
    '%s is none',
    (text) => {
      expect(placeBreaches('a.md', text)).toEqual([]);
    },
  );
});
