import type { Rules } from '../language/grammar';

/**
 * One region of the world's language: what is said there (its share of the pre-training corpus), and what is
 * asked there (its share of the instruction data). A new domain is one file in domains/ and one row in
 * registry.ts; it writes with the shared lexicon and slots.
 */
export interface Domain {
  readonly id: string;
  /** One line for people: what texts of this domain are. */
  readonly title: string;
  /** Part of the corpus in relation to the other domains; 0 keeps the domain out of pre-training. */
  readonly weight: number;
  /** Templates of whole documents: sentences separated by single spaces. */
  readonly documents: readonly string[];
  /** Rules whose alternatives are whole sentences; a sentence is whatever one of these makes. */
  readonly sentences: Rules;
  /** Rules for parts of sentences. */
  readonly phrases: Rules;
  /** What can be asked for in this domain. */
  readonly tasks: readonly Task[];
}

/** One kind of instruction record; its templates share their slots. */
export interface Task {
  readonly id: string;
  /** Wordings of the same request. */
  readonly instructions: readonly string[];
  /** What the request is about; '' where the instruction says all. */
  readonly input: string;
  readonly output: string;
}
