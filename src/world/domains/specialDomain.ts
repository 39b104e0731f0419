import type { Task } from '../item';
import type { Random } from '../random';

/**
 * A region of the world that the bundled checkpoints never saw, with a style and words of its own: what an
 * adapter learns.
 */
export interface SpecialDomain {
  /** Snake case, the same as its task's. */
  readonly id: string;
  /** One line for people: what its texts are. */
  readonly title: string;
  /** One document in the style of the domain. Takes every choice from `random`. */
  write(random: Random): string;
  /** What is asked about such documents. */
  readonly task: Task;
}
