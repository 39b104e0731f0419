import type { Generator } from '../engine/model/generate';
import type { Trainer } from '../engine/train/trainer';
import type { Keeper } from './keeper';
import type { RunEvent } from './protocol';
import type { RunLog } from './runLog';
import type { RunMaterials, RunParts } from './runParts';
import { continueText, samplingCapacity } from './sampling';
import type { Turns } from './turns';

/** What the checks of a run have in common with it. */
export interface CheckedRun {
  readonly materials: RunMaterials;
  readonly turns: Turns;
  readonly log: RunLog;
  readonly keeper: Keeper | undefined;
  readonly post: (event: RunEvent) => void;
}

/** What is measured and written now and then during a run; each piece takes its turn, and changes nothing of the run. */
export class RunChecks {
  readonly #run: CheckedRun;
  /** Ends the questions that are being asked. */
  #interrupt: AbortController | undefined;

  constructor(run: CheckedRun) {
    this.#run = run;
  }

  /**
   * Validation loss, accuracy and a sample.
   *
   * @param when which of the two samples it is
   * @param held waits while the run is paused; true where it is to end
   */
  async all(parts: RunParts, when: 'before' | 'after', held: () => Promise<boolean>): Promise<void> {
    const { trainer, generator } = parts;
    const { turns, materials } = this.#run;
    const sample = () =>
      turns.take(() => this.sample(parts, generator, when, trainer.stepsDone, materials.prompt));
    if (when === 'before') await sample();
    await this.#validate(trainer);
    await this.#ask(parts, held);
    if (when === 'after') await sample();
  }

  /** Breaks into the questions that are being asked. */
  interrupt(): void {
    this.#interrupt?.abort();
  }

  /** Continues a prompt; the turn must be its own. */
  async sample(
    { base }: Pick<RunParts, 'base'>,
    generator: Generator,
    when: 'before' | 'after',
    step: number,
    prompt: string,
  ): Promise<void> {
    const { materials, keeper, post } = this.#run;
    const { runId, tokenizer } = materials;
    const room = samplingCapacity(base.config);
    for await (const { text, complete } of continueText(generator, tokenizer, prompt, room)) {
      post({ type: 'sample', runId, when, step, text, complete });
      if (complete) keeper?.note({ kind: when, step, prompt, text });
    }
  }

  async #validate(trainer: Trainer): Promise<void> {
    const { materials, turns, log, post } = this.#run;
    const step = trainer.stepsDone;
    if (materials.data.validation.length === 0) return;
    const { loss } = await turns.take(() => trainer.validate());
    log.check(step, { val_loss: loss });
    post({ type: 'validation', runId: materials.runId, step, loss });
  }

  /** Asks the watched questions. A pause breaks in, and they are asked anew behind it; a stop does without them. */
  async #ask({ trainer, watch }: RunParts, held: () => Promise<boolean>): Promise<void> {
    const { materials, turns, log, keeper, post } = this.#run;
    const { runId } = materials;
    if (watch === undefined) return;
    while (!(await held())) {
      const { signal } = (this.#interrupt = new AbortController());
      const onProgress = (done: number, total: number) => {
        post({ type: 'asking', runId, done, total });
      };
      try {
        const accuracy = await turns.take(() => watch.ask({ signal, onProgress }));
        const step = trainer.stepsDone;
        const shares = Object.fromEntries(accuracy.byTask.map(({ id, acc }) => [id, acc]));
        log.check(step, { acc: accuracy.mean.acc, acc_by_task: shares });
        keeper?.note({ kind: 'accuracy', step, ...accuracy });
        post({ type: 'accuracy', runId, step, ...accuracy });
        return;
      } catch (error) {
        if (!signal.aborted || error !== signal.reason) throw error;
      } finally {
        this.#interrupt = undefined;
      }
    }
  }
}
