import type { RunConfig } from '../../config/runConfig';
import { allocate } from '../gpu/buffers';
import type { GpuDevice } from '../gpu/device';
import { completePlan, openWorkspace } from '../gpu/workspace';
import type { InferenceAdapter } from '../model/decoder';
import type { LlamaConfig } from '../model/llamaConfig';
import { adapterLayout, adapterScale, type AdapterLayout, type AdapterShapeConfig } from './layout';
import { adapterActivations, adapterHook } from './block';
import { ADAPTER, adapterBuffers, adapterTables, presumLaunches } from './lowRankLayout';

/** What inference needs to know of an adapter's settings. */
export type AdapterSettings = AdapterShapeConfig & Pick<RunConfig, 'lora_alpha' | 'top_k'>;

/** An adapter's passes without dropout, over buffers that somebody owns. */
export function inferenceAdapter(
  config: LlamaConfig,
  settings: AdapterSettings,
  buffer: (name: string) => GPUBuffer | undefined,
): InferenceAdapter {
  const layout = adapterLayout(settings, config);
  const scale = adapterScale(settings);
  const options = {
    config,
    layout,
    r: settings.r,
    scale,
    dropout: 0,
    perExpert: false,
    topK: settings.top_k,
    balance: 0,
    keep: false,
  };
  return {
    hook: (rows) => adapterHook({ ...options, rows }),
    scratch: (rows) => adapterActivations({ ...options, rows }),
    buffer,
  };
}

/** An adapter of its own on the GPU, to be destroyed by whoever attached it. */
export interface AttachedAdapter extends InferenceAdapter {
  destroy(): void;
}

/**
 * Uploads an adapter's values and derives from them what its passes read.
 *
 * @param values f32 [P], by adapterLayout
 */
export async function attachAdapter(
  gpu: GpuDevice,
  config: LlamaConfig,
  settings: AdapterSettings,
  values: Float32Array<ArrayBuffer>,
): Promise<AttachedAdapter> {
  const layout = adapterLayout(settings, config);
  if (values.length !== layout.size) throw new Error(`${values.length} values for ${layout.size} weights`);
  const specs = adapterBuffers(layout);
  const names = new Set(specs.map((spec) => spec.name));
  const buffers = await allocate(gpu.device, specs);
  gpu.device.queue.writeBuffer(buffers.get(ADAPTER.values.buffer), 0, values);
  const find = (name: string) => (names.has(name) ? buffers.get(name) : undefined);
  try {
    await derive(gpu, layout, find);
  } catch (error) {
    buffers.destroy();
    throw error;
  }
  return {
    ...inferenceAdapter(config, settings, find),
    destroy: () => {
      buffers.destroy();
    },
  };
}

async function derive(
  gpu: GpuDevice,
  layout: AdapterLayout,
  find: (name: string) => GPUBuffer | undefined,
): Promise<void> {
  const tables = adapterTables(layout);
  if (tables.size === 0) return;
  for (const [name, table] of tables) {
    const buffer = find(name);
    if (buffer !== undefined) gpu.device.queue.writeBuffer(buffer, 0, table);
  }
  const plan = completePlan([], { presum: presumLaunches(layout) });
  const workspace = await openWorkspace(gpu, plan, { shared: find });
  workspace.run(['presum'], {});
  workspace.destroy();
}
