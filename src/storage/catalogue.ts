import type { FileSource } from '../worker/protocol';

/** A model that comes with the page, and the data set that suits it. */
export interface BundledEntry {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Small enough for an adapter that is a processor. */
  readonly forSoftware: boolean;
  readonly model: FileSource;
  readonly data: FileSource;
}

/** Reads what comes with the page. */
export function readCatalogue(): Promise<readonly BundledEntry[]> {
  return Promise.resolve([]);
}
