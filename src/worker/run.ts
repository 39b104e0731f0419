import { UserError } from '../config/errors';
import { nextStop } from '../engine/train/schedule';
import type { RunConfig } from '../config/runConfig';
import { validateRunConfig } from '../config/validate';
import type { Snapshot } from '../engine/train/snapshot';
import type { StepMetrics } from '../engine/train/metrics';
import type { Trainer } from '../engine/train/trainer';
import { breathe } from './breathe';
import type { Subject } from './evaluation';
import { DeviceLost, nothingTrained, sentence } from './faults';
import type { Keeper } from './keeper';
import type { BlockNorms, RunEvent } from './protocol';
import { RunChecks } from './runChecks';
import { RunControl } from './runControl';
import { RunLog, type LogLine } from './runLog';
import { openParts, type RunEngine, type RunMaterials, type RunParts } from './runParts';
import { samplingCapacity } from './sampling';
import { Turns } from './turns';

/** Where a run that was kept goes on. */
export interface RunStart {
  /** undefined where it had not been saved yet: it begins anew. */
  readonly snapshot: Snapshot | undefined;
  /** Whether it waits there. */
  readonly paused: boolean;
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
  readonly #control = new RunControl();
  readonly #turns = new Turns();
  #parts: RunParts | undefined;
  readonly #checks: RunChecks;
  #snapshot: Snapshot | undefined;
  /** Those of the materials, with the learning rate as it is now. */
  #settings: RunConfig;
  readonly #log: RunLog;
  readonly #keeper: Keeper | undefined;

  /**
   * @param log lines of before, where it goes on
   * @param keeper undefined where nothing is kept of it beyond the worker's life
   */
  constructor(
    engine: RunEngine,
    materials: RunMaterials,
    post: (event: RunEvent) => void,
    log: RunLog = new RunLog(),
    keeper?: Keeper,
  ) {
    this.#engine = engine;
    this.materials = materials;
    this.#settings = materials.run;
    this.#post = post;
    this.#log = log;
    this.#keeper = keeper;
    this.#checks = new RunChecks({ materials, turns: this.#turns, log, keeper, post });
  }

  get id(): number {
    return this.materials.runId;
  }

  /** Whether the run is under way or paused. */
  get active(): boolean {
    return this.#active;
  }

  /** Step of the snapshot from which it can go on when it is over. */
  get resumable(): number | undefined {
    return this.#active ? undefined : this.#snapshot?.step;
  }

  /** Lines of metrics.jsonl: a line a step, with what was checked after it. */
  get log(): readonly LogLine[] {
    return this.#log.lines;
  }

  /** What it has trained, to be read when no step is under way; undefined where nothing is on the GPU. */
  get subject(): Subject | undefined {
    const parts = this.#parts;
    if (parts === undefined || parts.trainer.stepsDone === 0) return undefined;
    const { base, trainer } = parts;
    const adapted = { adapter: trainer.inference, step: trainer.stepsDone };
    return { base, tokenizer: this.materials.tokenizer, adapted };
  }

  /**
   * Starts the run, or goes on from its last snapshot after it broke. Resolves when it is over; never rejects.
   *
   * @param start where a run goes on that was kept
   */
  async execute(start?: RunStart): Promise<void> {
    this.#active = true;
    const paused = start?.paused === true;
    this.#control.begin(paused);
    this.#snapshot ??= start?.snapshot;
    void this.#keeper?.save(paused ? 'paused' : 'running');
    try {
      const parts = await this.#open();
      await this.#train(parts);
      this.#end(parts.trainer.stepsDone);
    } catch (error) {
      if (this.#abort.signal.aborted) this.#end(this.#snapshot?.step ?? 0);
      else this.#fail(error);
    }
  }

  pause(): void {
    this.#control.pause();
    this.#checks.interrupt();
  }

  resume(): void {
    this.#control.resume();
  }

  /** Does one optimiser step and pauses again; nothing unless it is paused. */
  step(): void {
    this.#control.step();
  }

  /**
   * Takes another learning rate from the next step on, and marks it; only while the run is paused.
   *
   * @throws UserError where it is not, or the rate is not valid
   */
  async setLearningRate(learning_rate: number): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined || !this.#control.rests) {
      throw new UserError('learning_rate', 'it can change while the run is paused', 'pause the run first');
    }
    const { trainer, base } = parts;
    const { learning_rate: before } = this.#settings;
    this.#settings = validateRunConfig({ ...this.#settings, learning_rate }, base.config);
    trainer.setLearningRate(learning_rate);
    const label = `learning rate ${before} → ${learning_rate}`;
    this.#keeper?.mark({ step: trainer.stepsDone, kind: 'rate', label });
    this.#snapshot = await this.#turns.take(() => trainer.snapshot());
    await this.#keeper?.save(undefined, this.#snapshot);
  }

  stop(): void {
    if (this.#parts === undefined) this.#abort.abort();
    this.#control.stop();
    this.#checks.interrupt();
  }

  /** Continues a prompt with the base model and with the adapter, between two steps. */
  async sample(prompt: string): Promise<void> {
    await this.#turns.take(async () => {
      const parts = this.#parts;
      if (parts === undefined) throw nothingTrained();
      const { base, trainer } = parts;
      const generator = await this.#engine.createGenerator(base, samplingCapacity(base.config));
      try {
        await this.#checks.sample(parts, generator, 'before', 0, prompt);
      } finally {
        generator.destroy();
      }
      await this.#checks.sample(parts, parts.generator, 'after', trainer.stepsDone, prompt);
    });
    if (!this.#active) await this.#keeper?.save();
  }

  /**
   * Looks at what it has trained when no step is under way: between two steps, in a pause, or after its end. The work
   * only reads, so that the run's bits are the same without it.
   */
  async between<T>(work: (subject: Subject) => Promise<T>): Promise<T> {
    return await this.#turns.take(async () => {
      if (this.subject === undefined) throw nothingTrained();
      return await work(this.subject);
    });
  }

  /** The same before the first step too, when the adapter changes nothing yet; undefined where nothing is on the GPU. */
  async aside<T>(work: (subject: Subject | undefined) => Promise<T>): Promise<T> {
    return await this.#turns.take(async () => {
      const parts = this.#parts;
      if (parts === undefined) return await work(undefined);
      const { base, trainer } = parts;
      const adapted = { adapter: trainer.inference, step: trainer.stepsDone };
      return await work({ base, tokenizer: this.materials.tokenizer, adapted });
    });
  }

  /** How large the gradient and the update of each block were in the last step that is done. */
  async blockNorms(): Promise<BlockNorms> {
    return await this.#turns.take(async () => {
      const trainer = this.#parts?.trainer;
      if (trainer === undefined) throw nothingTrained();
      return { norms: await trainer.blockNorms(), step: trainer.stepsDone };
    });
  }

  /** The run as it is now, or (after the device was lost) as it was when it was last saved. */
  async snapshot(): Promise<Snapshot> {
    const trainer = this.#parts?.trainer;
    if (trainer !== undefined && trainer.stepsDone > 0 && this.#snapshot?.step !== trainer.stepsDone) {
      await this.#save(trainer);
    }
    if (this.#snapshot === undefined) throw nothingTrained();
    return this.#snapshot;
  }

  /** Makes way for another run: frees what it holds, and ends what it would still try to write. */
  close(): void {
    this.#free();
    this.#keeper?.close();
  }

  /** Frees what the run holds on the GPU; the base model belongs to the session. */
  #free(): void {
    this.#parts?.destroy();
    this.#parts = undefined;
  }

  async #open(): Promise<RunParts> {
    const parts = await openParts(
      this.#engine,
      { ...this.materials, run: this.#settings },
      {
        resume: this.#snapshot,
        turns: this.#turns,
        post: this.#post,
        signal: this.#abort.signal,
      },
    );
    this.#parts = parts;
    return parts;
  }

  async #train(parts: RunParts): Promise<void> {
    const { runId, run } = this.materials;
    const { trainer } = parts;
    this.#log.rewind(trainer.stepsDone);
    this.#post({ type: 'running', runId, step: trainer.stepsDone });
    if (trainer.stepsDone === 0) {
      // Before the first step the adapted model is the base model, to the bit.
      if (!this.#control.isStopping()) await this.#check(parts, 'before');
    } else if (this.#isDue(run.eval_steps, trainer) && this.#log.lines.at(-1)?.val_loss === undefined) {
      await this.#check(parts); // it went away before it came to that
    }
    while (trainer.stepsDone < run.max_steps && !(await this.#held(trainer))) {
      await this.#turns
        .take(() =>
          trainer.steps(
            nextStop(trainer.stepsDone, run),
            (point) => this.#record(point),
            () => this.#control.isFree() && !this.#turns.isWaiting && this.#keeper?.isDue !== true,
          ),
        )
        .catch(async (error: unknown) => {
          // A step that diverged has changed nothing: what was learnt before it can still be exported.
          const diverged = error instanceof UserError && !(error instanceof DeviceLost);
          if (diverged && trainer.stepsDone > 0) await this.#save(trainer).catch(() => undefined);
          throw error;
        });
      if (trainer.stepsDone === run.max_steps) break;
      if (this.#isDue(run.eval_steps, trainer)) await this.#check(parts);
      if (this.#isDue(run.save_steps, trainer) || this.#keeper?.isDue === true) await this.#save(trainer);
    }
    if (trainer.stepsDone === 0) return; // stopped before it began
    await this.#save(trainer);
    await this.#check(parts);
  }

  #isDue(every: number, { stepsDone }: Trainer): boolean {
    return every > 0 && stepsDone % every === 0 && stepsDone < this.materials.run.max_steps;
  }

  async #check(parts: RunParts, when: 'before' | 'after' = 'after'): Promise<void> {
    await this.#checks.all(parts, when, () => this.#held(parts.trainer));
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
    this.#control.stepped();
    await breathe();
  }

  /** Waits while the run is paused; true where it is to end. */
  async #held(trainer: Trainer): Promise<boolean> {
    const { runId } = this.materials;
    const control = this.#control;
    const step = trainer.stepsDone;
    if (control.isPausing()) {
      if (!control.isSingle()) this.#keeper?.mark({ step, kind: 'paused', label: 'paused' });
      await this.#save(trainer, 'paused');
      this.#post({ type: 'paused', runId, step });
      await control.rest((woken) => this.#turns.unlessLost(woken));
      if (!control.isStopping()) {
        if (!control.isSingle()) this.#keeper?.mark({ step, kind: 'resumed', label: 'resumed' });
        void this.#keeper?.save('running');
      }
      this.#post({ type: 'running', runId, step });
    }
    return control.isStopping();
  }

  /** Reads a snapshot, and has it kept: beside the training, unless the run comes to rest. */
  async #save(trainer: Trainer, status: 'running' | 'paused' = 'running'): Promise<void> {
    this.#snapshot = await this.#turns.take(() => trainer.snapshot());
    const kept = this.#keeper?.save(status, this.#snapshot);
    if (status === 'paused') await kept;
  }

  #end(step: number): void {
    const { runId, run } = this.materials;
    const stopped = step < run.max_steps;
    this.#active = false;
    void this.#keeper?.save(stopped ? 'stopped' : 'done');
    this.#post({ type: 'done', runId, step, stopped });
  }

  #fail(error: unknown): void {
    const { runId } = this.materials;
    this.#active = false;
    this.#free();
    void this.#keeper?.save('failed');
    this.#post({ type: 'failed', runId, message: sentence(error), resumable: this.#snapshot?.step });
  }
}
