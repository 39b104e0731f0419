import { unzipSync, zipSync, type Zippable } from 'fflate';
import { version } from '../../package.json';
import { writeNativeAdapter } from '../engine/export/nativeAdapter';
import { verifyPeft, writePeft } from '../engine/export/peft';
import { memorySource, type ByteSource } from '../engine/formats/byteSource';
import { NATIVE_ADAPTER_FILE } from '../engine/formats/recognise';
import { writeSnapshot, type Snapshot } from '../engine/train/snapshot';
import type { ExportFile } from './protocol';
import type { LogLine } from './runLog';

/** What is exported of a run. */
export interface Exported {
  readonly snapshot: Snapshot;
  /** Id of the scenario that the data is from, when it is from one. */
  readonly scenario: string | null;
  readonly data: { readonly name: string; readonly sha256: string; readonly columns: string | null };
  /** Lines of metrics.jsonl; those after the snapshot are left out. */
  readonly log: readonly LogLine[];
}

const PEFT_FOLDER = 'adapter/';
const SNAPSHOT_FILE = 'snapshot.safetensors';

/**
 * The zip that the page hands out: the PEFT folder, and beside it the files of a run as `masa train` writes them,
 * so that `masa train --resume` can go on with it. It is opened again and its PEFT folder compared with the
 * adapter bit by bit before it leaves the worker.
 */
export async function exportZip({ snapshot, scenario, data, log }: Exported): Promise<ExportFile> {
  const { adapter, run, step, gpu, kernels } = snapshot;
  const { name, fingerprint } = adapter.base;
  const encode = new TextEncoder();
  // After a loss of the device the log reaches further than the snapshot.
  const lines = log.filter((line) => line.step <= step);
  const record = {
    config: run,
    base: { name, fingerprint },
    scenario,
    data,
    gpu: { name: gpu },
    kernels,
    versions: { masa: version },
    results: { steps: step },
  };
  const files: Zippable = {
    'run.json': encode.encode(`${JSON.stringify(record, null, 2)}\n`),
    'metrics.jsonl': encode.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
    // Floats hardly shrink.
    [NATIVE_ADAPTER_FILE]: [writeNativeAdapter(adapter), { level: 0 }],
    [SNAPSHOT_FILE]: [writeSnapshot(snapshot), { level: 0 }],
  };
  for (const [file, bytes] of writePeft(adapter)) {
    files[PEFT_FOLDER + file] = file.endsWith('.safetensors') ? [bytes, { level: 0 }] : bytes;
  }
  const bytes = zipSync(files);
  await verifyPeft(peftFolder(bytes), adapter);
  return { name: `${fileName(name)}-${run.method}-${step}-steps.zip`, bytes, usage: usage(name) };
}

function peftFolder(zip: Uint8Array<ArrayBuffer>) {
  const files = new Map<string, ByteSource>();
  for (const [path, bytes] of Object.entries(unzipSync(zip))) {
    if (path.startsWith(PEFT_FOLDER)) {
      const name = path.slice(PEFT_FOLDER.length);
      files.set(name, memorySource(name, bytes));
    }
  }
  return { name: PEFT_FOLDER, files };
}

function usage(base: string): string {
  return `from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained(${JSON.stringify(base)})  # path or name of the base model
model = PeftModel.from_pretrained(base, "adapter")`;
}

function fileName(text: string): string {
  return text.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'adapter';
}
