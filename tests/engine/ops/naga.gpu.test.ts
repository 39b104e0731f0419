import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { NAIVE_KERNELS } from '../../../src/bench/naive';
import { ANY_DEVICE } from '../../../src/engine/ops/gemm/choice';
import { kernelVariants } from '../../../src/engine/ops/index';
import { selectDriver } from '../../../src/setup/vulkan.mjs';

/**
 * The same shaders in naga, the compiler of Firefox, Deno and wgpu; what Tint accepts it may refuse. Deno compiles
 * them all in one process and prints a line of JSON: an error for each that fails, or null without an adapter.
 */
const SCRIPT = `
const adapter = await navigator.gpu?.requestAdapter();
if (adapter == null) {
  console.log('null');
  Deno.exit();
}
const device = await adapter.requestDevice();
const kernels = JSON.parse(await new Response(Deno.stdin.readable).text());
const errors = {};
for (const { id, code } of kernels) {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code });
  device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const error = await device.popErrorScope();
  if (error !== null) errors[id] = error.message;
}
console.log(JSON.stringify(errors));
Deno.exit();
`;

const DENO = resolve(import.meta.dirname, '../../../node_modules/.bin/deno');

it('naga compiles every shader', ({ skip }) => {
  selectDriver();
  const { stdout, stderr, error } = spawnSync(DENO, ['eval', '--unstable-webgpu', SCRIPT], {
    input: JSON.stringify([...kernelVariants(ANY_DEVICE), ...NAIVE_KERNELS]),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (error !== undefined) throw error;
  const answer = stdout.trim().split('\n').at(-1) ?? '';
  const errors: unknown = JSON.parse(answer === '' ? JSON.stringify({ deno: stderr }) : answer);
  if (errors === null && process.env.CI !== 'true') skip('Deno finds no WebGPU adapter');
  expect(errors).toEqual({});
});
