import packageFile from '../../package.json';
import { describeKernels, usualKernels } from '../engine/ops/gemm/choice';
import type { CommandSpec } from './commandSpec';
import { withDevice } from './gpu';

/** Limits that decide which models fit and how kernels are launched. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** `masa info`: the adapter that everything would run on. */
export const info: CommandSpec = {
  name: 'info',
  summary: 'says which adapter is used, with its features, limits and kernels',
  flags: [],
  run: (_, io) =>
    withDevice(io, (gpu) => {
      const { device, info: adapter } = gpu;
      const kernels = usualKernels(gpu);
      const { name, vendor, architecture, fallback, features } = adapter;
      const limits = Object.fromEntries(LIMITS.map((limit) => [limit, device.limits[limit]]));
      const document = {
        adapter: { name, vendor, architecture, fallback },
        features,
        limits,
        kernels,
        versions: { masa: packageFile.version, node: process.versions.node },
      };
      const lines = [
        `adapter   ${name}${fallback ? ' (software: correct, but slow)' : ''}`,
        `features  ${features.join(', ')}`,
        ...LIMITS.map((limit) => `limit     ${limit} = ${device.limits[limit]}`),
        `kernels   ${describeKernels(kernels)}`,
        `versions  masa ${packageFile.version}, node ${process.versions.node}`,
      ];
      return Promise.resolve({ document, text: lines.join('\n') });
    }),
};
