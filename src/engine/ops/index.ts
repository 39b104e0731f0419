import type { Kernel } from '../gpu/shader';
import { adamwVariants } from './adamw';
import { attentionKernels, attentionSubgroupKernels } from './attention';
import { copyRowsKernels } from './copyRows';
import { crossEntropyKernels } from './crossEntropy';
import { embeddingKernels } from './embedding';
import { gatherRowsKernels } from './gatherRows';
import type { KernelChoice } from './gemm/choice';
import { gemmKernels } from './gemm/kernels';
import { lowRankVariants } from './lowRank';
import { maskedTailKernels } from './maskedTail';
import { rmsNormKernels } from './rmsNorm';
import { ropeKernels } from './rope';
import { sumLossesKernels } from './sumLosses';
import { swigluKernels } from './swiglu';
import { tokenScoresKernels } from './tokenScores';

/**
 * Every shader variant that a launcher can ask for on such a device; tests compile the whole list in Tint and in naga.
 */
export function kernelVariants(device: Pick<KernelChoice, 'subgroupSize' | 'nativeF16'>): Kernel[] {
  const { subgroupSize } = device;
  return [
    ...embeddingKernels,
    ...gemmKernels(device),
    ...maskedTailKernels,
    ...lowRankVariants(),
    ...adamwVariants(),
    ...rmsNormKernels(undefined),
    ...ropeKernels,
    ...attentionKernels,
    ...swigluKernels,
    ...crossEntropyKernels(undefined),
    ...tokenScoresKernels(undefined),
    ...sumLossesKernels,
    ...copyRowsKernels,
    ...gatherRowsKernels,
    ...(subgroupSize === undefined
      ? []
      : [
          ...attentionSubgroupKernels(subgroupSize),
          ...rmsNormKernels(subgroupSize),
          ...crossEntropyKernels(subgroupSize),
          ...tokenScoresKernels(subgroupSize),
        ]),
  ];
}
