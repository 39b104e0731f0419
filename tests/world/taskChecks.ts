import { chanceOf, type Item, type Task } from '../../src/world/item';
import { seededRandom } from '../../src/world/random';
import type { Answerer } from './answerers';

/** A rule that applies to fewer items than this says too little for a binomial's bell. */
const FEWEST = 200;

/** `count` items of a level, repeated questions included. */
export function sampleItems(task: Task, level: number, seed: number, count: number): Item[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => task.make(random, level));
}

/** Share of right answers, in standard deviations from chance; 0 where the rule answers hardly anything. */
export function distanceFromChance(task: Task, items: readonly Item[], answerer: Answerer): number {
  const answers = items
    .map((item) => ({ item, given: answerer(item) }))
    .filter(({ given }) => given !== undefined);
  if (answers.length < FEWEST) return 0;
  const chance = chanceOf(task);
  const right = answers.filter(({ item, given }) => given === item.answer).length;
  return (right - answers.length * chance) / Math.sqrt(answers.length * chance * (1 - chance));
}

/** Different questions to be expected in so many draws from `questions` equally likely ones; from fewer, less. */
export function expectedDifferent(questions: number, draws: number): number {
  return questions * (1 - (1 - 1 / questions) ** draws);
}
