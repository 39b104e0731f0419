import type { GpuDevice } from '../../src/engine/gpu/device';
import {
  ANY_DEVICE,
  canRun,
  pinnedKernels,
  type GemmVariant,
  type KernelChoice,
} from '../../src/engine/ops/gemm/choice';

/** A choice that uses one variant wherever it fits, on this device. */
export function pinned(gpu: GpuDevice, variant: GemmVariant, nativeF16 = false): KernelChoice {
  return pinnedKernels({ ...ANY_DEVICE, subgroupSize: gpu.subgroupSize, nativeF16 }, variant);
}

/** Whether a device has what a pinned choice needs. */
export function runsPinned(gpu: GpuDevice, variant: GemmVariant, nativeF16: boolean): boolean {
  if (variant.startsWith('subgroup') && gpu.subgroupSize === undefined) return false;
  return canRun(pinned(gpu, variant, nativeF16), gpu);
}
