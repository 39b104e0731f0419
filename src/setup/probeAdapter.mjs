/** Asks Dawn for an adapter, computes 6 · 7 on it and prints what it is as JSON; exits 1 where that fails. */
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
const gpu = create([]);
// Dawn crashes the process when its instance is collected before the end.
Object.assign(globalThis, { dawnInstance: gpu });
const adapter = await gpu.requestAdapter();
if (adapter === null) process.exit(1);
const device = await adapter.requestDevice();
const code = `@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@compute @workgroup_size(1) fn main() { x[0] = x[0] * 7u; }`;
const pipeline = await device.createComputePipelineAsync({
  layout: 'auto',
  compute: { module: device.createShaderModule({ code }) },
});
const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
const buffer = device.createBuffer({ size: 4, usage });
const readback = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
device.queue.writeBuffer(buffer, 0, new Uint32Array([6]));
const encoder = device.createCommandEncoder();
const pass = encoder.beginComputePass();
pass.setPipeline(pipeline);
pass.setBindGroup(
  0,
  device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  }),
);
pass.dispatchWorkgroups(1);
pass.end();
encoder.copyBufferToBuffer(buffer, 0, readback, 0, 4);
device.queue.submit([encoder.finish()]);
await readback.mapAsync(GPUMapMode.READ);
const answer = new Uint32Array(readback.getMappedRange())[0];
const { vendor, architecture, device: name, description, isFallbackAdapter } = adapter.info;
device.destroy();
if (answer !== 42) process.exit(1);
console.log(JSON.stringify({ vendor, architecture, name, description, software: isFallbackAdapter }));
