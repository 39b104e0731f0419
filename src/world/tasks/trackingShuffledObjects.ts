import { makeItem, type Item, type Task } from '../item';
import type { Random } from '../random';
import { ofLevel } from './levels';
import { enumerate, PEOPLE_NAMES, THINGS, withArticle } from './words';

const PEOPLE = 3;
const SWAPS = [1, 2, 4];

/** Who holds what after a few swaps. The choices are the three things, each named once in the question. */
export const trackingShuffledObjects: Task = {
  id: 'tracking_shuffled_objects',
  title: 'Three people swap what they hold: who has what in the end?',
  levels: ['one swap', 'two swaps', 'four swaps'],
  choices: PEOPLE,
  make(random, level) {
    const people = random.shuffle(PEOPLE_NAMES).slice(0, PEOPLE);
    const things = random.shuffle(THINGS).slice(0, PEOPLE);
    const swaps = Array.from({ length: ofLevel(SWAPS, level) }, () => random.shuffle([0, 1, 2]).slice(0, 2));
    return ask(random, people, things, swaps);
  },
};

function ask(
  random: Random,
  people: readonly string[],
  things: readonly string[],
  swaps: readonly (readonly number[])[],
): Item {
  const held = [...things];
  for (const [one = 0, other = 0] of swaps) {
    [held[one], held[other]] = [held[other] ?? '', held[one] ?? ''];
  }
  const asked = random.below(PEOPLE);
  const answer = held[asked] ?? '';
  const start = enumerate(people.map((name, index) => `${name} has ${withArticle(things[index] ?? '')}`));
  const events = swaps.map(([one = 0, other = 0]) => `${people[one]} and ${people[other]} swap.`);
  const question = `${start}. ${events.join(' ')} What does ${people[asked]} have?`;
  return makeItem(
    random,
    question,
    answer,
    things.filter((thing) => thing !== answer),
  );
}
