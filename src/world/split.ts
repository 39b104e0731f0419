import type { Item, Task } from './item';
import { seededRandom } from './random';

/** Which items a model learns from, and which it is asked afterwards. */
export type Part = 'train' | 'test';

/** One question in so many belongs to the test part. */
const TEST_SHARE = 8;

/**
 * The part that a question belongs to: a hash of its text decides, so the parts share no question, whatever the
 * seeds, levels and counts with which they are drawn.
 */
export function partOf(taskId: string, question: string): Part {
  return hashText(`${taskId}\n${question}`) % TEST_SHARE === 0 ? 'test' : 'train';
}

/** So many rejected draws in a row mean that a task has no further question. */
const PATIENCE = 2000;

/**
 * `count` items of one part, no question twice; the same arguments give the same items everywhere.
 *
 * @throws Error where the level has fewer different questions
 */
export function drawItems(
  task: Task,
  { part, level, seed, count }: { part: Part; level: number; seed: number; count: number },
): Item[] {
  const random = seededRandom(hashText(`${task.id} ${part} ${level} ${seed}`));
  const items = new Map<string, Item>();
  for (let rejected = 0; items.size < count;) {
    const item = task.make(random, level);
    if (items.has(item.question) || partOf(task.id, item.question) !== part) {
      if (++rejected > PATIENCE)
        throw new Error(`${task.id}, level ${level}, has only ${items.size} questions`);
      continue;
    }
    items.set(item.question, item);
    rejected = 0;
  }
  return [...items.values()];
}

/** FNV-1a over UTF-16 code units, 32 bits, with murmur's final mixing, because the low bits are used. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
