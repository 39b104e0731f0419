import ts from 'typescript';

/**
 * The rules of the code's layout, as functions over file texts: each returns one sentence a breach, saying what is
 * wrong and why the rule is there. Paths are relative to the project and have `/` between folders.
 */

/** What one file imports, and which names it takes from its surroundings. */
export interface SourceFacts {
  readonly path: string;
  /** Module specifiers as written: static, dynamic, type-only and re-exports. */
  readonly imports: readonly string[];
  /** Identifiers that the file uses as variables without declaring them anywhere. */
  readonly free: ReadonlySet<string>;
}

/** Folders of src, and the ones that each may import from (besides itself). */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  config: [],
  world: ['config'],
  pretrain: ['config', 'world'],
  scenarios: ['config', 'world'],
  engine: ['config'],
  compare: ['config', 'scenarios', 'engine'],
  worker: ['config', 'scenarios', 'engine', 'compare'],
  bench: ['config', 'engine'],
  cli: ['config', 'world', 'scenarios', 'engine', 'compare', 'bench'],
  replay: ['config', 'scenarios', 'engine', 'compare', 'worker'],
  record: ['config', 'scenarios', 'engine', 'worker', 'cli', 'replay'],
  storage: ['config', 'scenarios', 'engine', 'compare', 'worker'],
  state: ['config', 'scenarios', 'engine', 'compare', 'worker', 'replay', 'storage'],
  ui: ['config', 'scenarios', 'engine', 'compare', 'worker', 'replay', 'storage', 'state'],
};

/** Folders of the engine, and those of its own that each must not import from. */
const FORBIDDEN_IN_ENGINE: Readonly<Record<string, readonly string[]>> = {
  gpu: ['ops', 'model', 'adapters', 'train', 'eval', 'data', 'formats', 'analysis', 'export'],
  ops: ['model', 'adapters', 'train', 'eval', 'data', 'formats', 'analysis', 'export'],
  model: ['adapters', 'train', 'eval', 'analysis', 'export'],
  adapters: ['train', 'eval', 'analysis', 'export'],
  formats: ['train', 'eval', 'analysis'],
  data: ['gpu', 'adapters', 'train', 'eval', 'analysis', 'export'],
  train: ['eval'],
  eval: ['train', 'analysis', 'export'],
};

/** Packages for the pure folders; the others may use any that package.json lists. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  config: [],
  world: ['pure-rand'],
  scenarios: [],
  bench: [],
  compare: ['papaparse'],
  // ml-matrix for the decompositions (singular values, QR) of engine/analysis.
  engine: ['@huggingface/tokenizers', '@huggingface/jinja', 'fflate', 'ml-matrix', 'papaparse', 'pure-rand'],
};

/** Names of the browser's page and of Node; the engine runs in a worker and in Node alike, so it has neither. */
const SURROUNDINGS = new Set(
  (
    'document window navigator self location history alert fetch XMLHttpRequest WebSocket EventSource localStorage ' +
    'sessionStorage indexedDB caches requestAnimationFrame HTMLElement Element Node Worker postMessage React ' +
    'process Buffer require module __dirname __filename Deno'
  ).split(' '),
);

/** Most lines that a file of code may have: more is two files. */
export const MOST_LINES = 400;

/** Reads the facts that the rules judge from a file's text. */
export function readFacts(path: string, text: string): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: string[] = [];
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    const specifier = importedModule(node);
    if (specifier !== undefined) imports.push(specifier);
    if (ts.isIdentifier(node)) {
      if (isDeclared(node)) declared.add(node.text);
      else if (isVariable(node)) used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, imports, free: new Set([...used].filter((name) => !declared.has(name))) };
}

/** Imports against the direction of the folders, in the engine's inside too, and packages that a folder may not use. */
export function layerBreaches(facts: SourceFacts): string[] {
  const from = folderOf(facts.path);
  return facts.imports.flatMap((specifier) => {
    const breach = specifier.startsWith('.')
      ? folderBreach(facts.path, from, resolvePath(facts.path, specifier))
      : packageBreach(facts.path, from, specifier);
    return breach === undefined ? [] : [breach];
  });
}

/** Names of the page or of Node that the engine reaches for. */
export function surroundingsBreaches(facts: SourceFacts): string[] {
  if (!['config', 'world', 'scenarios', 'engine', 'compare', 'bench'].includes(folderOf(facts.path)))
    return [];
  return [...facts.free]
    .filter((name) => SURROUNDINGS.has(name))
    .map(
      (name) =>
        `${facts.path} uses ${name}: the engine runs in a worker, in Node and in tests alike, so it takes everything ` +
        'it needs (a GPU object, byte sources) as arguments.',
    );
}

/** Circles of imports among the given files, one sentence for each file that closes one. */
export function cycleBreaches(all: readonly SourceFacts[]): string[] {
  const graph = new Map(
    all.map((facts) => [facts.path, localImports(facts, new Set(all.map((f) => f.path)))]),
  );
  const breaches: string[] = [];
  const finished = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const circle = [...trail.slice(start), path].join(' → ');
      breaches.push(`${circle}: imports in a circle cannot be understood or tested one file at a time.`);
      return;
    }
    if (finished.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return breaches;
}

/** A file with more lines than a reader keeps in mind. */
export function lengthBreach(path: string, text: string): string | undefined {
  const lines = text.trimEnd().split('\n').length;
  if (lines <= MOST_LINES) return undefined;
  return `${path} has ${lines} lines: above ${MOST_LINES} a file does more than one thing and wants to be split.`;
}

/** Shaders that no source file names (by file name without folder and suffix). */
export function unusedShaders(shaders: readonly string[], sources: readonly string[]): string[] {
  return shaders
    .filter((path) => {
      const name = path.replace(/^.*\//, '').replace(/\.wgsl$/, '');
      const word = new RegExp(`['"\`/]${name}(\\.wgsl)?(\\?raw)?['"\`]`);
      return !sources.some((text) => word.test(text));
    })
    .map((path) => `${path} is named by no file in src: a kernel that nobody launches is never tested.`);
}

/** Package registries and folders of one machine, which must not be in the tree: they bind it to a place. */
export function placeBreaches(path: string, text: string): string[] {
  return PLACES.flatMap(({ pattern, what }) => {
    const match = pattern.exec(text);
    if (match === null) return [];
    const line = text.slice(0, match.index).split('\n').length;
    return [
      `${path}:${line} names ${what} (${match[0].trim()}): the project must work from any registry and folder.`,
    ];
  });
}

/** Put together from parts, so that this file does not hold what it looks for. */
const PLACES = [
  ...[
    ['registry', 'npmjs', 'org'],
    ['registry', 'yarnpkg', 'com'],
    ['pypi', 'org'],
    ['pythonhosted', 'org'],
    ['download', 'pytorch', 'org'],
    ['deb', 'debian', 'org'],
    ['security', 'debian', 'org'],
    ['archive', 'ubuntu', 'com'],
    ['proxy', 'golang', 'org'],
    ['crates', 'io'],
  ].map((parts) => ({ pattern: new RegExp(`\\b${parts.join('\\.')}\\b`), what: 'a package registry' })),
  { pattern: /(^|[\s'"`(=:])\/work\/\w/m, what: "a machine's folder" },
  { pattern: /(^|[\s'"`(=:])\/(root|home\/\w+|Users\/\w+)\/\w/m, what: "a person's folder" },
];

function folderBreach(path: string, from: string, target: string): string | undefined {
  if (!target.startsWith('src/')) {
    if (target.startsWith('shaders/') || target === 'package.json') return undefined;
    return `${path} imports ${target}: files in src use only src, shaders and packages.`;
  }
  const to = folderOf(target);
  if (from === 'world' && to === 'config' && target !== 'src/config/errors') {
    return `${path} imports ${target}: src/world is a leaf and knows nothing but config/errors.`;
  }
  if (from !== to && ALLOWED[from]?.includes(to) === false) {
    const allowed = ALLOWED[from].map((name) => `src/${name}`).join(', ');
    return (
      `${path} imports ${target}: src/${from} may import ${allowed === '' ? 'nothing' : `only ${allowed}`}, so that ` +
      'what lies deeper never depends on what is built upon it.'
    );
  }
  if (from !== 'engine' || to !== 'engine') return undefined;
  const [inner, other] = [path.split('/')[2] ?? '', target.split('/')[2] ?? ''];
  if (FORBIDDEN_IN_ENGINE[inner]?.includes(other) !== true) return undefined;
  return `${path} imports ${target}: engine/${inner} lies below engine/${other} and must not know it.`;
}

function packageBreach(path: string, from: string, specifier: string): string | undefined {
  const allowed = PACKAGES[from];
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (allowed === undefined || allowed.includes(name)) return undefined;
  const may = allowed.length === 0 ? 'no package' : `only ${allowed.join(', ')}`;
  return `${path} imports ${specifier}: src/${from} is pure and uses ${may}.`;
}

/**
 * First folder below src; files that lie directly in src (the page's entry) count as ui, and the tools that make the
 * bundled model and the recording, which nothing imports, as folders of their own.
 */
function folderOf(path: string): string {
  if (path.startsWith('src/world/pretrain/')) return 'pretrain';
  if (path.startsWith('src/replay/record/')) return 'record';
  const [, folder = '', ...rest] = path.split('/');
  return rest.length === 0 && !(folder in ALLOWED) ? 'ui' : folder;
}

function resolvePath(from: string, specifier: string): string {
  return new URL(specifier.replace(/\?.*$/, ''), `file:///${from}`).pathname.slice(1);
}

function localImports(facts: SourceFacts, paths: ReadonlySet<string>): string[] {
  return facts.imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => resolvePath(facts.path, specifier))
    .flatMap((base) => ['', '.ts', '.tsx', '/index.ts'].map((end) => base + end).filter((p) => paths.has(p)));
}

function importedModule(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return literal(node.argument.literal);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return literal(node.arguments[0]);
  }
  const isWorkerAddress =
    ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'URL';
  return isWorkerAddress && node.arguments?.[1]?.getText() === 'import.meta.url'
    ? literal(node.arguments[0])
    : undefined;
}

function literal(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isDeclared(node: ts.Identifier): boolean {
  const parent = node.parent as ts.Node & { readonly name?: ts.Node };
  return (
    parent.name === node &&
    (ts.isDeclarationStatement(parent) ||
      ts.isVariableDeclaration(parent) ||
      ts.isParameter(parent) ||
      ts.isBindingElement(parent) ||
      ts.isImportSpecifier(parent) ||
      ts.isImportClause(parent) ||
      ts.isNamespaceImport(parent))
  );
}

function isVariable(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  const named = parent as ts.Node & { readonly name?: ts.Node; readonly propertyName?: ts.Node };
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return named.name !== node && named.propertyName !== node;
}
