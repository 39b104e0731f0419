import { UserError } from '../config/errors';
import type { RunConfig } from '../config/runConfig';
import type { Checks, StepMetrics, Trainer } from '../engine';
import { nextStop } from '../engine/train/schedule';
import type { ExpertLog } from './expertLog';
import type { Point } from './metrics';
import { percent } from './percent';
import type { Progress } from './progress';
import type { Watch } from './watch';

interface Steps {
  readonly run: RunConfig;
  readonly trainer: Pick<Trainer, 'stepsDone' | 'steps' | 'validate'>;
  /** Metrics of the steps before, where the run goes on. */
  readonly earlier: readonly Point[];
  readonly progress: Progress;
  readonly interrupted: AbortSignal;
  /** Asks the questions that are watched; undefined where the run has none. */
  readonly watch?: Watch | undefined;
  /** Looks at the experts now and then; undefined where nobody wants to. */
  readonly experts?: Pick<ExpertLog, 'every' | 'look'> | undefined;
  addPoint(point: Point): Promise<void>;
  /** Writes the metrics of all steps anew. */
  rewritePoints(points: readonly Point[]): Promise<void>;
  /** Writes the trainer's state. */
  save(): Promise<void>;
}

/**
 * Trains up to max_steps or Ctrl-C, validating, reporting and saving on the way and at the end. Returns the
 * metrics of all steps, the earlier ones included.
 *
 * @throws UserError when the loss stops being a number; the state before that step is saved then
 */
export async function runSteps(steps: Steps): Promise<readonly Point[]> {
  const { run, trainer, progress, interrupted } = steps;
  const points = [...steps.earlier];
  const add = async (point: Point) => {
    points.push(point);
    await steps.addPoint(point);
  };
  if (points.length === 0) {
    const checks = await check(steps);
    if (Object.keys(checks).length > 0) await add({ step: trainer.stepsDone, ...checks });
  }
  const last = points.at(-1);
  // Ctrl-C may have cut short the checks after the last step before.
  if (last !== undefined && steps.earlier.length > 0 && checksMissing(last, run)) {
    points[points.length - 1] = { ...last, ...(await check(steps)) };
    await steps.rewritePoints(points);
  }
  if (trainer.stepsDone === 0) await look(steps);
  let saved = -1;
  while (trainer.stepsDone < run.max_steps && !interrupted.aborted) {
    let reached: StepMetrics | undefined;
    const each = async (metrics: StepMetrics) => {
      const { step } = metrics;
      progress.show(stepLine(metrics, run), step % run.logging_steps === 0 || step === run.max_steps);
      // What is checked after the step stands in the same line.
      if (checkDue(step, run)) reached = metrics;
      else await add(metrics);
    };
    const proceed = () => !interrupted.aborted;
    const stop = Math.min(nextStop(trainer.stepsDone, run), nextLook(trainer.stepsDone, steps));
    await trainer.steps(stop, each, proceed).catch(async (error: unknown) => {
      // A step that diverged has changed nothing: what was learnt before it is worth keeping.
      if (error instanceof UserError && trainer.stepsDone > 0 && saved !== trainer.stepsDone)
        await steps.save();
      throw error;
    });
    if (reached !== undefined) {
      await add({ ...reached, ...(await check(steps)) });
    }
    const step = trainer.stepsDone;
    if (step === run.max_steps || step === nextLook(step - 1, steps)) await look(steps);
    if (run.save_steps > 0 && step % run.save_steps === 0) {
      await steps.save();
      saved = step;
    }
  }
  progress.clear();
  if (saved !== trainer.stepsDone) await steps.save();
  return points;
}

function checkDue(step: number, { max_steps, eval_steps }: RunConfig): boolean {
  return step === max_steps || (eval_steps > 0 && step % eval_steps === 0);
}

function checksMissing({ step, val_loss, acc }: Point, run: RunConfig): boolean {
  return checkDue(step, run) && val_loss === undefined && acc === undefined;
}

/** The next step after which the experts are looked at, whatever else. */
function nextLook(step: number, { experts }: Steps): number {
  return experts === undefined ? Infinity : (Math.floor(step / experts.every) + 1) * experts.every;
}

async function look({ trainer, progress, interrupted, experts }: Steps): Promise<void> {
  const onProgress = (done: number, total: number) => {
    progress.show(`Looking at the experts: ${done} of ${total} tokens`, false);
  };
  await experts?.look(trainer.stepsDone, { signal: interrupted, onProgress }).catch((error: unknown) => {
    if (!interrupted.aborted) throw error;
  });
}

/** Measures what there is to measure; Ctrl-C cuts it short. */
async function check(steps: Steps): Promise<Checks> {
  try {
    return { ...(await validate(steps)), ...(await ask(steps)) };
  } catch (error) {
    if (steps.interrupted.aborted) return {};
    throw error;
  }
}

/** The validation loss, where something is held out. */
async function validate({ trainer, progress, interrupted }: Steps): Promise<Checks> {
  const { loss, tokens } = await trainer.validate(interrupted);
  if (tokens === 0) return {};
  progress.say(`step ${trainer.stepsDone}: validation loss ${loss.toFixed(4)} on ${tokens} tokens`);
  return { val_loss: loss };
}

async function ask({ trainer, progress, interrupted, watch }: Steps): Promise<Checks> {
  if (watch === undefined) return {};
  const onProgress = (done: number, total: number) => {
    progress.show(`Asking: ${done} of ${total} choices`, false);
  };
  const tasks = [...(await watch({ signal: interrupted, onProgress }))];
  const acc = tasks.reduce((sum, [, share]) => sum + share, 0) / tasks.length;
  const each = tasks.map(([id, share]) => `${id} ${percent(share)}`).join(', ');
  const detail = tasks.length > 1 ? ` (${each})` : '';
  progress.say(`step ${trainer.stepsDone}: accuracy ${percent(acc)}${detail}`);
  return { acc, acc_by_task: Object.fromEntries(tasks) };
}

function stepLine(
  { step, loss, learning_rate, grad_norm, tokens, seconds }: StepMetrics,
  run: RunConfig,
): string {
  const left = (run.max_steps - step) * seconds;
  return [
    `step ${step}/${run.max_steps}`,
    `loss ${loss.toFixed(4)}`,
    `lr ${learning_rate.toExponential(2)}`,
    `grad norm ${grad_norm.toPrecision(3)}`,
    `${(tokens / seconds).toFixed(0)} tokens/s`,
    `${duration(left)} left`,
  ].join('  ');
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
