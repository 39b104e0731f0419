/** Work on a GPU, one piece after the other; whatever waits for it ends early when the device is lost. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #lost: Promise<never> | undefined;

  /** Whether some work waits for its turn. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** @param lost rejects when the device is lost */
  endWith(lost: Promise<never>): void {
    lost.catch(() => undefined); // heard where work is raced against it
    this.#lost = lost;
  }

  /** Does the work when all work before it is done; rejects at once when the device is lost. */
  take<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const guarded = () => {
      this.#waiting--;
      return this.unlessLost(work());
    };
    const turn = this.#last.then(guarded, guarded);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** What the promise comes to; rejects when the device is lost. */
  unlessLost<T>(promise: Promise<T>): Promise<T> {
    return this.#lost === undefined ? promise : Promise.race([promise, this.#lost]);
  }
}
