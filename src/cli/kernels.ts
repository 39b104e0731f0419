import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '../config/errors';
import type { RunConfig } from '../config/runConfig';
import {
  canRun,
  measurementKey,
  readKernelChoice,
  tuneRun,
  type BaseModel,
  type KernelChoice,
} from '../engine';
import { isJsonObject, readJsonObject } from '../engine/formats/jsonFile';
import { isFileSet } from '../engine/formats/recognise';
import { GEMM_VARIANTS, isMeasured, pinnedKernels, type Measured } from '../engine/ops/gemm/choice';
import type { FlagSpec } from './commandSpec';
import { writeWhole } from './disk';
import { openPath } from './files';

export const KERNELS: FlagSpec = {
  key: 'kernels',
  value: 'auto|usual|measure|FILE',
  hint: 'which kernels compute: measured where that pays (auto), the usual ones of this adapter, measured in any case, those of a run.json, or one by name such as "tile 32x32" (default auto)',
};

/**
 * The kernels that `--kernels` asks for. Measurements are kept in the user's cache folder (or in MASA_CACHE), by
 * adapter.
 *
 * @throws UserError when a file names none, or some that this adapter cannot run
 */
export async function chooseKernels(
  wish: string,
  base: BaseModel,
  run: RunConfig,
  onProgress: (done: number, total: number, name: string) => void,
  signal: AbortSignal,
): Promise<KernelChoice> {
  const named = GEMM_VARIANTS.find((variant) => variant === wish);
  if (named !== undefined) return pinnedKernels(base.kernels, named);
  if (wish === 'usual') return base.kernels;
  if (wish !== 'auto' && wish !== 'measure') return await kernelsOf(wish, base);
  const cache = await readCache();
  const key = measurementKey(base);
  const known = cache[key] ?? {};
  const measure = wish === 'measure' ? true : undefined;
  const { kernels, measured } = await tuneRun(base, run, { known, measure, onProgress, signal });
  if (measured !== known) await writeCache({ ...cache, [key]: measured });
  return kernels;
}

async function kernelsOf(path: string, { gpu }: BaseModel): Promise<KernelChoice> {
  const source = await openPath(path);
  if (isFileSet(source)) throw new UserError(path, 'this is a folder', 'give the run.json in it');
  const content = await readJsonObject(source);
  const choice = readKernelChoice(content['kernels'] ?? content);
  if (choice === undefined) {
    const problem = 'it names no kernels of this version';
    throw new UserError(path, problem, 'give the run.json of a run of this version');
  }
  if (!canRun(choice, gpu)) {
    throw new UserError(path, 'its kernels cannot run on this adapter', 'use --kernels auto');
  }
  return choice;
}

function cachePath(): string {
  const { MASA_CACHE, XDG_CACHE_HOME } = process.env;
  return join(MASA_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'masa'), 'kernels.json');
}

/** What was measured so far; nothing where the file is missing or not what we wrote: it is only a cache. */
async function readCache(): Promise<Readonly<Record<string, Measured>>> {
  try {
    const content: unknown = JSON.parse(await readFile(cachePath(), 'utf8'));
    if (!isJsonObject(content)) return {};
    return Object.fromEntries(
      Object.entries(content).filter((entry): entry is [string, Measured] => isMeasured(entry[1])),
    );
  } catch {
    return {};
  }
}

/** Keeps the measurements; where the folder cannot be written they are made again next time. */
async function writeCache(cache: Readonly<Record<string, Measured>>): Promise<void> {
  const path = cachePath();
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, `${JSON.stringify(cache, null, 2)}\n`);
  } catch {
    return;
  }
}
