import { chanceOf, completionOf, promptOf } from '../world/item';
import type { TestItems } from './records';

/** Test questions as the engine's choice scoring takes them (its ChoiceQuestion). */
export function choiceQuestions(tests: readonly TestItems[]) {
  return tests.flatMap(({ task, items }) =>
    items.map((item) => ({
      task: task.id,
      context: promptOf(item),
      continuations: item.choices.map(completionOf),
      lengths: item.choices.map((choice) => Array.from(choice).length),
      answer: item.choices.indexOf(item.answer),
      chance: chanceOf(task),
    })),
  );
}

/**
 * Test questions as the engine's exact match takes them (its ExactQuestion): right is the answer itself, blanks
 * around it aside. An answer ends with its line. No token is shorter than a byte, so a text of more tokens than the
 * answer has bytes is wrong already, and generation goes no further.
 */
export function exactQuestions(tests: readonly TestItems[]) {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  return tests.flatMap(({ task, items }) =>
    items.map((item) => ({
      task: task.id,
      prompt: promptOf(item),
      target: item.answer,
      stop: ['\n'],
      maxNewTokens: bytes(completionOf(item.answer)) + 1,
      judge: (text: string) => text.trim() === item.answer,
    })),
  );
}
