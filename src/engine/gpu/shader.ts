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

const VARIANT_BLOCK = /\/\/ --- variant ---\n([\s\S]*?)\/\/ --- end variant ---/;

/**
 * Assembles one variant of a shader.
 *
 * @param name base name of the file in shaders/
 * @param source its text
 * @param libs texts of the helper files from shaders/lib that it calls
 * @param constants values for `const` lines of the marked variant block; every key must be there
 */
export function makeKernel(
  name: string,
  source: string,
  libs: readonly string[] = [],
  constants: Constants = {},
): Kernel {
  const key = JSON.stringify([name, constants]);
  const made = kernels.get(source)?.get(key);
  if (made !== undefined) return made;
  const kernel = assemble(name, source, libs, constants);
  kernels.set(source, (kernels.get(source) ?? new Map<string, Kernel>()).set(key, kernel));
  return kernel;
}

/** Kernels by source, then by name and constants: a plan asks for the same few thousands of times. */
const kernels = new Map<string, Map<string, Kernel>>();

function assemble(name: string, source: string, libs: readonly string[], constants: Constants): Kernel {
  let text = source;
  let id = name;
  for (const [key, value] of Object.entries(constants)) {
    const block = VARIANT_BLOCK.exec(text)?.[1] ?? '';
    const line = new RegExp(`^const ${key}(: \\w+)? = ([^;]+);`, 'm').exec(block);
    if (line === null) throw new Error(`${name}.wgsl has no constant ${key} in its variant block`);
    const literal =
      typeof value === 'boolean' ? String(value) : `${value}${line[2]?.endsWith('u') ? 'u' : ''}`;
    if (literal !== line[2]) id += ` ${key}=${value}`;
    text = text.replace(block, block.replace(line[0], `const ${key}${line[1] ?? ''} = ${literal};`));
  }
  const code = [text, ...libs].join('\n');
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

function paramFields(code: string): ParamField[] {
  const body = /struct Params \{([\s\S]*?)\n\}/.exec(code)?.[1] ?? '';
  return [...body.matchAll(/^\s*(\w+): (\w+),/gm)].map((match) => {
    const type = match[2];
    if (type !== 'u32' && type !== 'f32') throw new Error(`Params.${match[1] ?? ''} must be u32 or f32`);
    return { name: match[1] ?? '', type };
  });
}
