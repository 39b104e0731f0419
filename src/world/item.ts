import type { Random } from './random';

/**
 * One question with its exact answer, in the form in which every task of the world asks: the answer stands among
 * choices that differ from it in nothing but being wrong, so that who does not read the question is at chance.
 */
export interface Item {
  /** Everything that is known before the answer; a text to be read, where there is one, stands in front. */
  readonly question: string;
  readonly answer: string;
  /** All different, the answer among them, in an order that says nothing. */
  readonly choices: readonly string[];
}

/** An endless source of items of one kind: a reasoning task, or the questions of a domain. */
export interface Task {
  /** Snake case. */
  readonly id: string;
  /** One line for people: what is asked. */
  readonly title: string;
  /** What each difficulty level asks, easiest first; level 1 is the first. */
  readonly levels: readonly string[];
  /** Choices of each item; chance is 1 / choices. */
  readonly choices: number;
  /** A new item; `level` from 1 to the number of levels. Takes every choice from `random`. */
  make(random: Random, level: number): Item;
}

/** Accuracy of an answerer who has not read the question. */
export function chanceOf(task: Pick<Task, 'choices'>): number {
  return 1 / task.choices;
}

/** The text in front of an answer, as the model meets it in training and in evaluation. */
export function promptOf({ question }: Pick<Item, 'question'>): string {
  return `Q: ${question}\nA:`;
}

/** The answer as it continues the prompt. */
export function completionOf(answer: string): string {
  return ` ${answer}`;
}

/** An item whose choices are the answer and the given wrong ones, shuffled. */
export function makeItem(random: Random, question: string, answer: string, wrong: readonly string[]): Item {
  return { question, answer, choices: random.shuffle([answer, ...wrong]) };
}
