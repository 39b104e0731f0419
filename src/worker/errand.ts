import { UserError } from '../config/errors';

/** What else than a run uses the GPU: one thing at a time, which can be stopped. */
export class Errand {
  #current: { readonly what: string; readonly abort: AbortController } | undefined;

  /** @throws UserError naming `asked` where an errand is under way */
  requireNone(asked: string): void {
    if (this.#current !== undefined) throw new UserError(asked, this.#current.what, 'stop that first');
  }

  /**
   * Does something long; undefined where it was stopped.
   *
   * @param what in words, for whoever has to wait: `questions are being asked`
   */
  async run<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const abort = new AbortController();
    this.#current = { what, abort };
    try {
      return await work(abort.signal);
    } catch (error) {
      if (abort.signal.aborted && error === abort.signal.reason) return undefined;
      throw error;
    } finally {
      this.#current = undefined;
    }
  }

  /** Stops what is under way; with `what` only where it is that. */
  stop(what?: string): void {
    if (what === undefined || what === this.#current?.what) this.#current?.abort.abort();
  }
}
