import { UserError } from '../config/errors';
import type { BlockNorms } from '../worker/answers';
import type { RunEvent } from '../worker/protocol';
import { stepPoint, type RecordedEvent, type RecordedMoment, type Recording } from './recording';

/** Between two moments that are no steps, in milliseconds; a text is seen to be written. */
const MOMENT = 60;

/** Something that is said, and how long what comes next waits then, in milliseconds. */
interface Frame {
  readonly event:
    RecordedEvent | { readonly type: 'running' } | { readonly type: 'step'; readonly index: number };
  readonly wait: number;
}

/** A recorded run that plays: it says what the run said, in its order, and can be held, stepped and ended as one. */
export class Player {
  readonly runId: number;
  readonly #recording: Recording;
  readonly #post: (event: RunEvent) => void;
  readonly #frames: readonly Frame[];
  /** The frame that comes next. */
  #next = 0;
  /** Steps done. */
  #step = 0;
  #state: 'opening' | 'running' | 'paused' | 'over' = 'opening';
  /** Whether it pauses again after the next step. */
  #single = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the next frame is due, in milliseconds of performance.now: waits that are a little long do not add up. */
  #due = 0;

  constructor(recording: Recording, runId: number, post: (event: RunEvent) => void) {
    this.runId = runId;
    this.#recording = recording;
    this.#post = post;
    this.#frames = framesOf(recording);
  }

  /** Whether it plays or is paused. */
  get active(): boolean {
    return this.#state !== 'over';
  }

  /** Whether all of it was played. */
  get isDone(): boolean {
    return !this.active && this.#step === this.#recording.run.max_steps;
  }

  start(): void {
    const { runId } = this;
    this.#post({ type: 'prepared', runId, data: this.#recording.prepared });
    this.#goOn();
  }

  /** Nothing while it is prepared, as with a run. */
  pause(): void {
    if (this.#state !== 'running') return;
    clearTimeout(this.#timer);
    this.#state = 'paused';
    this.#post({ type: 'paused', runId: this.runId, step: this.#step });
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#post({ type: 'running', runId: this.runId, step: this.#step });
    this.#goOn();
  }

  /** Plays one step of a paused run, with what was said before it, and pauses again. */
  step(): void {
    if (this.#state !== 'paused') return;
    this.#single = true;
    this.resume();
  }

  stop(): void {
    if (this.active) this.#end();
  }

  /** Says once more what base and adapter wrote last, up to where it plays. */
  sample(): void {
    const said = this.#frames.slice(0, this.#next).map(({ event }) => event);
    for (const when of ['before', 'after'] as const) {
      const last = said.findLast((event) => event.type === 'sample' && event.when === when && event.complete);
      if (last?.type === 'sample') this.#post({ ...last, runId: this.runId });
    }
  }

  /** Norms of the latest step that was looked at, up to where it plays. */
  blockNorms(): BlockNorms {
    const { names, looks } = this.#recording.norms;
    const look = looks.findLast(({ step }) => step <= this.#step);
    const norms = names.map((name, index) => ({
      name,
      gradient: look?.gradients[index] ?? Number.NaN,
      update: look?.updates[index] ?? Number.NaN,
    }));
    return look === undefined ? { step: 0, norms: [] } : { step: look.step, norms };
  }

  #goOn(): void {
    this.#due = performance.now();
    this.#play();
  }

  #play(): void {
    const frame = this.#frames[this.#next];
    if (frame === undefined) {
      this.#end();
      return;
    }
    this.#next++;
    this.#say(frame);
    if (this.#single && frame.event.type === 'step') {
      this.#single = false;
      this.pause();
      return;
    }
    this.#due += frame.wait;
    this.#timer = setTimeout(() => {
      this.#play();
    }, this.#due - performance.now());
  }

  #say({ event }: Frame): void {
    const { runId } = this;
    if (event.type === 'step') {
      this.#step = event.index + 1;
      this.#post({ type: 'step', runId, point: stepPoint(this.#recording, event.index) });
    } else if (event.type === 'running') {
      this.#state = 'running';
      this.#post({ type: 'running', runId, step: this.#step });
    } else {
      this.#post({ ...event, runId });
    }
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#state = 'over';
    const stopped = this.#step < this.#recording.run.max_steps;
    this.#post({ type: 'done', runId: this.runId, step: this.#step, stopped });
  }
}

/** @throws UserError where no player of that id is there */
export function playerOf(player: Player | undefined, runId: number): Player {
  if (player?.runId === runId) return player;
  throw new UserError('Replay', 'it is no longer there', 'start it again');
}

function framesOf(recording: Recording): readonly Frame[] {
  const pace = 1000 / recording.stepsPerSecond;
  const between = (moments: readonly RecordedMoment[]) =>
    moments.map(({ event }): Frame => ({ event, wait: Math.min(MOMENT, pace) }));
  const opens = ({ event: { type } }: RecordedMoment) => type === 'loading' || type === 'compiling';
  const { moments } = recording;
  const steps = recording.steps.loss.flatMap((_, index): Frame[] => [
    { event: { type: 'step', index }, wait: pace },
    ...between(moments.filter(({ after }) => after === index + 1)),
  ]);
  const first = moments.filter(({ after }) => after === 0);
  return [
    ...between(first.filter(opens)),
    { event: { type: 'running' }, wait: 0 },
    ...between(first.filter((moment) => !opens(moment))),
    ...steps,
  ];
}
