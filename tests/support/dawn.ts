import { afterAll, describe, test } from 'vitest';
import { create, globals } from 'webgpu';
import { dozeWhileWaiting } from '../../src/cli/doze';
import { selectDriver } from '../../src/setup/vulkan.mjs';

/**
 * WebGPU in Node for the tests: Dawn on a real GPU or a software driver, found as `npm test` finds it.
 *
 * Vitest gives every test file a process of its own, so a device left open by one file cannot disturb another; those
 * opened here are destroyed after each block, because Dawn keeps its process alive as long as it waits for one.
 */
const required = process.env.CI === 'true';
const openDevices = new Set<GPUDevice>();
const gpu = await openGpu();

/** The GPU object for the engine; undefined where Dawn finds no adapter. The same object for a whole test file. */
export function testGpu(): Promise<GPU | undefined> {
  return Promise.resolve(gpu);
}

/**
 * `describe` for tests that need a GPU: skipped visibly where there is none, failing in continuous integration.
 * Every device that the tests open is destroyed after the block.
 */
export function describeGpu(name: string, body: () => void): void {
  if (gpu !== undefined) {
    describe(name, () => {
      afterAll(destroyDevices);
      body();
    });
  } else if (required) {
    test(`${name}: a WebGPU adapter is required`, () => {
      throw new Error('Dawn finds no adapter; run `npm test`, which installs a software driver or says how.');
    });
  } else {
    describe.skip(`${name} (skipped: Dawn finds no graphics driver; \`npm test\` says how to get one)`, body);
  }
}

function destroyDevices(): void {
  for (const device of openDevices) device.destroy();
  openDevices.clear();
}

async function openGpu(): Promise<GPU | undefined> {
  selectDriver();
  Object.assign(globalThis, globals);
  const dawn = create([]);
  // Dawn crashes the process when its instance is collected before the end.
  Object.assign(globalThis, { dawnInstance: dawn });
  if ((await dawn.requestAdapter()) === null) return undefined;
  recordDevices();
  dozeWhileWaiting();
  return dawn;
}

function recordDevices(): void {
  const { prototype } = GPUAdapter;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
  const request = prototype.requestDevice;
  prototype.requestDevice = async function (this: GPUAdapter, descriptor) {
    const device = await request.call(this, descriptor);
    openDevices.add(device);
    return device;
  };
}
