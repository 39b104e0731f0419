import { UserError } from '../config/errors';
import type { RunConfig } from '../config/runConfig';
import { runBatches, type PreparedData } from '../engine/data/prepare';
import type { Tokenizer } from '../engine/data/tokenizer';
import type { BaseModel } from '../engine/model/baseModel';
import type { createGenerator, Generator } from '../engine/model/generate';
import { nextStop } from '../engine/train/schedule';
import type { Snapshot } from '../engine/train/snapshot';
import type { createTrainer, StepMetrics, Trainer } from '../engine/train/trainer';
import type { Scenario } from '../scenarios/scenario';
import { breathe } from './breathe';
import type { Subject } from './evaluation';
import { DeviceLost, nothingTrained, sentence } from './faults';
import type { chooseKernels } from './kernels';
import type { BlockNorms, RunEvent } from './protocol';
import { openAsker, scenarioQuestions, type Asker, type AskingEngine } from './questions';
import { RunLog, type LogLine } from './runLog';
import { continueText, samplingCapacity } from './sampling';

/** The parts of the engine that a run drives on the GPU. */
export interface RunEngine extends AskingEngine {
  readonly createTrainer: typeof createTrainer;
  readonly createGenerator: typeof createGenerator;
  readonly chooseKernels: typeof chooseKernels;
}

/** What a run is made of. */
export interface RunMaterials {
  readonly runId: number;
  readonly run: RunConfig;
  readonly prompt: string;
  /** Where the data is from, when it is from one: its watched questions are asked during the run. */
  readonly scenario: Scenario | undefined;
  readonly data: PreparedData;
  /** Name and sha256 of the data file. */
  readonly dataName: string;
  readonly dataHash: string;
  /** The column mapping that the data was read with. */
  readonly columns: string | null;
  readonly tokenizer: Tokenizer;
  /** Puts the base model on the GPU, or gives the one that is there. */
  readonly loadBase: (
    onProgress: (done: number, total: number) => void,
    signal: AbortSignal,
  ) => Promise<BaseModel>;
}

/**
 * One run: base model and kernels, then step after step until it is done, stopped or broken. Everything that
 * uses the GPU takes its turn, so that a sample or an export falls between two steps; between steps the worker
 * hears its messages.
 */
export class TrainingRun {
  readonly #engine: RunEngine;
  readonly materials: RunMaterials;
  readonly #post: (event: RunEvent) => void;
  readonly #abort = new AbortController();
  #active = false;
  #asked: 'pause' | 'stop' | undefined;
  #wake: (() => void) | undefined;
  #turns: Promise<unknown> = Promise.resolve();
  /** Turns that have not begun. */
  #waiting = 0;
  #base: BaseModel | undefined;
  #lost: Promise<never> | undefined;
  #trainer: Trainer | undefined;
  #generator: Generator | undefined;
  #watch: Asker | undefined;
  /** Ends the questions that are being asked. */
  #interrupt: AbortController | undefined;
  #snapshot: Snapshot | undefined;
  readonly #log = new RunLog();

  constructor(engine: RunEngine, materials: RunMaterials, post: (event: RunEvent) => void) {
    this.#engine = engine;
    this.materials = materials;
    this.#post = post;
  }

  get id(): number {
    return this.materials.runId;
  }

  /** Whether the run is under way or paused. */
  get active(): boolean {
    return this.#active;
  }

  get resumable(): number | undefined {
    return this.#active ? undefined : this.#snapshot?.step;
  }

  /** Lines of metrics.jsonl: a line a step, with what was checked after it. */
  get log(): readonly LogLine[] {
    return this.#log.lines;
  }

  /** What it has trained, to be read when no step is under way; undefined where nothing is on the GPU. */
  get subject(): Subject | undefined {
    const [base, trainer] = [this.#base, this.#trainer];
    if (base === undefined || trainer === undefined || trainer.stepsDone === 0) return undefined;
    const adapted = { adapter: trainer.inference, step: trainer.stepsDone };
    return { base, tokenizer: this.materials.tokenizer, adapted };
  }

  /** Starts the run, or goes on from its last snapshot after it broke. Resolves when it is over; never rejects. */
  async execute(): Promise<void> {
    const { runId } = this.materials;
    this.#active = true;
    this.#asked = undefined;
    try {
      const trainer = await this.#open();
      await this.#train(trainer);
      this.#active = false;
      const step = trainer.stepsDone;
      this.#post({ type: 'done', runId, step, stopped: step < this.materials.run.max_steps });
    } catch (error) {
      this.#active = false;
      if (this.#abort.signal.aborted) this.#post({ type: 'done', runId, step: 0, stopped: true });
      else this.#fail(error);
    }
  }

  pause(): void {
    this.#asked ??= 'pause';
    this.#interrupt?.abort();
  }

  resume(): void {
    if (this.#asked === 'pause') this.#asked = undefined;
    this.#wake?.();
  }

  stop(): void {
    this.#asked = 'stop';
    if (this.#trainer === undefined) this.#abort.abort();
    this.#interrupt?.abort();
    this.#wake?.();
  }

  /** Continues a prompt with the base model and with the adapter, between two steps. */
  async sample(prompt: string): Promise<void> {
    await this.#turn(async () => {
      const base = this.#base;
      if (base === undefined || this.#trainer === undefined) throw nothingTrained();
      const generator = await this.#engine.createGenerator(base, this.#capacity(base));
      try {
        await this.#continue('before', 0, prompt, generator);
      } finally {
        generator.destroy();
      }
      await this.#continue('after', this.#trainer.stepsDone, prompt, this.#generator);
    });
  }

  /**
   * Looks at what it has trained when no step is under way: between two steps, in a pause, or after its end. The work
   * only reads, so that the run's bits are the same without it.
   */
  async between<T>(work: (subject: Subject) => Promise<T>): Promise<T> {
    return await this.#turn(async () => {
      if (this.subject === undefined) throw nothingTrained();
      return await work(this.subject);
    });
  }

  /** How large the gradient and the update of each block were in the last step that is done. */
  async blockNorms(): Promise<BlockNorms> {
    return await this.#turn(async () => {
      const trainer = this.#trainer;
      if (trainer === undefined) throw nothingTrained();
      return { norms: await trainer.blockNorms(), step: trainer.stepsDone };
    });
  }

  /** The run as it is now, or (after the device was lost) as it was when it was last saved. */
  async snapshot(): Promise<Snapshot> {
    const trainer = this.#trainer;
    if (trainer !== undefined && trainer.stepsDone > 0 && this.#snapshot?.step !== trainer.stepsDone) {
      await this.#save(trainer);
    }
    if (this.#snapshot === undefined) throw nothingTrained();
    return this.#snapshot;
  }

  /** Frees what the run holds on the GPU; the base model belongs to the session. */
  dispose(): void {
    this.#watch?.destroy();
    this.#generator?.destroy();
    this.#trainer?.destroy();
    this.#watch = undefined;
    this.#generator = undefined;
    this.#trainer = undefined;
  }

  async #open(): Promise<Trainer> {
    const { runId, run, scenario, data, tokenizer, loadBase } = this.materials;
    this.#post({ type: 'loading', runId, done: 0, total: 0 });
    const base = await loadBase((done, total) => {
      this.#post({ type: 'loading', runId, done, total });
    }, this.#abort.signal);
    this.#base = base;
    const lost = base.gpu.lost.then((reason): never => {
      throw new DeviceLost(reason);
    });
    lost.catch(() => undefined); // heard where work is raced against it
    this.#lost = lost;
    this.#post({ type: 'compiling', runId, done: 0, total: 0 });
    const resume = this.#snapshot;
    const report = (done: number, total: number, kernel: string) => {
      this.#post({ type: 'compiling', runId, done, total, kernel });
    };
    const trainer = await this.#turn(async () =>
      this.#engine.createTrainer(base, {
        run,
        batches: runBatches(data, run),
        ...(resume === undefined
          ? {
              kernels: await this.#engine.chooseKernels(base, run, {
                onProgress: (done, total, shape) => {
                  report(done, total, `measuring ${shape}`);
                },
                signal: this.#abort.signal,
              }),
            }
          : { resume }),
        onCompile: report,
      }),
    );
    this.#trainer = trainer;
    this.#generator = await this.#turn(() => trainer.generator(this.#capacity(base)));
    if (scenario !== undefined) {
      const questions = scenarioQuestions(scenario, scenario.watched);
      this.#watch = await this.#turn(() =>
        openAsker(this.#engine, base, tokenizer, questions, trainer.inference),
      );
    }
    this.#abort.signal.throwIfAborted();
    return trainer;
  }

  async #train(trainer: Trainer): Promise<void> {
    const { runId, run, prompt } = this.materials;
    const sample = (when: 'before' | 'after') =>
      this.#turn(() => this.#continue(when, trainer.stepsDone, prompt, this.#generator));
    this.#log.rewind(trainer.stepsDone);
    this.#post({ type: 'running', runId, step: trainer.stepsDone });
    if (trainer.stepsDone === 0 && !this.#stopping()) {
      // Before the first step the adapted model is the base model, to the bit.
      await sample('before');
      await this.#validate(trainer);
      await this.#ask(trainer);
    }
    while (trainer.stepsDone < run.max_steps && !(await this.#held(trainer))) {
      const stop = nextStop(trainer.stepsDone, run);
      await this.#turn(() =>
        trainer.steps(
          stop,
          (point) => this.#record(point),
          () => this.#asked === undefined && this.#waiting === 0,
        ),
      ).catch(async (error: unknown) => {
        // A step that diverged has changed nothing: what was learnt before it can still be exported.
        const diverged = error instanceof UserError && !(error instanceof DeviceLost);
        if (diverged && trainer.stepsDone > 0) await this.#save(trainer).catch(() => undefined);
        throw error;
      });
      const step = trainer.stepsDone;
      if (step === run.max_steps) break;
      if (run.eval_steps > 0 && step % run.eval_steps === 0) {
        await this.#validate(trainer);
        await this.#ask(trainer);
        await sample('after');
      }
      if (run.save_steps > 0 && step % run.save_steps === 0) await this.#save(trainer);
    }
    if (trainer.stepsDone === 0) return; // stopped before it began
    await this.#save(trainer);
    await this.#validate(trainer);
    await this.#ask(trainer);
    await sample('after');
  }

  /** Takes in the metrics of a step, and lets the worker hear its messages before the next one. */
  async #record(point: StepMetrics): Promise<void> {
    const { runId, run } = this.materials;
    this.#log.push(point);
    if (point.step === run.max_steps || point.step % run.logging_steps === 0) {
      this.#post({ type: 'step', runId, point });
    } else {
      this.#post({ type: 'running', runId, step: point.step });
    }
    await breathe();
  }

  /** Waits while the run is paused; true where it is to end. */
  async #held(trainer: Trainer): Promise<boolean> {
    const { runId } = this.materials;
    const step = trainer.stepsDone;
    if (this.#asked === 'pause') {
      await this.#save(trainer);
      this.#post({ type: 'paused', runId, step });
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([woken, ...this.#dangers()]);
      this.#wake = undefined;
      this.#post({ type: 'running', runId, step });
    }
    return this.#stopping();
  }

  // A method, because the compiler does not expect the field to change during an await.
  #stopping(): boolean {
    return this.#asked === 'stop';
  }

  async #validate(trainer: Trainer): Promise<void> {
    const step = trainer.stepsDone;
    if (this.materials.data.validation.length === 0) return;
    const { loss } = await this.#turn(() => trainer.validate());
    this.#log.check(step, { val_loss: loss });
    this.#post({ type: 'validation', runId: this.materials.runId, step, loss });
  }

  /** Asks the watched questions. A pause breaks in, and they are asked anew behind it; a stop does without them. */
  async #ask(trainer: Trainer): Promise<void> {
    const { runId } = this.materials;
    const watch = this.#watch;
    if (watch === undefined) return;
    while (!(await this.#held(trainer))) {
      const { signal } = (this.#interrupt = new AbortController());
      const onProgress = (done: number, total: number) => {
        this.#post({ type: 'asking', runId, done, total });
      };
      try {
        const accuracy = await this.#turn(() => watch.ask({ signal, onProgress }));
        const step = trainer.stepsDone;
        const shares = Object.fromEntries(accuracy.byTask.map(({ id, acc }) => [id, acc]));
        this.#log.check(step, { acc: accuracy.mean.acc, acc_by_task: shares });
        this.#post({ type: 'accuracy', runId, step, ...accuracy });
        return;
      } catch (error) {
        if (!signal.aborted || error !== signal.reason) throw error;
      } finally {
        this.#interrupt = undefined;
      }
    }
  }

  async #save(trainer: Trainer): Promise<void> {
    this.#snapshot = await this.#turn(() => trainer.snapshot());
  }

  async #continue(
    when: 'before' | 'after',
    step: number,
    prompt: string,
    generator: Generator | undefined,
  ): Promise<void> {
    if (generator === undefined || this.#base === undefined) return;
    const { runId, tokenizer } = this.materials;
    const room = this.#capacity(this.#base);
    for await (const { text, complete } of continueText(generator, tokenizer, prompt, room)) {
      this.#post({ type: 'sample', runId, when, step, text, complete });
    }
  }

  #capacity(base: BaseModel): number {
    return samplingCapacity(base.config);
  }

  /** Does GPU work when all work before it is done; rejects at once when the device is lost. */
  #turn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const guarded = () => {
      this.#waiting--;
      return Promise.race([work(), ...this.#dangers()]);
    };
    const turn = this.#turns.then(guarded, guarded);
    this.#turns = turn.catch(() => undefined);
    return turn;
  }

  /** What ends a wait early: the loss of the device. */
  #dangers(): Promise<never>[] {
    return this.#lost === undefined ? [] : [this.#lost];
  }

  #fail(error: unknown): void {
    const { runId } = this.materials;
    this.dispose();
    this.#post({ type: 'failed', runId, message: sentence(error), resumable: this.#snapshot?.step });
  }
}
