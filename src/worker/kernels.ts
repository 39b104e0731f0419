import { isJsonObject } from '../engine/formats/jsonFile';
import type { BaseModel } from '../engine/model/baseModel';
import { isMeasured, type KernelChoice, type Measured } from '../engine/ops/gemm/choice';
import type { TuneOptions } from '../engine/ops/gemm/tune';
import { measurementKey, tuneRun } from '../engine/train/tune';
import type { RunConfig } from '../config/runConfig';

/** File in the origin's private file system. */
const FILE = 'kernels.json';

/** The kernels for a run, with measurements that this browser keeps, by adapter. */
export async function chooseKernels(
  base: BaseModel,
  run: RunConfig,
  options: Pick<TuneOptions, 'onProgress' | 'signal'>,
): Promise<KernelChoice> {
  const cache = await readCache();
  const key = measurementKey(base);
  const known = cache[key] ?? {};
  const { kernels, measured } = await tuneRun(base, run, { known, ...options });
  if (measured !== known) await writeCache({ ...cache, [key]: measured });
  return kernels;
}

/** What was measured so far; nothing where there is no file or not one of ours: it is only a cache. */
async function readCache(): Promise<Readonly<Record<string, Measured>>> {
  try {
    const root = await navigator.storage.getDirectory();
    const file = await (await root.getFileHandle(FILE)).getFile();
    const content: unknown = JSON.parse(await file.text());
    if (!isJsonObject(content)) return {};
    return Object.fromEntries(
      Object.entries(content).filter((entry): entry is [string, Measured] => isMeasured(entry[1])),
    );
  } catch {
    return {};
  }
}

/** Keeps the measurements; a browser that refuses (private windows do) measures again next time. */
async function writeCache(cache: Readonly<Record<string, Measured>>): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    const file = await (await root.getFileHandle(FILE, { create: true })).createWritable();
    await file.write(JSON.stringify(cache));
    await file.close();
  } catch {
    return;
  }
}
