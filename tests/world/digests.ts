import type { Task } from '../../src/world/item';
import { SPECIAL_DOMAINS } from '../../src/world/domains';
import type { SpecialDomain } from '../../src/world/domains/specialDomain';
import { generateDocuments } from '../../src/world/general/corpus';
import { seededRandom, type Random } from '../../src/world/random';
import { REASONING_TASKS } from '../../src/world/tasks';

const ITEMS = 300;
const DOCUMENTS = 200;
const GENERAL_DOCUMENTS = 500;

/**
 * The SHA-256, in hexadecimal digits, of what each generator of the world makes from the seed: the items of each
 * level of each task, the documents of each special domain, the documents of the general part.
 */
export async function digestWorld(seed: number): Promise<Record<string, string>> {
  const items = (task: Task) =>
    task.levels.map((_, index) => {
      const make = (random: Random) => task.make(random, index + 1);
      return [`${task.id}, level ${index + 1}`, repeat(ITEMS, seed, make)] as const;
    });
  const documents = (domain: SpecialDomain) =>
    [`documents of ${domain.id}`, repeat(DOCUMENTS, seed, (random) => domain.write(random))] as const;
  const texts = [
    ...REASONING_TASKS.flatMap(items),
    ...SPECIAL_DOMAINS.flatMap(({ task }) => items(task)),
    ...SPECIAL_DOMAINS.map(documents),
    ['general documents', generateDocuments(seed, GENERAL_DOCUMENTS)] as const,
  ];
  return Object.fromEntries(
    await Promise.all(texts.map(async ([name, text]) => [name, await sha256(JSON.stringify(text))] as const)),
  );
}

function repeat<T>(count: number, seed: number, make: (random: Random) => T): T[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => make(random));
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
