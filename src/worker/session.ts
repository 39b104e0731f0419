import { UserError } from '../config/errors';
import { prepareData } from '../engine/data/prepare';
import type { RunArchive } from './archive';
import { exportZip } from './bundle';
import { Chat, unlessStopped } from './chat';
import type { ChatCommand } from './chatProtocol';
import { describePrepared } from './describe';
import { Errand } from './errand';
import { evaluate, readQuestions } from './evaluation';
import { expertPoints, inspectExperts, type InspectingEngine } from './experts';
import { nothingTrained } from './faults';
import { askBase, openJob, runJob, type JobMaterials } from './job';
import { keptRun, newRun, readKept, requireExamples, requireItsOwn, type RunSite } from './makeRun';
import { planRun } from './plan';
import {
  unreachable,
  type Command,
  type CommandType,
  type ExportFile,
  type Results,
  type RunEvent,
} from './protocol';
import { TrainingRun, type RunStart } from './run';
import type { RunEngine } from './runParts';
import { Workbench, type LoadingEngine } from './workbench';

/** The parts of the engine that need a GPU; a test brings its own. */
export type SessionEngine = LoadingEngine & RunEngine & InspectingEngine;

type LookCommand = Extract<Command, { type: 'inspectExperts' | 'expertPoints' }>;

const COMPARING = 'a comparison is running';
const WRITING = 'the model is writing';

/**
 * What the worker knows between commands: what lies on its workbench, and the run. A command that fails leaves
 * everything as it was.
 */
export class Session {
  readonly #engine: SessionEngine;
  readonly #bench: Workbench;
  readonly #site: RunSite;
  readonly #post: (event: RunEvent) => void;
  readonly #chat: Chat;
  /** Settles when the last reply is over. */
  #writing: Promise<unknown> = Promise.resolve();
  #run: TrainingRun | undefined;
  readonly #errand = new Errand();

  /**
   * @param gpu navigator.gpu, undefined where the browser has none
   * @param archive where runs are kept
   */
  constructor(
    engine: SessionEngine,
    gpu: GPU | undefined,
    post: (event: RunEvent) => void,
    archive?: RunArchive,
  ) {
    this.#engine = engine;
    this.#bench = new Workbench(engine, gpu);
    this.#post = post;
    this.#site = { engine, bench: this.#bench, post, archive };
    this.#chat = new Chat(engine, post);
  }

  /**
   * Carries out one command; the result is the one that `Results` names for it.
   *
   * @throws UserError for what the user can cure
   */
  async handle(command: Command): Promise<Results[CommandType]> {
    switch (command.type) {
      case 'openDevice':
        return await this.#bench.openDevice();
      case 'loadModel':
        return await this.#bench.loadModel(command.source);
      case 'loadData':
        return await this.#bench.loadData(command.source);
      case 'plan':
        return planRun(this.#bench.model.checkpoint, command.run, this.#bench.limits);
      case 'train':
        await this.#hush();
        this.#requireIdle('Train');
        this.#begin(newRun(this.#site, command));
        return undefined;
      case 'continueRun':
        await this.#hush();
        await this.#continueKept(command);
        return undefined;
      case 'pause':
        this.#runOf(command.runId).pause();
        return undefined;
      case 'resume':
        this.#resume(this.#runOf(command.runId));
        return undefined;
      case 'step':
        this.#runOf(command.runId).step();
        return undefined;
      case 'stop':
        this.#runOf(command.runId).stop();
        return undefined;
      case 'setLearningRate':
        await this.#runOf(command.runId).setLearningRate(command.learning_rate);
        return undefined;
      case 'sample':
        await this.#runOf(command.runId).sample(command.prompt);
        return undefined;
      case 'export':
        return await this.#export(this.#runOf(command.runId));
      case 'exportKept':
        return await this.#exportKept(command.id);
      case 'loadQuestions':
        return (await readQuestions(command.source))?.info;
      case 'evaluate':
        return await this.#evaluate(command);
      case 'stopEvaluation':
        this.#errand.stop();
        return undefined;
      case 'inspectExperts':
      case 'expertPoints':
        return await this.#look(command);
      case 'blockNorms':
        return await this.#runOf(command.runId).blockNorms();
      case 'stopLook':
        this.#errand.stop();
        return undefined;
      case 'chat':
        return await this.#reply(command);
      case 'stopChat':
        this.#errand.stop(WRITING);
        return undefined;
      case 'materials':
        return await this.#bench.materials();
      case 'runJob':
        return await this.#runJob(command);
      case 'askBase':
        return await this.#askBase(command);
      case 'stopJob':
        this.#errand.stop();
        return undefined;
      default:
        return unreachable(command);
    }
  }

  async #continueKept(command: Extract<Command, { type: 'continueRun' }>): Promise<void> {
    const [archive, kept] = await readKept(this.#site.archive, command.id);
    await requireItsOwn(this.#bench, kept);
    this.#requireIdle('Continue');
    const run = keptRun(this.#site, archive, kept, command);
    this.#begin(run, { snapshot: kept.snapshot, paused: command.paused });
  }

  #begin(run: TrainingRun, start?: RunStart): void {
    this.#run?.close();
    this.#run = run;
    const { runId, data } = run.materials;
    this.#post({ type: 'prepared', runId, data: describePrepared(data) });
    void run.execute(start);
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
    this.#errand.requireNone(what);
  }

  /** Does something long beside which nothing else may use the GPU; undefined where it was stopped. */
  async #alone<T>(name: string, what: string, work: (signal: AbortSignal) => Promise<T>) {
    this.#requireIdle(name);
    return await this.#errand.run(what, work);
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
      const subject = this.#run?.subject ?? (await this.#bench.baseAlone(signal));
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
    this.#errand.requireNone('Experts');
    const onProgress = (done: number, total: number) => {
      this.#post({ type: 'looking', runId, done, total });
    };
    return await this.#errand.run('the experts are being looked at', (signal) =>
      run.between(async (subject) => {
        const inspected = { subject, materials: run.materials };
        const options = { onProgress, signal };
        return command.type === 'inspectExperts'
          ? await inspectExperts(this.#engine, inspected, command, options)
          : await expertPoints(this.#engine, inspected, command, options);
      }),
    );
  }

  /** Base and adapter write between two steps of a run, in a pause or after its end; without one the base alone. */
  async #reply(command: ChatCommand): Promise<Results['chat']> {
    this.#errand.requireNone('Chat');
    const { id } = command;
    const run = this.#run;
    const writing = this.#errand.run(WRITING, async (signal) => {
      this.#post({ type: 'chatStage', id, stage: 'waiting', done: 0, total: 0 });
      const alone = async () => {
        const base = await this.#bench.baseAlone(signal, (done, total) => {
          this.#post({ type: 'chatStage', id, stage: 'loading', done, total });
        });
        return await this.#chat.reply(command, base, signal);
      };
      if (run === undefined) return await alone();
      return await unlessStopped(signal, (isOver) =>
        run.aside(async (subject) => {
          isOver();
          if (subject !== undefined) return await this.#chat.reply(command, subject, signal);
          if (run.active)
            throw new UserError('Chat', 'the run is being prepared', 'try again when it trains');
          return await alone();
        }),
      );
    });
    this.#writing = writing.catch(() => undefined);
    return await writing;
  }

  /** What comes now needs the GPU for itself: the reply under way ends, and what it holds is freed. */
  async #hush(): Promise<void> {
    this.#errand.stop(WRITING);
    await this.#writing;
    this.#chat.close();
  }

  async #runJob({ job, questions }: Extract<Command, { type: 'runJob' }>): Promise<Results['runJob']> {
    const data = prepareData(this.#bench.data.dataset, this.#bench.model.tokenizer, job.run);
    requireExamples(data);
    return await this.#alone('Comparison', COMPARING, async (signal) =>
      runJob(job, data, await this.#openJob(job.id, questions, signal)),
    );
  }

  async #askBase({ id, questions }: Extract<Command, { type: 'askBase' }>): Promise<Results['askBase']> {
    return await this.#alone('Comparison', COMPARING, async (signal) =>
      askBase(await this.#openJob(id, questions, signal)),
    );
  }

  #openJob(id: string, questions: number | undefined, signal: AbortSignal): Promise<JobMaterials> {
    return openJob(this.#site, id, questions, signal);
  }

  async #export(run: TrainingRun): Promise<ExportFile> {
    const snapshot = await run.snapshot();
    const { scenario, dataName: name, dataHash: sha256, columns } = run.materials;
    const data = { name, sha256, columns };
    return await exportZip({ snapshot, scenario: scenario?.id ?? null, data, log: run.log });
  }

  async #exportKept(id: string): Promise<ExportFile> {
    const [, { run, snapshot, log }] = await readKept(this.#site.archive, id);
    if (snapshot === undefined) throw nothingTrained();
    return await exportZip({ snapshot, scenario: run.scenario ?? null, data: run.data, log });
  }

  #runOf(runId: number): TrainingRun {
    if (this.#run?.id !== runId) throw new UserError('Run', 'it is no longer there', 'train again');
    return this.#run;
  }
}
