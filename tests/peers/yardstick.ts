import code from './yardstick.wgsl?raw';

const SIZE = 512;

/** One product of two 512 × 512 matrices by the plain kernel; resolves when it is done. */
export type Yardstick = () => Promise<void>;

/**
 * Prepares the yardstick on a device of its own and checks one result on the CPU.
 *
 * @throws Error when a product is wrong
 */
export async function openYardstick(gpu: GPU): Promise<Yardstick> {
  const device = await (await gpu.requestAdapter({ powerPreference: 'high-performance' }))?.requestDevice();
  if (device === undefined) throw new Error('there is no WebGPU adapter');
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const [a, b, c] = ['a', 'b', 'c'].map((label) =>
    device.createBuffer({ label, size: SIZE * SIZE * 4, usage }),
  );
  if (a === undefined || b === undefined || c === undefined) throw new Error('three buffers were asked for');
  const left = matrix((i) => Math.sin(i));
  const right = matrix((i) => Math.cos(3 * i));
  device.queue.writeBuffer(a, 0, left);
  device.queue.writeBuffer(b, 0, right);
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [a, b, c].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const run = async () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(SIZE / 32, SIZE / 32);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
  await run();
  requireProduct(left, right, await readFloats(device, c));
  return run;
}

function matrix(value: (i: number) => number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: SIZE * SIZE }, (_, i) => value(i));
}

async function readFloats(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ size: buffer.size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}

/** A sample of the product, one element of every row, against float64; f32 sums of 512 terms of at most 1. */
function requireProduct(left: Float32Array, right: Float32Array, product: Float32Array): void {
  for (let row = 0; row < SIZE; row++) {
    const column = (row * 37) % SIZE;
    let sum = 0;
    for (let k = 0; k < SIZE; k++) sum += left[row * SIZE + k]! * right[k * SIZE + column]!;
    const error = Math.abs(product[row * SIZE + column]! - sum);
    if (!(error < 1e-3)) throw new Error(`the yardstick's product is off by ${error} in row ${row}`);
  }
}
