import type { Io } from './io';

/** A line on standard error that says how far things are: redrawn on a terminal, else written now and then. */
export class Progress {
  readonly #io: Io;
  #open = false;

  constructor(io: Io) {
    this.#io = io;
  }

  /**
   * Shows the present state. Where the line cannot be redrawn, it is written only if it is `due`.
   */
  show(line: string, due: boolean): void {
    if (this.#io.terminal) {
      this.#io.err(`\r\u001b[K${line}`);
      this.#open = true;
    } else if (due) {
      this.#io.err(`${line}\n`);
    }
  }

  /** Writes a line that stays. */
  say(line: string): void {
    this.clear();
    this.#io.err(`${line}\n`);
  }

  /** Ends the line that is being redrawn, if there is one. */
  clear(): void {
    if (this.#open) this.#io.err('\r\u001b[K');
    this.#open = false;
  }
}
