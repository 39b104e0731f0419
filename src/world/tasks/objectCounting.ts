import { makeItem, type Task } from '../item';
import type { Random } from '../random';
import { drawNumbers } from './choices';
import { ofLevel } from './levels';
import { ANIMALS, enumerate, NUMBER_WORDS, PEOPLE_NAMES, THINGS, withArticle } from './words';

/** What somebody has: how many of what. */
interface Group {
  readonly noun: string;
  readonly count: number;
}

interface Kind {
  readonly name: string;
  readonly nouns: readonly string[];
}

interface Level {
  /** Answers. */
  readonly from: number;
  readonly to: number;
  /** Whether another kind stands between what is asked for. */
  readonly mixed: boolean;
  readonly largestGroup: number;
}

const OBJECTS: Kind = { name: 'objects', nouns: THINGS };
const LIVING: Kind = { name: 'animals', nouns: ANIMALS };
const CHOICES = 4;
const LEVELS: readonly Level[] = [
  { from: 2, to: 7, mixed: false, largestGroup: 1 },
  { from: 2, to: 7, mixed: true, largestGroup: 1 },
  { from: 4, to: 15, mixed: true, largestGroup: 5 },
];

/** How many of a kind are named. The question has no digits: no choice stands in it. */
export const objectCounting: Task = {
  id: 'object_counting',
  title: 'How many objects or animals does somebody have?',
  levels: ['objects one by one', 'objects and animals one by one', 'objects and animals in groups'],
  choices: CHOICES,
  make(random, level) {
    const { from, to, mixed, largestGroup } = ofLevel(LEVELS, level);
    const [answer = 0, ...wrong] = drawNumbers(random, from, to, CHOICES);
    const swapped = mixed && random.below(2) === 1;
    const [asked, other] = swapped ? [LIVING, OBJECTS] : [OBJECTS, LIVING];
    const others = mixed ? 1 + random.below(3) : 0;
    const groups = random.shuffle([
      ...draw(random, asked, split(random, answer, largestGroup)),
      ...draw(random, other, drawCounts(random, others, largestGroup)),
    ]);
    const name = random.pick(PEOPLE_NAMES);
    const question = `${name} has ${enumerate(groups.map(phrase))}. How many ${asked.name} does ${name} have?`;
    return makeItem(random, question, `${count(groups, asked)}`, wrong.map(String));
  },
};

function count(groups: readonly Group[], { nouns }: Kind): number {
  return groups.reduce((sum, group) => sum + (nouns.includes(group.noun) ? group.count : 0), 0);
}

function draw(random: Random, { nouns }: Kind, counts: readonly number[]): Group[] {
  const order = random.shuffle(nouns);
  return counts.map((count, index) => ({ noun: order[index] ?? '', count }));
}

/** Counts with the given sum: ones, or two to four groups. */
function split(random: Random, total: number, largest: number): number[] {
  for (;;) {
    const counts = drawCounts(random, largest === 1 ? total : 2 + random.below(3), largest);
    if (counts.reduce((sum, count) => sum + count, 0) === total) return counts;
  }
}

function drawCounts(random: Random, groups: number, largest: number): number[] {
  return Array.from({ length: groups }, () => 1 + random.below(largest));
}

function phrase({ noun, count }: Group): string {
  return count === 1 ? withArticle(noun) : `${NUMBER_WORDS[count]} ${plural(noun)}`;
}

function plural(noun: string): string {
  if (noun.endsWith('y') && noun !== 'key') return `${noun.slice(0, -1)}ies`;
  return noun.endsWith('x') ? `${noun}es` : `${noun}s`;
}
