/** What somebody wants of a run that is under way. It is heard between two steps. */
export class RunControl {
  #asked: 'pause' | 'stop' | undefined;
  #wake: (() => void) | undefined;
  /** Whether it pauses again after the step under way. */
  #single = false;

  /** Forgets what was wanted of a run that is over, which begins again. */
  begin(paused: boolean): void {
    this.#asked = paused ? 'pause' : undefined;
    this.#single = false;
  }

  pause(): void {
    this.#asked ??= 'pause';
  }

  resume(): void {
    if (this.#asked === 'pause') this.#asked = undefined;
    this.#wake?.();
  }

  /** Has one step done and pauses again; nothing unless it rests. */
  step(): void {
    if (!this.rests) return;
    this.#single = true;
    this.resume();
  }

  stop(): void {
    this.#asked = 'stop';
    this.#wake?.();
  }

  /** To be told of every step: a single one asks for the next pause. */
  stepped(): void {
    if (this.#single) this.#asked ??= 'pause';
  }

  // Methods, because the compiler does not expect what they say to change during an await.

  /** Whether nothing is wanted, so that step may follow upon step. */
  isFree(): boolean {
    return this.#asked === undefined;
  }

  isPausing(): boolean {
    return this.#asked === 'pause';
  }

  isStopping(): boolean {
    return this.#asked === 'stop';
  }

  /** Whether it is, or was, let go for one step only. */
  isSingle(): boolean {
    return this.#single;
  }

  /** Whether it waits to be woken. */
  get rests(): boolean {
    return this.#wake !== undefined;
  }

  /**
   * Rests until it is resumed or stopped; not at all where that has come already.
   *
   * @param unlessLost ends the wait early, with an error, when the device is lost
   */
  async rest(unlessLost: (woken: Promise<void>) => Promise<void>): Promise<void> {
    this.#single = false;
    if (!this.isPausing()) return;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    try {
      await unlessLost(woken);
    } finally {
      this.#wake = undefined;
    }
  }
}
