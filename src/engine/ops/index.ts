import type { Kernel } from '../gpu/shader';
import { adamwVariants } from './adamw';
import { attentionKernels, attentionSubgroupKernels } from './attention';
import { attentionCachedKernels } from './attentionCached';
import { crossEntropyKernels } from './crossEntropy';
import { embeddingKernels } from './embedding';
import { gatherRowsKernels } from './gatherRows';
import type { KernelChoice } from './gemm/choice';
import { gemmKernels } from './gemm/kernels';
import { lowRankVariants } from './lowRank';
import { maskedTailKernels } from './maskedTail';
import { rmsNormKernels } from './rmsNorm';
import { ropeKernels } from './rope';
import { scatterRowsKernels } from './scatterRows';
import { sumLossesKernels } from './sumLosses';
import { swigluKernels } from './swiglu';
import { tensorNormsKernels } from './tensorNorms';
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
    ...tensorNormsKernels,
    ...rmsNormKernels(undefined),
    ...ropeKernels,
    ...attentionKernels,
    ...attentionCachedKernels(undefined),
    ...swigluKernels,
    ...crossEntropyKernels(undefined),
    ...tokenScoresKernels(undefined),
    ...sumLossesKernels,
    ...scatterRowsKernels,
    ...gatherRowsKernels,
    ...(subgroupSize === undefined
      ? []
      : [
          ...attentionSubgroupKernels(subgroupSize),
          ...attentionCachedKernels(subgroupSize),
          ...rmsNormKernels(subgroupSize),
          ...crossEntropyKernels(subgroupSize),
          ...tokenScoresKernels(subgroupSize),
        ]),
  ];
}
