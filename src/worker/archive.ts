import type { LogLine } from './runLog';
import type { Mark } from './protocol';
import type { KeptRun, Moment, RunSources, StoredRun } from './storedRun';

/** What a run adds to what is kept of it. */
export interface RunChange {
  readonly fields: Partial<Pick<StoredRun, 'status' | 'steps' | 'settings' | 'lastLoss' | 'finalValidation'>>;
  /** The log from its line `from` on; it takes the place of what was there. */
  readonly log: { readonly from: number; readonly lines: readonly LogLine[] };
  /** One takes the place of another of the same kind and step. */
  readonly moments: readonly Moment[];
  readonly marks: readonly Mark[];
  /** Its safetensors file, in place of the one before. */
  readonly snapshot?: Uint8Array<ArrayBuffer>;
}

/** Where runs are kept (src/storage/runs). Each change is written whole or not at all. */
export interface RunArchive {
  /** Begins to keep a run. */
  create(run: StoredRun): Promise<void>;
  /** Keeps its sources, with their files where there is room; nothing where the run was deleted. */
  keepSources(run: StoredRun, sources: RunSources): Promise<void>;
  /** Nothing where the run was deleted. */
  save(id: string, change: RunChange): Promise<void>;
  /** undefined where it is not there; throws UserError where its snapshot is damaged. */
  read(id: string): Promise<KeptRun | undefined>;
}

/** Whether something could not be written because there is no room for it. */
export function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}
