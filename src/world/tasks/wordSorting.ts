import { makeItem, type Task } from '../item';
import type { Random } from '../random';
import { ofLevel } from './levels';
import { ANIMALS, PLACES, THINGS } from './words';

const WORDS = [...ANIMALS, ...PLACES, ...THINGS];
const LEVELS = [
  { count: 3, differentInitials: true },
  { count: 4, differentInitials: false },
  { count: 5, differentInitials: false },
];
const CHOICES = 6;

/** Words in the order of the alphabet. The choices are other orders of the same words, the given one as often as any. */
export const wordSorting: Task = {
  id: 'word_sorting',
  title: 'Which order of these words is that of the alphabet?',
  levels: ['three words with different first letters', 'four words', 'five words'],
  choices: CHOICES,
  make(random, level) {
    const words = drawWords(random, ofLevel(LEVELS, level));
    const answer = [...words].sort(byCodeUnits).join(' ');
    const orders = new Set([answer]);
    while (orders.size < CHOICES) orders.add(random.shuffle(words).join(' '));
    const question = `Sort these words: ${words.join(' ')}`;
    return makeItem(random, question, answer, [...orders].slice(1));
  },
};

function drawWords(
  random: Random,
  { count, differentInitials }: { count: number; differentInitials: boolean },
): string[] {
  const words: string[] = [];
  for (const word of random.shuffle(WORDS)) {
    if (words.length === count) break;
    if (!differentInitials || words.every((other) => other[0] !== word[0])) words.push(word);
  }
  return words;
}

/** All words are lower-case ASCII, for which this is the alphabet; no locale has a say. */
function byCodeUnits(one: string, other: string): number {
  return one < other ? -1 : 1;
}
