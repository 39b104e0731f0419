import { describe, expect, it } from 'vitest';
import type { Item, Task } from '../../src/world/item';
import { seededRandom } from '../../src/world/random';
import { REASONING_TASKS } from '../../src/world/tasks';
import { mostFrequentAnswer, surfaceAnswerers } from './answerers';
import { SOLVERS } from './solvers';
import { distanceFromChance, expectedDifferent, meetings, sampleItems } from './taskChecks';

/** Items a level for everything that is counted: at chance 1/4 the tolerance is then 3.1 points. */
const SAMPLES = 4000;
/** Items a level that a solver answers. */
const SOLVED = 500;
/** Different questions that each level has at least. */
const QUESTIONS = 20_000;
/** Drawn over all tasks and levels to see that the parts share no question. */
const DRAWN = 100_000;
/** Questions that two drawings share at least where nothing keeps them apart; measured: some 200. */
const MEETING = 100;
/**
 * Standard deviations of a binomial that a rate may be away from chance. Some 500 rates are looked at, each of
 * which would be further away by accident once in 150,000 times.
 */
const SIGMAS = 4.5;
const LEVELS = REASONING_TASKS.flatMap((task) =>
  task.levels.map((_, index) => ({ task, id: task.id, level: index + 1 })),
);

/** Choices all different, the answer among them, every text one line of words between single spaces. */
function isWellFormed({ question, answer, choices }: Item, count: number): boolean {
  return (
    choices.length === count &&
    new Set(choices).size === count &&
    choices.includes(answer) &&
    [question, ...choices].every((text) => /^[!-~]+( [!-~]+)*$/.test(text))
  );
}

describe('the reasoning suite', () => {
  it('has ids in snake case, each once, and three levels or more', () => {
    const ids = REASONING_TASKS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, levels } of REASONING_TASKS) {
      expect(id).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(levels.length).toBeGreaterThanOrEqual(3);
    }
  });

  it('has an independent solver for each task', () => {
    expect(Object.keys(SOLVERS).sort()).toEqual(REASONING_TASKS.map(({ id }) => id).sort());
  });

  it.each(REASONING_TASKS)('refuses a level that $id does not have', (task) => {
    expect(() => task.make(seededRandom(1), task.levels.length + 1)).toThrow(/level/);
  });
});

describe.each(LEVELS)('$id, level $level', ({ task, level }) => {
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

  it('gives its answer away by nothing but its meaning', () => {
    const half = SAMPLES / 2;
    const distances = Object.entries(surfaceAnswerers(task.choices)).map(
      ([name, answerer]) => [name, distanceFromChance(task, items, answerer)] as const,
    );
    const prior = mostFrequentAnswer(items.slice(0, half));
    distances.push(['most frequent answer', distanceFromChance(task, items.slice(half), prior)]);
    expect(distances.filter(([, distance]) => Math.abs(distance) > SIGMAS)).toEqual([]);
  });

  it('answers as an independent solver does', () => {
    const solve = SOLVERS[task.id]!;
    const asked = items.slice(0, SOLVED);
    expect(asked.filter(({ question, answer }) => solve(question) !== answer)).toEqual([]);
  });
});

describe('the parts of the suite', () => {
  const test = Math.ceil(DRAWN / LEVELS.length / 8);
  const drawn = new Map<string, ReturnType<typeof meetings>>();
  const drawnOf = (task: Task) => {
    const found = drawn.get(task.id) ?? meetings(task, 7 * test, test);
    drawn.set(task.id, found);
    return found;
  };

  it.each(REASONING_TASKS)(`share no question of $id, ${DRAWN} questions in all`, (task) => {
    expect(drawnOf(task).withTest).toEqual([]);
  });

  it('would share questions if nothing kept them apart, as two drawings of one part do', () => {
    const meeting = REASONING_TASKS.reduce((sum, task) => sum + drawnOf(task).withTrain.length, 0);
    expect(meeting).toBeGreaterThan(MEETING);
  });
});
