import { UserError } from '../config/errors';
import { readDataset, type Dataset } from '../engine/data/dataset';
import { parseColumns } from '../engine/data/fields';
import type { Tokenizer } from '../engine/data/tokenizer';
import { adapterBase } from '../engine/export/adapterBase';
import { openCheckpoint } from '../engine/formats/openCheckpoint';
import type { GpuDevice, openDevice } from '../engine/gpu/device';
import type { BaseModel, loadBaseModel } from '../engine/model/baseModel';
import type { Checkpoint } from '../engine/model/checkpoint';
import type { Scenario } from '../scenarios/scenario';
import { describeData, describeModel } from './describe';
import type { Subject } from './evaluation';
import type { DataInfo, DeviceInfo, FileSource, ModelInfo, Results } from './protocol';
import { openSingle, openSource, scenarioOf } from './sources';

/** The parts of the engine that bring a model onto a GPU. */
export interface LoadingEngine {
  readonly openDevice: typeof openDevice;
  readonly loadBaseModel: typeof loadBaseModel;
}

/** A checkpoint that was read, and from where. */
export interface LoadedModel {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  readonly source: FileSource;
}

/** A data set that was read, and from where. */
export interface LoadedData {
  readonly dataset: Dataset;
  /** sha256 of the file. */
  readonly hash: string;
  /** The column mapping that it was read with. */
  readonly columns: string | null;
  /** Where it is from, when it is from one. */
  readonly scenario: Scenario | undefined;
  readonly source: FileSource;
}

/** What everything in the worker works on: the device, the model, the data set. */
export class Workbench {
  readonly #engine: LoadingEngine;
  readonly #gpu: GPU | undefined;
  #device: GpuDevice | undefined;
  #model: LoadedModel | undefined;
  #data: LoadedData | undefined;
  #base: { readonly model: BaseModel; readonly of: Checkpoint } | undefined;

  /** @param gpu navigator.gpu, undefined where the browser has none */
  constructor(engine: LoadingEngine, gpu: GPU | undefined) {
    this.#engine = engine;
    this.#gpu = gpu;
  }

  /** Of the device, where there is one. */
  get limits(): GPUSupportedLimits | undefined {
    return this.#device?.device.limits;
  }

  /** Opens the device where there is none. */
  async openDevice(): Promise<DeviceInfo> {
    const { info, device } = await this.#openDevice();
    const { name, fallback } = info;
    return { name, fallback, maxBinding: device.limits.maxStorageBufferBindingSize };
  }

  async #openDevice(): Promise<GpuDevice> {
    if (this.#device !== undefined) return this.#device;
    if (this.#gpu === undefined) {
      throw new UserError(
        'WebGPU',
        'this browser does not offer it to workers',
        'use a current Chrome or Edge',
      );
    }
    const device = await this.#engine.openDevice(this.#gpu);
    this.#device = device;
    void device.lost.then(() => {
      // What lay on it is gone; the next run opens a new device and loads the model again.
      if (this.#device === device) this.#device = this.#base = undefined;
    });
    return device;
  }

  /** Reads a checkpoint; on a problem the one of before stays. */
  async loadModel(source: FileSource): Promise<ModelInfo> {
    const checkpoint = await openCheckpoint(await openSource(source));
    const info = describeModel(checkpoint);
    this.#model = { checkpoint, tokenizer: tokenizerOf(checkpoint), source };
    return info;
  }

  /** Reads a data set; on a problem the one of before stays. */
  async loadData(source: FileSource): Promise<DataInfo> {
    const { tokenizer } = this.model;
    const file = await openSingle(source);
    const { columns } = source;
    const dataset = await readDataset(file, columns === undefined ? undefined : parseColumns(columns));
    const info = describeData(dataset, tokenizer);
    const hash = await sha256(await file.read(0, file.size));
    const scenario = source.kind === 'scenario' ? scenarioOf(source.id) : undefined;
    this.#data = { dataset, hash, columns: columns ?? null, scenario, source };
    return info;
  }

  /** What a run or a comparison would be made from. */
  async materials(): Promise<Results['materials']> {
    const { name, config, fingerprint = '' } = await adapterBase(this.model.checkpoint);
    const { dataset, hash, columns } = this.data;
    return {
      model: { name, config, fingerprint },
      data: { name: dataset.summary.name, sha256: hash, columns },
    };
  }

  /** The base model on the GPU: the one that is there if it is this checkpoint's, else a new one in its place. */
  async loadBase(
    checkpoint: Checkpoint,
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<BaseModel> {
    const device = await this.#openDevice();
    if (this.#base?.of === checkpoint) return this.#base.model;
    this.#base?.model.destroy();
    this.#base = undefined;
    const model = await this.#engine.loadBaseModel(device, checkpoint, onProgress, signal);
    this.#base = { model, of: checkpoint };
    return model;
  }

  /** The base model as somebody to be asked. */
  async baseAlone(
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void = () => undefined,
  ): Promise<Subject> {
    const { checkpoint, tokenizer } = this.model;
    const base = await this.loadBase(checkpoint, onProgress, signal);
    return { base, tokenizer, adapted: undefined };
  }

  /** @throws UserError where none was read */
  get model(): LoadedModel {
    if (this.#model === undefined) throw new UserError('Model', 'none is loaded', 'choose a model first');
    return this.#model;
  }

  /** @throws UserError where none was read */
  get data(): LoadedData {
    if (this.#data === undefined) throw new UserError('Data', 'there is no data set', 'choose one first');
    return this.#data;
  }
}

function tokenizerOf(checkpoint: Checkpoint): Tokenizer {
  if (checkpoint.tokenizer === undefined) {
    throw new UserError(
      checkpoint.name,
      'it brings no tokenizer, so no text can be taught to it',
      'add its tokenizer.json (or tokenizer.bin) and choose it again',
    );
  }
  return checkpoint.tokenizer;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
