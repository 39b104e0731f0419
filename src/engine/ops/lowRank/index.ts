import type { Kernel } from '../../gpu/shader';
import { addScaledVariants } from './addScaled';
import { downProjectionVariants } from './downProjection';
import { gradientVariants } from './gradient';
import { mixVariants } from './mix';
import { packHeadsVariants } from './packHeads';
import { presumVariants } from './presum';
import { upProjectionBackwardVariants } from './upProjectionBackward';

export { addScaled } from './addScaled';
export { downProjection, type DownProjectionArgs } from './downProjection';
export { downGradient, upGradient, type DownGradientArgs, type UpGradientArgs } from './gradient';
export { gateWidth, mix, mixBackward, routerLoad, type MixShape } from './mix';
export { packHeads } from './packHeads';
export { presum, stackTable, type Stack } from './presum';
export { upProjectionBackward, type UpProjectionBackwardArgs } from './upProjectionBackward';

/** Every variant, for the tests that compile them all. */
export function lowRankVariants(): Kernel[] {
  return [
    ...downProjectionVariants(),
    ...upProjectionBackwardVariants(),
    ...gradientVariants(),
    ...presumVariants(),
    ...packHeadsVariants(),
    ...mixVariants(),
    ...addScaledVariants(),
  ];
}
