/** The world around a command, so that tests can stand in for the process. */
export interface Io {
  /** Writes to standard output: nothing but the answer. */
  out(text: string): void;
  /** Writes to standard error: progress, remarks and the sentence of a failure. */
  err(text: string): void;
  /** Whether standard error is a terminal, on which a progress line may be redrawn. */
  readonly terminal: boolean;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** WebGPU; asked for only by commands that compute. */
  gpu(): Promise<GPU>;
}

/** What a command has to say at its end. */
export interface Outcome {
  /** The one JSON document of `--json`. */
  readonly document: object;
  /** The same for a reader; empty where it has been streamed already. */
  readonly text: string;
}

/** Thrown by a command that Ctrl-C ended; `outcome` is what had been done by then. */
export class Interrupted extends Error {
  readonly outcome: Outcome | undefined;

  constructor(sentence: string, outcome?: Outcome) {
    super(sentence);
    this.name = 'Interrupted';
    this.outcome = outcome;
  }
}
