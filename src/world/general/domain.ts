import type { Rules } from '../language/grammar';

/**
 * One region of the general part of the world, which the bundled checkpoints are pre-trained on: what is said
 * there. A new one is a file in this folder and a row in registry.ts; it writes with the shared lexicon and slots.
 */
export interface Domain {
  readonly id: string;
  /** One line for people: what texts of this domain are. */
  readonly title: string;
  /** Part of the corpus in relation to the other domains. */
  readonly weight: number;
  /** Templates of whole documents: sentences separated by single spaces. */
  readonly documents: readonly string[];
  /** Rules whose alternatives are whole sentences; a sentence is whatever one of these makes. */
  readonly sentences: Rules;
  /** Rules for parts of sentences. */
  readonly phrases: Rules;
}
