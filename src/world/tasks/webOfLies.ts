import { makeItem, type Task } from '../item';
import { ofLevel } from './levels';
import { PEOPLE_NAMES, PLACES } from './words';

const PEOPLE = [2, 3, 5];

const says = (truth: boolean) => (truth ? 'tells the truth' : 'lies');

/** Chains in which each person says of the one before whether that one lies; yes and no are drawn first. */
export const webOfLies: Task = {
  id: 'web_of_lies',
  title: 'Does the last of several people tell the truth?',
  levels: ['two people', 'three people, in order', 'five people, out of order'],
  choices: 2,
  make(random, level) {
    const people = random.shuffle(PEOPLE_NAMES).slice(0, ofLevel(PEOPLE, level));
    const truthful = random.below(2) === 0;
    const claims = people.map(() => random.below(2) === 0);
    // At the first level two lies that cancel out are rarer than none, so that `lies` is a first hint of `no`.
    if (level === 1) claims[0] = !truthful ? random.below(2) === 0 : random.below(3) > 0;
    // A person tells the truth where what they say of the one before is so: an even number of lies in the chain.
    const lies = claims.slice(0, -1).filter((claim) => !claim).length;
    claims[people.length - 1] = (lies % 2 === 0) === truthful;

    const last = people.at(-1) ?? '';
    const sentences = people.map((name, index) => {
      const before = people[index - 1];
      const claim = says(claims[index] === true);
      return before === undefined ? `${name} ${claim}.` : `${name} says ${before} ${claim}.`;
    });
    const told = level === 3 ? random.shuffle(sentences) : sentences;
    const question = `Near the ${random.pick(PLACES)}, ${told.join(' ')} Does ${last} tell the truth?`;
    const [answer, wrong] = truthful ? ['yes', 'no'] : ['no', 'yes'];
    return makeItem(random, question, answer, [wrong]);
  },
};
