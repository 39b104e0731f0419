import { UserError } from '../../config/errors';
import type { RunConfig } from '../../config/runConfig';
import { validateRunConfig } from '../../config/validate';
import { adapterConfig, type Adapter } from '../adapters/adapter';
import { adapterLayout } from '../adapters/layout';
import type { ByteSource } from '../formats/byteSource';
import { fromFloat32, toFloat32 } from '../formats/dtypes';
import { readLlamaConfig } from '../formats/hfConfig';
import { writeLlamaConfig } from '../formats/hfConfigWriter';
import { isJsonObject } from '../formats/jsonFile';
import { openSafetensors, writeSafetensors, type SafetensorsFile } from '../formats/safetensors';
import { readKernelChoice, type KernelChoice } from '../ops/gemm/choice';

/** A run between two steps: all that a resumed run needs to equal an unbroken one. */
export interface Snapshot {
  readonly run: RunConfig;
  /** Optimiser steps done. */
  readonly step: number;
  readonly adapter: Adapter;
  /** AdamW's moments, f32 [P], by adapterLayout. */
  readonly m: Float32Array<ArrayBuffer>;
  readonly v: Float32Array<ArrayBuffer>;
  /** GPU on which it was made: on another one a resumed run is equal only within rounding. */
  readonly gpu: string;
  /** Kernels with which it was made; a resumed run uses the same. */
  readonly kernels: KernelChoice;
}

const VERSION = '1';
const REMEDY = 'use a snapshot that this program wrote, unaltered';

/** A snapshot as a safetensors file: three flat tensors, and everything else in the metadata. */
export function writeSnapshot(snapshot: Snapshot): Uint8Array<ArrayBuffer> {
  const { run, step, adapter, m, v, gpu, kernels } = snapshot;
  const { base, metadata } = adapter;
  const tensor = (name: string, values: Float32Array) => ({
    name,
    dtype: 'F32' as const,
    shape: [values.length],
    bytes: fromFloat32(values, 'F32'),
  });
  return writeSafetensors([tensor('adapter', adapter.values), tensor('adam_m', m), tensor('adam_v', v)], {
    masa_snapshot_version: VERSION,
    run: JSON.stringify(run),
    step: String(step),
    base: JSON.stringify({ ...base, config: writeLlamaConfig(base.config) }),
    notes: JSON.stringify(metadata),
    gpu,
    kernels: JSON.stringify(kernels),
  });
}

/**
 * Reads a snapshot.
 *
 * @throws UserError when the file is not one, or its parts do not fit each other
 */
export async function readSnapshot(source: ByteSource): Promise<Snapshot> {
  const file = await openSafetensors(source);
  const refuse = (problem: string) => new UserError(source.name, problem, REMEDY);
  const note = (key: string) => file.metadata.get(key) ?? '';
  if (note('masa_snapshot_version') !== VERSION) throw refuse('it is not a snapshot of version 1');
  const base = jsonObject(note('base'));
  const step = Number(note('step'));
  if (typeof base.name !== 'string' || !isJsonObject(base.config) || !Number.isInteger(step) || step < 0) {
    throw refuse('its metadata are incomplete');
  }
  const kernels = readKernelChoice(jsonObject(note('kernels')));
  if (kernels === undefined) throw refuse('it names kernels that this version does not have');
  const config = readLlamaConfig(`${source.name}, base`, base.config);
  const run = validateRunConfig(jsonObject(note('run')), { layers: config.layers, software: false });
  const size = adapterLayout(run, config).size;
  const [values, m, v] = await Promise.all(
    ['adapter', 'adam_m', 'adam_v'].map(async (name) => {
      const tensor = await floats(file, name);
      if (tensor?.length !== size) throw refuse(`the tensor ${name} does not have ${size} values`);
      return tensor;
    }),
  );
  if (values === undefined || m === undefined || v === undefined) throw refuse('a tensor is missing');
  const fingerprint = typeof base.fingerprint === 'string' ? base.fingerprint : undefined;
  const metadata = Object.fromEntries(
    Object.entries(jsonObject(note('notes'))).map(([key, value]) => [key, String(value)]),
  );
  return {
    run,
    step,
    adapter: { config: adapterConfig(run), values, base: { name: base.name, fingerprint, config }, metadata },
    m,
    v,
    gpu: note('gpu'),
    kernels,
  };
}

async function floats(file: SafetensorsFile, name: string): Promise<Float32Array<ArrayBuffer> | undefined> {
  if (file.tensors.get(name)?.dtype !== 'F32') return undefined;
  return toFloat32(await file.read(name), 'F32');
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
