import { makeKernel, type Kernel } from '../gpu/shader';
import { DTYPE_CODE, type WeightDtype } from './weight';

/** The variants of a shader that reads weights (constant DTYPE, helper lib/weight.wgsl among `libs`). */
export function kernelsByDtype(
  name: string,
  source: string,
  libs: readonly string[],
): Readonly<Record<WeightDtype, Kernel>> {
  const variant = (dtype: WeightDtype) => makeKernel(name, source, libs, { DTYPE: DTYPE_CODE[dtype] });
  return { F32: variant('F32'), F16: variant('F16'), BF16: variant('BF16') };
}
