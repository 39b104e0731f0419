import { makeItem, type Task } from '../item';
import type { Random } from '../random';
import { COLOURS, PEOPLE_NAMES, PLACES, THINGS } from './words';

/** Rows of a table; the row that is asked for is drawn apart from what stands in it. */
export const tableLookup: Task = {
  id: 'table_lookup',
  title: 'Find the value that belongs to another one in a table',
  levels: [
    'three rows of thing and colour',
    'four rows of thing, colour and place',
    'two tables of four rows',
  ],
  choices: 3,
  make(random, level) {
    const count = level === 1 ? 3 : 4;
    const column = (values: readonly string[]) => random.shuffle(values).slice(0, count);
    const things = column(THINGS);
    const colours = column(COLOURS);
    const asked = random.below(count);
    const others = random.shuffle(things.map((_, index) => index).filter((index) => index !== asked));
    /** The item that asks for the value of one column by the value of another. */
    const ask = (table: string, [form, from, to]: Query) =>
      makeItem(
        random,
        `${table} . ${form.replace('*', from[asked] ?? '')} ?`,
        to[asked] ?? '',
        others.slice(0, 2).map((index) => to[index] ?? ''),
      );

    if (level === 1) {
      const colourOf: Query = ['Which colour has the *', things, colours];
      const thingOf: Query = ['Which thing is *', colours, things];
      return ask(written(things, colours), random.pick([colourOf, thingOf]));
    }
    if (level === 2) {
      const places = column(PLACES);
      return ask(
        written(things, colours, places),
        random.pick<Query>([
          ['Which colour has the *', things, colours],
          ['At which place is the *', things, places],
          ['Which thing is *', colours, things],
          ['At which place is the thing that is *', colours, places],
          ['Which thing is at the *', places, things],
          ['Which colour has the thing at the *', places, colours],
        ]),
      );
    }
    const names = column(PEOPLE_NAMES);
    return ask(
      `${inAnyOrder(random, names, things)} . ${inAnyOrder(random, things, colours)}`,
      random.pick<Query>([
        ['Which colour has the thing of *', names, colours],
        ['Who has the thing that is *', colours, names],
      ]),
    );
  },
};

/** The question, with a star for the known value; the column of known values; the column of the answers. */
type Query = readonly [form: string, from: readonly string[], to: readonly string[]];

/** The rows of a table whose first column is named first: `hat : red mill , key : blue barn`. */
function written(keys: readonly string[], ...columns: readonly (readonly string[])[]): string {
  const rows = keys.map((key, row) => `${key} : ${columns.map((column) => column[row]).join(' ')}`);
  return rows.join(' , ');
}

/** As `written`, the rows shuffled. */
function inAnyOrder(random: Random, keys: readonly string[], values: readonly string[]): string {
  const order = random.shuffle(keys.map((_, index) => index));
  const pick = (column: readonly string[]) => order.map((index) => column[index] ?? '');
  return written(pick(keys), pick(values));
}
