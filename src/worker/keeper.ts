import { UserError } from '../config/errors';
import { writeSnapshot, type Snapshot } from '../engine/train/snapshot';
import { isFull, type RunArchive } from './archive';
import type { Mark, RunEvent } from './protocol';
import type { RunLog } from './runLog';
import type { Moment, StoredStatus } from './storedRun';

/** Training between two snapshots that nobody asked for. */
const INTERVAL = 5000; // milliseconds
/** They are further apart where one takes long, so that they cost a run a few percent at most. */
const COST_TIMES = 20;

export interface KeptAs {
  readonly id: string;
  readonly runId: number;
  readonly archive: RunArchive;
  /** Puts the run into the archive; undefined where it is there. */
  readonly create: (() => Promise<void>) | undefined;
  readonly log: RunLog;
  readonly post: (event: RunEvent) => void;
}

/**
 * Keeps a run while it is under way. What could not be written, above all because there is no room, waits for the next
 * time: the run goes on, the page says so once, and what was kept before stays.
 */
export class Keeper {
  readonly #as: KeptAs;
  #create: (() => Promise<void>) | undefined;
  #status: StoredStatus = 'running';
  /** Lines of the log that are written. */
  #lines: number;
  /** Step of the latest snapshot that is written. */
  #step: number;
  #moments: Moment[] = [];
  #marks: Mark[] = [];
  readonly #known = new Set<string>();
  #writing: Promise<void> = Promise.resolve();
  #underWay = 0;
  #isFailing = false;
  /** The latest snapshot, where it could not be written. */
  #unwritten: Snapshot | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #last = performance.now();
  #wait = INTERVAL;

  /** @param kept what is kept already: the step of the snapshot (0 where there is none), and marks */
  constructor(as: KeptAs, kept: { readonly step: number; readonly marks: readonly Mark[] }) {
    this.#as = as;
    this.#create = as.create;
    this.#lines = as.log.lines.length;
    this.#step = kept.step;
    for (const mark of kept.marks) this.#known.add(markKey(mark));
  }

  /** Whether it is time for a snapshot. */
  get isDue(): boolean {
    return this.#underWay === 0 && performance.now() - this.#last >= this.#wait;
  }

  note(moment: Moment): void {
    this.#moments.push(moment);
  }

  /** Marks what happened, on the page too; once at a step, but for rates, which can go back and forth in one pause. */
  mark(mark: Mark): void {
    if (mark.kind !== 'rate' && this.#known.has(markKey(mark))) return;
    this.#known.add(markKey(mark));
    this.#marks.push(mark);
    this.#as.post({ type: 'mark', runId: this.#as.runId, mark });
  }

  /** Writes what is new, and a newer snapshot where it is given. Resolves when it is done; never rejects. */
  save(status: StoredStatus = this.#status, snapshot?: Snapshot): Promise<void> {
    this.#status = status;
    this.#last = performance.now();
    this.#underWay++;
    this.#writing = this.#writing.then(() => this.#write(status, snapshot)).finally(() => this.#underWay--);
    return this.#writing;
  }

  /** Tries no more by itself what could not be written: the run may go on elsewhere from what is kept of it. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  async #write(status: StoredStatus, newer: Snapshot | undefined): Promise<void> {
    const { archive, id, runId, log, post } = this.#as;
    const began = performance.now();
    const snapshot = newer ?? this.#unwritten;
    const step = snapshot?.step ?? this.#step;
    // The log must not reach further than the snapshot from which it goes on.
    const lines = log.lines.filter((line) => line.step <= step);
    // The last line that is written may have got its checks since.
    const from = Math.max(0, Math.min(this.#lines, lines.length) - 1);
    const [moments, marks] = [[...this.#moments], [...this.#marks]];
    const lastLoss = lines.findLast(({ loss }) => loss !== undefined)?.loss;
    const finalValidation = lines.findLast(({ val_loss }) => val_loss !== undefined)?.val_loss;
    try {
      await this.#create?.();
      this.#create = undefined;
      await archive.save(id, {
        fields: {
          status,
          steps: step,
          lastLoss,
          finalValidation,
          ...(snapshot && { settings: snapshot.run }),
        },
        log: { from, lines: lines.slice(from) },
        ...{ moments, marks },
        ...(snapshot === undefined ? {} : { snapshot: writeSnapshot(snapshot) }),
      });
    } catch (error) {
      const message = unkept(error, status, this.#step);
      if (!this.#isFailing) post({ type: 'unkept', runId, message, isFull: isFull(error) });
      this.#isFailing = true;
      this.#unwritten = snapshot;
      this.#tryAgain();
      return;
    }
    this.#isFailing = false;
    this.#unwritten = undefined;
    this.#lines = lines.length;
    this.#step = step;
    this.#moments = this.#moments.filter((moment) => !moments.includes(moment));
    this.#marks = this.#marks.filter((mark) => !marks.includes(mark));
    this.#wait = Math.max(INTERVAL, COST_TIMES * (performance.now() - began));
    post({ type: 'kept', runId, step });
  }

  /** A run that rests or is over writes nothing by itself any more, but somebody may make room. */
  #tryAgain(): void {
    clearTimeout(this.#retry);
    if (this.#isClosed) return;
    this.#retry = setTimeout(() => {
      if (this.#isFailing && this.#underWay === 0) void this.save();
    }, INTERVAL);
  }
}

function markKey({ step, kind, label }: Mark): string {
  return `${kind} ${step} ${label}`;
}

function unkept(error: unknown, status: StoredStatus, step: number): string {
  const reason = error instanceof Error ? error.message : String(error);
  const goesOn = status === 'running' ? 'it trains on; ' : '';
  const upTo = step === 0 ? 'nothing of it is kept yet' : `it is kept up to step ${step}`;
  return isFull(error)
    ? new UserError(
        'This run',
        `the browser has no room left for this page, so ${upTo}`,
        `${goesOn}delete runs or snapshots that you no longer need`,
      ).message
    : new UserError(
        'This run',
        `the browser does not keep it (${reason.replace(/\.$/, '')}), and ${upTo}`,
        `${goesOn}export it before you leave the page`,
      ).message;
}
