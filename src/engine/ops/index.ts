import type { Kernel } from '../gpu/shader';
import { adamwVariants } from './adamw';
import { attentionKernels } from './attention';
import { copyRowsKernels } from './copyRows';
import { crossEntropyKernels } from './crossEntropy';
import { embeddingKernels } from './embedding';
import { lowRankVariants } from './lowRank';
import { matmulVariants } from './matmul';
import { rmsNormKernels } from './rmsNorm';
import { ropeKernels } from './rope';
import { sumLossesKernels } from './sumLosses';
import { swigluKernels } from './swiglu';

/** Every shader variant that a launcher can ask for; tests compile the whole list in Tint and in naga. */
export function kernelVariants(): Kernel[] {
  return [
    ...embeddingKernels,
    ...matmulVariants(),
    ...lowRankVariants(),
    ...adamwVariants(),
    ...rmsNormKernels(undefined),
    ...ropeKernels,
    ...attentionKernels,
    ...swigluKernels,
    ...crossEntropyKernels(undefined),
    ...sumLossesKernels,
    ...copyRowsKernels,
  ];
}
