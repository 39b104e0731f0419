/**
 * A mistake that the person at the keyboard can cure: a bad file, setting or argument.
 *
 * `message` is always one sentence in three parts: what it is about, what is wrong, what to do.
 * The command ends with exit code 2 on it, the page shows it unchanged; every other error is a fault of ours.
 */
export class UserError extends Error {
  /** The file, setting or argument that is at fault, as the user wrote it. */
  readonly subject: string;

  constructor(subject: string, problem: string, remedy: string) {
    super(`${subject}: ${problem}; ${remedy}.`);
    this.name = 'UserError';
    this.subject = subject;
  }
}
