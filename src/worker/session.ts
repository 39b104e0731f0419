import { UserError } from '../config/errors';
import { validateRunConfig } from '../config/validate';
import { readDataset, type Dataset } from '../engine/data/dataset';
import { parseColumns } from '../engine/data/fields';
import { prepareData, type PreparedData } from '../engine/data/prepare';
import type { Tokenizer } from '../engine/data/tokenizer';
import { adapterBase } from '../engine/export/adapterBase';
import { openCheckpoint } from '../engine/formats/openCheckpoint';
import type { GpuDevice, openDevice } from '../engine/gpu/device';
import type { BaseModel, loadBaseModel } from '../engine/model/baseModel';
import type { Checkpoint } from '../engine/model/checkpoint';
import type { Scenario } from '../scenarios/scenario';
import { exportZip } from './bundle';
import { describeData, describeModel, describePrepared } from './describe';
import { evaluate, readQuestions, type Subject } from './evaluation';
import { expertPoints, inspectExperts, type InspectingEngine } from './experts';
import { askBase, runJob, type JobMaterials } from './job';
import { planRun } from './plan';
import {
  unreachable,
  type Command,
  type CommandType,
  type DataInfo,
  type DeviceInfo,
  type ExportFile,
  type FileSource,
  type ModelInfo,
  type Results,
  type RunEvent,
} from './protocol';
import { TrainingRun, type RunEngine } from './run';
import { openSingle, openSource, scenarioOf } from './sources';

/** The parts of the engine that need a GPU; a test brings its own. */
export interface SessionEngine extends RunEngine, InspectingEngine {
  readonly openDevice: typeof openDevice;
  readonly loadBaseModel: typeof loadBaseModel;
}

type LookCommand = Extract<Command, { type: 'inspectExperts' | 'expertPoints' }>;

const COMPARING = 'a comparison is running';

/**
 * What the worker knows between commands: device, model, data set, and the run. A command that fails leaves
 * everything as it was.
 */
export class Session {
  readonly #engine: SessionEngine;
  readonly #gpu: GPU | undefined;
  readonly #post: (event: RunEvent) => void;
  #device: GpuDevice | undefined;
  #checkpoint: Checkpoint | undefined;
  #dataset: Dataset | undefined;
  #dataHash = '';
  #columns: string | null = null;
  /** Where the data set is from, when it is from one. */
  #scenario: Scenario | undefined;
  #base: { readonly model: BaseModel; readonly of: Checkpoint } | undefined;
  #run: TrainingRun | undefined;
  /** What else than a run uses the GPU, in words, and how to end it. */
  #errand: { readonly what: string; readonly abort: AbortController } | undefined;

  /** @param gpu navigator.gpu, undefined where the browser has none */
  constructor(engine: SessionEngine, gpu: GPU | undefined, post: (event: RunEvent) => void) {
    this.#engine = engine;
    this.#gpu = gpu;
    this.#post = post;
  }

  /**
   * Carries out one command; the result is the one that `Results` names for it.
   *
   * @throws UserError for what the user can cure
   */
  async handle(command: Command): Promise<Results[CommandType]> {
    switch (command.type) {
      case 'openDevice':
        return describeDevice(await this.#openDevice());
      case 'loadModel':
        return await this.#loadModel(command.source);
      case 'loadData':
        return await this.#loadData(command.source);
      case 'plan':
        return planRun(this.#needCheckpoint(), command.run, this.#device?.device.limits);
      case 'train':
        this.#train(command);
        return undefined;
      case 'pause':
        this.#runOf(command.runId).pause();
        return undefined;
      case 'resume':
        this.#resume(this.#runOf(command.runId));
        return undefined;
      case 'stop':
        this.#runOf(command.runId).stop();
        return undefined;
      case 'sample':
        await this.#runOf(command.runId).sample(command.prompt);
        return undefined;
      case 'export':
        return await this.#export(this.#runOf(command.runId));
      case 'loadQuestions':
        return (await readQuestions(command.source))?.info;
      case 'evaluate':
        return await this.#evaluate(command);
      case 'stopEvaluation':
        this.#errand?.abort.abort();
        return undefined;
      case 'inspectExperts':
      case 'expertPoints':
        return await this.#look(command);
      case 'blockNorms':
        return await this.#runOf(command.runId).blockNorms();
      case 'stopLook':
        this.#errand?.abort.abort();
        return undefined;
      case 'materials':
        return await this.#materials();
      case 'runJob':
        return await this.#runJob(command);
      case 'askBase':
        return await this.#askBase(command);
      case 'stopJob':
        this.#errand?.abort.abort();
        return undefined;
      default:
        return unreachable(command);
    }
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

  async #loadModel(source: FileSource): Promise<ModelInfo> {
    const checkpoint = await openCheckpoint(await openSource(source));
    const info = describeModel(checkpoint);
    tokenizerOf(checkpoint);
    this.#checkpoint = checkpoint;
    return info;
  }

  async #loadData(source: FileSource): Promise<DataInfo> {
    const tokenizer = tokenizerOf(this.#needCheckpoint());
    const file = await openSingle(source);
    const { columns } = source;
    const dataset = await readDataset(file, columns === undefined ? undefined : parseColumns(columns));
    const info = describeData(dataset, tokenizer);
    this.#dataHash = await sha256(await file.read(0, file.size));
    this.#columns = columns ?? null;
    this.#scenario = source.kind === 'scenario' ? scenarioOf(source.id) : undefined;
    this.#dataset = dataset;
    return info;
  }

  #train({ runId, run: settings, prompt }: Extract<Command, { type: 'train' }>): void {
    this.#requireIdle('Train');
    const checkpoint = this.#needCheckpoint();
    const tokenizer = tokenizerOf(checkpoint);
    const dataset = this.#needData();
    const run = validateRunConfig(settings, { layers: checkpoint.config.layers });
    const data = prepareData(dataset, tokenizer, run);
    requireExamples(data);
    this.#run?.dispose();
    this.#run = new TrainingRun(
      this.#engine,
      {
        runId,
        run,
        prompt,
        scenario: this.#scenario,
        data,
        dataName: dataset.summary.name,
        dataHash: this.#dataHash,
        columns: this.#columns,
        tokenizer,
        loadBase: (onProgress, signal) => this.#loadBase(checkpoint, onProgress, signal),
      },
      this.#post,
    );
    this.#post({ type: 'prepared', runId, data: describePrepared(data) });
    void this.#run.execute();
  }

  #resume(run: TrainingRun): void {
    if (run.active) {
      run.resume();
      return;
    }
    if (run.resumable === undefined) {
      throw new UserError('Resume', 'there is no snapshot to go on from', 'train again');
    }
    this.#requireIdle('Resume');
    void run.execute();
  }

  /** The adapter must not change, nor the base model go, while questions are asked. */
  #requireIdle(what: string): void {
    if (this.#run?.active === true) throw new UserError(what, 'a run is under way', 'stop it first');
    this.#requireNoErrand(what);
  }

  #requireNoErrand(what: string): void {
    if (this.#errand !== undefined) throw new UserError(what, this.#errand.what, 'stop that first');
  }

  /** Does something long beside which nothing else may use the GPU; undefined where it was stopped. */
  async #alone<T>(name: string, what: string, work: (signal: AbortSignal) => Promise<T>) {
    this.#requireIdle(name);
    return await this.#errandOf(what, work);
  }

  /** The same, for what gets on with a run. */
  async #errandOf<T>(what: string, work: (signal: AbortSignal) => Promise<T>) {
    const abort = new AbortController();
    this.#errand = { what, abort };
    try {
      return await work(abort.signal);
    } catch (error) {
      if (abort.signal.aborted && error === abort.signal.reason) return undefined;
      throw error;
    } finally {
      this.#errand = undefined;
    }
  }

  async #evaluate({ runId, source }: Extract<Command, { type: 'evaluate' }>): Promise<Results['evaluate']> {
    return await this.#alone('Questions', 'questions are being asked', async (signal) => {
      const read = await readQuestions(source);
      if (read === undefined) {
        throw new UserError(
          source.name,
          'no questions are recognised in it',
          'give MMLU, BBH or GSM8K files',
        );
      }
      const subject = this.#run?.subject ?? (await this.#baseAlone(signal));
      const onProgress = (done: number, total: number) => {
        this.#post({ type: 'evaluating', runId, done, total });
      };
      const { before, after } = await evaluate(this.#engine, subject, read.questions, { onProgress, signal });
      const step = subject.adapted?.step ?? 0;
      return {
        questions: read.info,
        model: subject.base.name,
        before,
        after: after === undefined ? undefined : { ...after, step },
      };
    });
  }

  /** Unlike other errands this one takes its turn between the steps of a run that is under way. */
  async #look(command: LookCommand): Promise<Results[LookCommand['type']]> {
    const { runId } = command;
    const run = this.#runOf(runId);
    this.#requireNoErrand('Experts');
    const onProgress = (done: number, total: number) => {
      this.#post({ type: 'looking', runId, done, total });
    };
    return await this.#errandOf('the experts are being looked at', (signal) =>
      run.between(async (subject) => {
        const inspected = { subject, materials: run.materials };
        const options = { onProgress, signal };
        return command.type === 'inspectExperts'
          ? await inspectExperts(this.#engine, inspected, command, options)
          : await expertPoints(this.#engine, inspected, command, options);
      }),
    );
  }

  async #materials(): Promise<Results['materials']> {
    const { name, config, fingerprint = '' } = await adapterBase(this.#needCheckpoint());
    const data = { name: this.#needData().summary.name, sha256: this.#dataHash, columns: this.#columns };
    return { model: { name, config, fingerprint }, data };
  }

  async #runJob({ job, questions }: Extract<Command, { type: 'runJob' }>): Promise<Results['runJob']> {
    const data = prepareData(this.#needData(), tokenizerOf(this.#needCheckpoint()), job.run);
    requireExamples(data);
    return await this.#alone('Comparison', COMPARING, async (signal) =>
      runJob(job, data, await this.#jobMaterials(job.id, questions, signal)),
    );
  }

  async #askBase({ id, questions }: Extract<Command, { type: 'askBase' }>): Promise<Results['askBase']> {
    return await this.#alone('Comparison', COMPARING, async (signal) =>
      askBase(await this.#jobMaterials(id, questions, signal)),
    );
  }

  async #jobMaterials(id: string, limit: number | undefined, signal: AbortSignal): Promise<JobMaterials> {
    const checkpoint = this.#needCheckpoint();
    const scenario = this.#scenario;
    const onProgress: JobMaterials['onProgress'] = (progress) => {
      this.#post({ type: 'job', id, ...progress });
    };
    const base = await this.#loadBase(
      checkpoint,
      (done, total) => {
        onProgress({ stage: 'loading', done, total });
      },
      signal,
    );
    const questions = scenario === undefined || limit === undefined ? undefined : { scenario, limit };
    const tokenizer = tokenizerOf(checkpoint);
    return { engine: this.#engine, base, tokenizer, questions, onProgress, signal };
  }

  async #baseAlone(signal: AbortSignal): Promise<Subject> {
    const checkpoint = this.#needCheckpoint();
    const base = await this.#loadBase(checkpoint, () => undefined, signal);
    return { base, tokenizer: tokenizerOf(checkpoint), adapted: undefined };
  }

  async #export(run: TrainingRun): Promise<ExportFile> {
    const snapshot = await run.snapshot();
    const { scenario, dataName: name, dataHash: sha256, columns } = run.materials;
    // After a loss of the device the log reaches further than the snapshot.
    const log = run.log.filter((line) => line.step <= snapshot.step);
    return await exportZip({
      snapshot,
      scenario: scenario?.id ?? null,
      data: { name, sha256, columns },
      log,
    });
  }

  /** The base model on the GPU: the one that is there if it is this checkpoint's, else a new one in its place. */
  async #loadBase(
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

  #needCheckpoint(): Checkpoint {
    if (this.#checkpoint === undefined)
      throw new UserError('Model', 'none is loaded', 'choose a model first');
    return this.#checkpoint;
  }

  #needData(): Dataset {
    if (this.#dataset === undefined) throw new UserError('Data', 'there is no data set', 'choose one first');
    return this.#dataset;
  }

  #runOf(runId: number): TrainingRun {
    if (this.#run?.id !== runId) throw new UserError('Run', 'it is no longer there', 'train again');
    return this.#run;
  }
}

function requireExamples({ train }: PreparedData): void {
  if (train.length > 0) return;
  throw new UserError('val_size', 'it leaves nothing to train on', 'give a smaller part or more data');
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

function describeDevice({ info, device }: GpuDevice): DeviceInfo {
  const { name, fallback } = info;
  return { name, fallback, maxBinding: device.limits.maxStorageBufferBindingSize };
}
