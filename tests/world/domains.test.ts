import { describe, expect, it } from 'vitest';
import { SPECIAL_DOMAINS } from '../../src/world/domains';
import { generateDocuments } from '../../src/world/general/corpus';
import type { Item } from '../../src/world/item';
import { seededRandom } from '../../src/world/random';
import { mostFrequentAnswer, surfaceAnswerers, type Answerer } from './answerers';
import { DOMAIN_SOLVERS } from './domainSolvers';
import { distanceFromChance, expectedDifferent, meetings, sampleItems } from './taskChecks';

/** Items a level for everything that is counted: at chance 1/4 the tolerance is then 3.9 points. */
const SAMPLES = 2500;
/** Items a level that a solver answers. */
const SOLVED = 300;
/** Different questions that each level has at least. */
const QUESTIONS = 20_000;
/**
 * Standard deviations of a binomial that a rate may be away from chance. Some 350 rates are looked at, each of
 * which would be further away by accident once in 150,000 times.
 */
const SIGMAS = 4.5;

const IDS = ['clerk', 'encyclopaedia', 'word_problems', 'code', 'dialogue', 'recipes'];
const LEVELS = SPECIAL_DOMAINS.flatMap(({ id, task }) =>
  task.levels.map((_, index) => ({ id, task, level: index + 1 })),
);

describe('the special domains', () => {
  it('are the six, each with the task of its id and three levels', () => {
    expect(SPECIAL_DOMAINS.map(({ id }) => id)).toEqual(IDS);
    expect(SPECIAL_DOMAINS.map(({ task }) => task.id)).toEqual(IDS);
    expect(SPECIAL_DOMAINS.map(({ task }) => task.levels.length)).toEqual(IDS.map(() => 3));
  });

  it.each(SPECIAL_DOMAINS)('refuse a level that $id does not have', ({ task }) => {
    expect(() => task.make(seededRandom(1), 0)).toThrow('level');
    expect(() => task.make(seededRandom(1), 4)).toThrow('level');
  });

  it('are told apart, and from the general part, by a nearest centroid of words', () => {
    const train = documentsByClass(11, 100);
    const held = documentsByClass(12, 100);
    const centroids = [...train].map(([id, documents]) => [id, centroidOf(documents)] as const);
    const guesses = [...held].flatMap(([id, documents]) =>
      documents.map((text) => ({ id, guess: nearest(centroids, text) })),
    );
    const right = guesses.filter(({ id, guess }) => id === guess).length;
    expect(right / guesses.length).toBeGreaterThanOrEqual(0.95);
  });
});

describe.each(SPECIAL_DOMAINS)('the documents of $id', (domain) => {
  const documents = documentsOf(domain.id, 5, 1000);

  it('are the same from the same seed, and others from another', () => {
    expect(documentsOf(domain.id, 5, 50)).toEqual(documents.slice(0, 50));
    expect(documentsOf(domain.id, 6, 50)).not.toEqual(documents.slice(0, 50));
  });

  it('hardly ever repeat', () => {
    expect(new Set(documents).size).toBeGreaterThan(0.98 * documents.length);
  });

  it('have 25 to 70 words and signs that stand alone', () => {
    const lengths = documents.map((text) => text.split(/\s+/).length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(25);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(70);
  });
});

describe.each(LEVELS)('$id, level $level', ({ id, task, level }) => {
  const items = sampleItems(task, level, level, SAMPLES);

  it('makes well-formed items, the same from the same seed', () => {
    expect(items.filter((item) => !isWellFormed(item, task.choices))).toEqual([]);
    expect(sampleItems(task, level, level, 50)).toEqual(items.slice(0, 50));
    expect(sampleItems(task, level, level + 1, 50)).not.toEqual(items.slice(0, 50));
  });

  it(`has ${QUESTIONS} different questions or more`, () => {
    const different = new Set(items.map(({ question }) => question)).size;
    expect(different).toBeGreaterThan(expectedDifferent(QUESTIONS, SAMPLES));
  });

  it('mentions each choice equally often', () => {
    const uneven = items.filter((item) => new Set(mentionCounts(item)).size > 1);
    expect(uneven).toEqual([]);
  });

  it('gives its answer away by nothing but its meaning', () => {
    const half = SAMPLES / 2;
    const answerers = Object.entries({ ...surfaceAnswerers(task.choices), ...placeAnswerers(items) });
    const distances = answerers.map(
      ([name, answerer]) => [name, distanceFromChance(task, items, answerer)] as const,
    );
    const prior = mostFrequentAnswer(items.slice(0, half));
    distances.push(['most frequent answer', distanceFromChance(task, items.slice(half), prior)]);
    expect(distances.filter(([, distance]) => Math.abs(distance) > SIGMAS)).toEqual([]);
  });

  it('answers as a solver does that reads the text', () => {
    const solve = DOMAIN_SOLVERS[id]!;
    const wrong = items.slice(0, SOLVED).filter(({ question, answer }) => solve(question) !== answer);
    expect(wrong).toEqual([]);
  });
});

describe('the parts of the special domains', () => {
  const test = Math.ceil(20_000 / LEVELS.length / 8);

  it.each(SPECIAL_DOMAINS)('share no question of $id, 20,000 questions in all', ({ task }) => {
    expect(meetings(task, 7 * test, test).withTest).toEqual([]);
  });
});

/** Rules that look where those words of a choice stand that not every choice has. */
function placeAnswerers(items: readonly Item[]): Record<string, Answerer> {
  const places = new Map(items.map((item) => [item, placesOfTellingWords(item)]));
  const lowest =
    (score: (places: readonly number[]) => number): Answerer =>
    (item) => {
      const scores = places.get(item)!.map((row) => (row.length === 0 ? Infinity : score(row)));
      const best = Math.min(...scores);
      const silent = Math.max(...scores) === best || scores.includes(Infinity);
      return silent ? undefined : item.choices[scores.indexOf(best)];
    };
  const spread = (row: readonly number[]) => Math.max(...row) - Math.min(...row);
  return {
    'words stand earliest': lowest(sum),
    'words stand latest': lowest((row) => -sum(row)),
    'words stand closest': lowest(spread),
    'words stand farthest apart': lowest((row) => -spread(row)),
  };
}

/** For each choice, where in the question its words first stand, but for words that every choice has. */
function placesOfTellingWords({ question, choices }: Item): number[][] {
  const text = wordsIn(question);
  const words = choices.map((choice) => new Set(wordsIn(choice)));
  return words.map((own) =>
    [...own]
      .filter((word) => !words.every((others) => others.has(word)))
      .map((word) => text.indexOf(word))
      .filter((place) => place >= 0),
  );
}

/** Choices all different, the answer among them; words and signs between single spaces or line breaks. */
function isWellFormed({ question, answer, choices }: Item, count: number): boolean {
  return (
    choices.length === count &&
    new Set(choices).size === count &&
    choices.includes(answer) &&
    /^[!-~]+([ \n][!-~]+)*$/.test(question) &&
    choices.every((choice) => /^[!-~]+( [!-~]+)*$/.test(choice))
  );
}

/** For each choice, how many words of the question are among its own; what helps (clerk) stands in no question. */
function mentionCounts({ question, choices }: Item): number[] {
  const text = wordsIn(question);
  const words = choices.map((choice) => new Set(wordsIn(choice.replace(/; help: .*/, ''))));
  return words.map((own) => text.filter((word) => own.has(word)).length);
}

function wordsIn(text: string): string[] {
  return text.match(/\w+|[^\w\s]/g) ?? [];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function documentsOf(id: string, seed: number, count: number): string[] {
  const random = seededRandom(seed);
  const domain = SPECIAL_DOMAINS.find((candidate) => candidate.id === id)!;
  return Array.from({ length: count }, () => domain.write(random));
}

function documentsByClass(seed: number, count: number): Map<string, string[]> {
  const special = IDS.map((id) => [id, documentsOf(id, seed, count)] as const);
  return new Map([...special, ['general', generateDocuments(seed, count)]]);
}

type Bag = ReadonlyMap<string, number>;

/** How often each word and sign stands in a text, as a vector of length 1. */
function bagOf(text: string): Bag {
  const counts = new Map<string, number>();
  for (const word of wordsIn(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return unit(counts);
}

function centroidOf(documents: readonly string[]): Bag {
  const total = new Map<string, number>();
  for (const [word, weight] of documents.flatMap((text) => [...bagOf(text)])) {
    total.set(word, (total.get(word) ?? 0) + weight);
  }
  return unit(total);
}

function unit(bag: Bag): Bag {
  const length = Math.hypot(...bag.values());
  return new Map([...bag].map(([word, weight]) => [word, weight / length]));
}

/** The class whose centroid has the smallest angle to the text. */
function nearest(centroids: readonly (readonly [string, Bag])[], text: string): string {
  const bag = [...bagOf(text)];
  const cosines = centroids.map(([, centroid]) =>
    sum(bag.map(([word, weight]) => weight * (centroid.get(word) ?? 0))),
  );
  return centroids[cosines.indexOf(Math.max(...cosines))]![0];
}
