import { expect, test } from 'vitest';
import { openDevice } from '../../src/engine/gpu/device';
import { readBytes } from '../../src/engine/gpu/readback';
import { describeGpu, testGpu } from '../support/dawn';

describeGpu('the driver that the set-up found', () => {
  test('computes what a shader says', async () => {
    const { device } = await openDevice((await testGpu())!);
    const buffer = device.createBuffer({
      size: 4 * 64,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    });
    const code = `@group(0) @binding(0) var<storage, read_write> x: array<u32>;
      @compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) { x[i] = i * i; }`;
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }) },
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const entries = [{ binding: 0, resource: { buffer } }];
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    device.queue.submit([encoder.finish()]);
    expect([...new Uint32Array(await readBytes(device, buffer))]).toEqual(
      Array.from({ length: 64 }, (_, i) => i * i),
    );
  });
});
