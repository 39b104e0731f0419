import { chanceOf, type Item, type Task } from '../../src/world/item';
import { seededRandom } from '../../src/world/random';
import { drawItems, type Part } from '../../src/world/split';
import type { Answerer } from './answerers';

/** A rule that applies to fewer items than this says too little for a binomial's bell. */
const FEWEST = 200;

/** `count` items of a level, repeated questions included. */
export function sampleItems(task: Task, level: number, seed: number, count: number): Item[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => task.make(random, level));
}

/** Different questions of one part, of all levels of a task. */
function questionsOf(task: Task, part: Part, seed: number, perLevel: number): Set<string> {
  const levels = task.levels.map((_, index) => ({ part, level: index + 1, seed, count: perLevel }));
  return new Set(levels.flatMap((level) => drawItems(task, level).map(({ question }) => question)));
}

/**
 * Questions that stand among `train` learnt ones a level and among others, by a comparison of their texts alone: among
 * `test` ones of the test part, where none may be, and among as many of the train part from another seed, which shows
 * how many meet where nothing keeps them apart.
 */
export function meetings(task: Task, train: number, test: number) {
  const learnt = questionsOf(task, 'train', 7, train);
  const common = (others: ReadonlySet<string>) => [...others].filter((question) => learnt.has(question));
  return {
    withTest: common(questionsOf(task, 'test', 7, test)),
    withTrain: common(questionsOf(task, 'train', 8, test)),
  };
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
