/**
 * WGSL as text: what a shader binds and which parameters it takes is read from the shader itself, so that it
 * is written down once.
 */
export type Access = 'read' | 'read_write';

export interface StorageBinding {
  readonly name: string;
  readonly binding: number;
  readonly access: Access;
}

export interface ParamField {
  readonly name: string;
  readonly type: 'u32' | 'f32';
}

export interface Kernel {
  /** Base name of the shader file, then the constants that differ from its defaults. */
  readonly id: string;
  /** Complete WGSL text, helpers included. */
  readonly code: string;
  readonly storage: readonly StorageBinding[];
  /** Fields of `struct Params` in order, all four bytes wide; empty when the shader takes none. */
  readonly params: readonly ParamField[];
  readonly paramsBinding: number | undefined;
  /** Binding of the `step` uniform (see lib/step.wgsl), for kernels that need the step's numbers. */
  readonly stepBinding: number | undefined;
}

export type Constants = Readonly<Record<string, number | boolean>>;

/** Numbers of repetitions by letter. */
export type Counts = Readonly<Record<string, number>>;

const VARIANT_BLOCKS = /\/\/ --- variant ---\n[\s\S]*?\/\/ --- end variant ---/g;
const DIRECTIVE = /^enable .*;\n/gm;

/**
 * Assembles one variant of a shader.
 *
 * @param name base name of the file in shaders/
 * @param source its text
 * @param libs texts of the helper files from shaders/lib that it calls
 * @param constants values for `const` lines of the marked variant blocks; every key must be there
 * @param counts how often lines with `$i`, `$j` and so on are repeated (see `repeatLines`)
 */
export function makeKernel(
  name: string,
  source: string,
  libs: readonly string[] = [],
  constants: Constants = {},
  counts: Counts = {},
): Kernel {
  const key = [name, JSON.stringify([constants, counts]), ...libs].join('\n');
  const made = kernels.get(source)?.get(key);
  if (made !== undefined) return made;
  const kernel = assemble(name, source, libs, constants, counts);
  kernels.set(source, (kernels.get(source) ?? new Map<string, Kernel>()).set(key, kernel));
  return kernel;
}

/** Kernels by source, then by name and constants: a plan asks for the same few thousands of times. */
const kernels = new Map<string, Map<string, Kernel>>();

function assemble(
  name: string,
  source: string,
  libs: readonly string[],
  constants: Constants,
  counts: Counts,
): Kernel {
  let text = repeatLines([source, ...libs].join('\n'), counts);
  let id = [name, ...Object.entries(counts).map(([letter, count]) => `${letter}=${count}`)].join(' ');
  for (const [key, value] of Object.entries(constants)) {
    const found = [...text.matchAll(VARIANT_BLOCKS)]
      .map(([block]) => ({ block, line: new RegExp(`^const ${key}(: \\w+)? = ([^;]+);`, 'm').exec(block) }))
      .find(({ line }) => line !== null);
    if (!found?.line) throw new Error(`${name}.wgsl has no constant ${key} in its variant block`);
    const [line, type = '', usual = ''] = found.line;
    const literal = typeof value === 'boolean' ? String(value) : `${value}${usual.endsWith('u') ? 'u' : ''}`;
    if (literal !== usual) id += ` ${key}=${value}`;
    text = text.replace(found.block, found.block.replace(line, `const ${key}${type} = ${literal};`));
  }
  // Directives come first, wherever the file that needs them was put.
  const directives = new Set([...text.matchAll(DIRECTIVE)].map(([line]) => line));
  const code = [...directives, text.replaceAll(DIRECTIVE, '')].join('');
  const uniform = (variable: string) => {
    const match = new RegExp(`@binding\\((\\d+)\\) var<uniform> ${variable}\\b`).exec(code);
    return match === null ? undefined : Number(match[1]);
  };
  return {
    id,
    code,
    storage: [...code.matchAll(/@binding\((\d+)\) var<storage, (read|read_write)> (\w+)/g)].map((match) => ({
      binding: Number(match[1]),
      access: match[2] as Access,
      name: match[3] ?? '',
    })),
    params: paramFields(code),
    paramsBinding: uniform('params'),
    stepBinding: uniform('step'),
  };
}

/**
 * Repeats each line that contains `$` and a counted letter, once for every value from 0: registers are named one by
 * one, because indexed local arrays ruin software adapters. A line with two letters is repeated for every pair, the
 * second letter (by the order of `counts`) changing fastest. A letter with `+` stands for the value after it.
 */
export function repeatLines(source: string, counts: Counts): string {
  const repeat = (line: string): string[] => {
    const letter = Object.keys(counts).find((name) => line.includes(`$${name}`));
    if (letter === undefined) return [line];
    return Array.from({ length: counts[letter] ?? 0 }, (_, index) =>
      repeat(line.replaceAll(`$${letter}+`, String(index + 1)).replaceAll(`$${letter}`, String(index))),
    ).flat();
  };
  return source.split('\n').flatMap(repeat).join('\n');
}

function paramFields(code: string): ParamField[] {
  const body = /struct Params \{([\s\S]*?)\n\}/.exec(code)?.[1] ?? '';
  return [...body.matchAll(/^\s*(\w+): (\w+),/gm)].map((match) => {
    const type = match[2];
    if (type !== 'u32' && type !== 'f32') throw new Error(`Params.${match[1] ?? ''} must be u32 or f32`);
    return { name: match[1] ?? '', type };
  });
}
