import cellsQuadLib from '../../../shaders/lib/cellsQuad.wgsl?raw';
import cellsSingleLib from '../../../shaders/lib/cellsSingle.wgsl?raw';
import quadsBf16Lib from '../../../shaders/lib/quadsBf16.wgsl?raw';
import quadsF16Lib from '../../../shaders/lib/quadsF16.wgsl?raw';
import quadsF32Lib from '../../../shaders/lib/quadsF32.wgsl?raw';
import reduceLib from '../../../shaders/lib/reduce.wgsl?raw';
import reduceSubgroupLib from '../../../shaders/lib/reduceSubgroup.wgsl?raw';
import weightLib from '../../../shaders/lib/weight.wgsl?raw';
import weightCellsQuadLib from '../../../shaders/lib/weightCellsQuad.wgsl?raw';
import weightCellsSingleLib from '../../../shaders/lib/weightCellsSingle.wgsl?raw';
import { makeKernel, type Constants, type Counts, type Kernel } from '../gpu/shader';
import type { KernelChoice } from './gemm/choice';
import { DTYPE_CODE, type WeightDtype } from './weight';

const QUAD_LIBS: Readonly<Record<WeightDtype, string>> = {
  F32: quadsF32Lib,
  F16: quadsF16Lib,
  BF16: quadsBf16Lib,
};

/** What decides which variant of a row-wise shader is launched. */
export interface CellKernel {
  readonly name: string;
  readonly source: string;
  /** Floats in a row: whole quads are read four at a time, others one at a time (lib/cells*.wgsl). */
  readonly width: number;
  readonly libs?: readonly string[];
  /** Precision of the weight that the shader reads through `weight_cell`. */
  readonly dtype?: WeightDtype;
  /** Of a shader that reduces rows: threads of a workgroup, and the width of all subgroups where they do the work. */
  readonly reduce?: { readonly threads: number; readonly subgroupSize: number | undefined };
  /** Of the shader's own variant block. */
  readonly constants?: Constants;
  /** Repetitions of its lines (see makeKernel). */
  readonly counts?: Counts;
}

/**
 * Width of the subgroups that shall work on rows and heads: those of adapters whose GEMMs are best without workgroup
 * memory too. Undefined where workgroup memory shall do it.
 */
export function rowSubgroups({
  usual,
  subgroupSize,
}: Pick<KernelChoice, 'usual' | 'subgroupSize'>): number | undefined {
  return usual.startsWith('tile') ? undefined : subgroupSize;
}

/** Floats in a cell of rows this wide. */
export function cellSize(width: number): number {
  return width % 4 === 0 ? 4 : 1;
}

/** The variant of a shader that is written in cells (lib/cells*.wgsl). */
export function cellKernel({
  name,
  source,
  width,
  libs = [],
  dtype,
  reduce,
  constants: given,
  counts,
}: CellKernel): Kernel {
  const quads = cellSize(width) === 4;
  const constants: Record<string, number | boolean> = { ...given };
  const texts = [...libs, quads ? cellsQuadLib : cellsSingleLib];
  let id = quads ? `${name} of quads` : name;
  if (dtype !== undefined && quads) {
    texts.push(weightCellsQuadLib, QUAD_LIBS[dtype]);
    id += ` in ${dtype}`;
  } else if (dtype !== undefined) {
    texts.push(weightCellsSingleLib, weightLib);
    constants.DTYPE = DTYPE_CODE[dtype];
  }
  if (reduce?.subgroupSize !== undefined) {
    texts.push(reduceSubgroupLib);
    constants.THREADS = reduce.subgroupSize;
    id += ' by subgroup';
  } else if (reduce !== undefined) {
    texts.push(reduceLib);
    constants.THREADS = reduce.threads;
  }
  return makeKernel(id, source, texts, constants, counts);
}

/** Both cell widths of a kernel, for lists of every variant. */
export function bothCells(kernel: (width: number) => Kernel): Kernel[] {
  return [kernel(4), kernel(1)];
}

export const WEIGHT_DTYPES: readonly WeightDtype[] = ['F32', 'F16', 'BF16'];
