import { openDevice, type GpuDevice } from '../../src/engine/gpu/device';
import { loadBaseModel } from '../../src/engine/model/baseModel';
import { describeKernels, type KernelChoice } from '../../src/engine/ops/gemm/choice';
import {
  GRADIENT_FIXTURES,
  openGradientFixture,
  openTrainingFixture,
  ROUTED_GRADIENT_FIXTURES,
  ROUTED_TRAINING_FIXTURES,
  TRAINING_FIXTURES,
  type GradientFixture,
  type ReadFixture,
  type TrainingFixture,
} from '../support/fixtureFormat';
import { pinned, runsPinned } from '../support/gemm';
import { gradientChecks, logitChecks, passes, trainingChecks } from './checks';
import type { Variant } from './variants';

/** What a variant of the engine came to; plain data, so that it can leave a process or a page. */
export interface Report {
  readonly adapter: string;
  /** Why the device cannot run the variant, else undefined. */
  readonly skipped?: string;
  readonly subgroupSize?: number | undefined;
  /** The features in use, of those that choose other kernels. */
  readonly features: readonly string[];
  /** How many comparisons were made. */
  readonly checks: number;
  /** One sentence for each check that failed and for every error on the way. */
  readonly failures: readonly string[];
}

const FAST_PATHS = ['subgroups', 'shader-f16'] as const;

/**
 * The parity checks on one device, opened as the variant says; all fixtures share its compiled kernels.
 *
 * @param read bytes of the fixtures
 */
export async function runParity(gpu: GPU, read: ReadFixture, variant: Variant): Promise<Report> {
  const open = await openDevice(gpu, { without: variant.without });
  const { device, info, subgroupSize } = open;
  const features = FAST_PATHS.filter((name) => device.features.has(name));
  const { gemm, nativeF16 = false } = variant;
  try {
    if (gemm !== undefined && !runsPinned(open, gemm, nativeF16)) {
      const lacks = gemm.startsWith('subgroup') && subgroupSize === undefined ? 'subgroups' : 'shader-f16';
      const skipped = `${info.name} has no ${lacks}`;
      return { adapter: info.name, skipped, subgroupSize, features, checks: 0, failures: [] };
    }
    const kernels = gemm === undefined ? undefined : pinned(open, gemm, nativeF16);
    const { checks, failures } = await judgeAll(open, read, variant, kernels);
    return { adapter: info.name, subgroupSize, features, checks, failures };
  } finally {
    device.destroy();
  }
}

async function judgeAll(
  open: GpuDevice,
  read: ReadFixture,
  variant: Variant,
  kernels: KernelChoice | undefined,
): Promise<{ checks: number; failures: string[] }> {
  const failures: string[] = [];
  let checks = 0;
  const judge = async (name: string, opening: Promise<GradientFixture | TrainingFixture>) => {
    let where = describe(open, kernels);
    try {
      const fixture = await opening;
      const loaded = await loadBaseModel(open, fixture.checkpoint);
      const base = kernels === undefined ? loaded : { ...loaded, kernels };
      where = describe(open, base.kernels);
      const found =
        'steps' in fixture
          ? await trainingChecks(base, fixture)
          : [
              ...(await gradientChecks(base, fixture)),
              // The masks of dropout belong to training.
              ...(fixture.adapter.lora_dropout === 0 ? await logitChecks(base, fixture) : []),
            ];
      base.destroy();
      checks += found.length;
      for (const { what, error, tolerance } of found.filter((check) => !passes(check))) {
        failures.push(`${where}: ${name}: ${what}: ${error} > ${tolerance}`);
      }
    } catch (error) {
      failures.push(`${where}: ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  if (variant.stepsOnly !== true) {
    for (const name of [...GRADIENT_FIXTURES, ...ROUTED_GRADIENT_FIXTURES])
      await judge(name, openGradientFixture(name, read));
  }
  for (const name of [...TRAINING_FIXTURES, ...ROUTED_TRAINING_FIXTURES])
    await judge(name, openTrainingFixture(name, read));
  const uncaught = open.firstError();
  if (uncaught !== undefined) failures.push(`${describe(open, kernels)}: an error of the GPU: ${uncaught}`);
  return { checks, failures };
}

function describe({ info, device, subgroupSize }: GpuDevice, kernels: KernelChoice | undefined): string {
  const features = FAST_PATHS.filter((name) => device.features.has(name));
  return [
    info.name,
    subgroupSize === undefined ? 'no subgroups' : `subgroups of ${subgroupSize}`,
    features.length === 0 ? 'no features' : `features ${features.join(' and ')}`,
    `kernels: ${kernels === undefined ? 'chosen' : describeKernels(kernels)}${kernels?.nativeF16 === true ? ', native f16' : ''}`,
  ].join(', ');
}
