import type { RunConfig } from '../config/runConfig';
import type { Snapshot } from '../engine/train/snapshot';
import type { Accuracy, FileSource, Mark } from './protocol';
import type { LogLine } from './runLog';

/**
 * Where a kept run stands. `running` and `paused` are left behind by a page that went away in the middle: such a run
 * goes on. The others go on only when somebody asks for it.
 */
export type StoredStatus = 'running' | 'paused' | 'stopped' | 'done' | 'failed';

/** What somebody can change about a kept run. */
export interface RunLabels {
  readonly name: string;
  readonly note: string;
  /** Kept when room is made. */
  readonly pinned: boolean;
}

/** A kept run without its curves, samples and snapshot. */
export interface StoredRun extends RunLabels {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly status: StoredStatus;
  readonly settings: RunConfig;
  /** Id of the scenario that it learns, where the data is from one. */
  readonly scenario: string | undefined;
  /** How its settings differ from the run before, in words. */
  readonly caption: string;
  readonly prompt: string;
  readonly model: { readonly name: string; readonly fingerprint: string };
  readonly data: { readonly name: string; readonly sha256: string; readonly columns: string | null };
  /** Optimiser steps done when it was written last; its snapshot, where it has one, is of the same step. */
  readonly steps: number;
  readonly lastLoss: number | undefined;
  /** Validation loss that was measured last, in nats. */
  readonly finalValidation: number | undefined;
  readonly marks: readonly Mark[];
  /** Bytes of the snapshot; 0 where there is none. */
  readonly snapshotBytes: number;
  /** Deleted, but can still be brought back. */
  readonly deleted: boolean;
}

/** What a run said or was asked at some step. */
export type Moment =
  | {
      readonly kind: 'before' | 'after';
      readonly step: number;
      readonly prompt: string;
      readonly text: string;
    }
  | ({ readonly kind: 'accuracy'; readonly step: number } & Accuracy);

/** Curves and texts of a kept run. */
export interface RunHistory {
  /** In order of steps. */
  readonly log: readonly LogLine[];
  readonly moments: readonly Moment[];
}

/** What is needed to go on with a kept run. */
export interface KeptRun extends RunHistory {
  readonly run: StoredRun;
  readonly snapshot: Snapshot | undefined;
}

/** Where the model and the data of a run can be read again. */
export interface RunSources {
  readonly model: FileSource;
  readonly data: FileSource;
}
