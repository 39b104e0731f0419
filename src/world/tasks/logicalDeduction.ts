import { makeItem, type Task } from '../item';
import { ofLevel } from './levels';
import { PEOPLE_NAMES } from './words';

const PEOPLE = [3, 4, 5];
const PLACES_IN_ROW = ['first', 'second', 'third', 'fourth', 'fifth'];

/**
 * People in a row, of whom each neighbour pair is told and, to close the ring, the first and the last: everybody is
 * named twice. The place that is asked for is drawn apart from the names, so no place of mention is favoured.
 */
export const logicalDeduction: Task = {
  id: 'logical_deduction',
  title: 'Who stands at which place in a row?',
  levels: ['three people, left of each other', 'four people, left and right', 'five people'],
  choices: 3,
  make(random, level) {
    const row = random.shuffle(PEOPLE_NAMES).slice(0, ofLevel(PEOPLE, level));
    const statements = row.map((name, index) => {
      const next = row[index + 1];
      const [left, right] = next === undefined ? [row[0] ?? '', name] : [name, next];
      const turned = level > 1 && random.below(2) === 0;
      return turned ? `${right} stands right of ${left}.` : `${left} stands left of ${right}.`;
    });
    const asked = random.below(row.length);
    const question = `${random.shuffle(statements).join(' ')} Who is ${PLACES_IN_ROW[asked] ?? ''} from the left?`;
    const others = random.shuffle(row.filter((_, index) => index !== asked));
    return makeItem(random, question, row[asked] ?? '', others.slice(0, 2));
  },
};
