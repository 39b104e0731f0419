import { makeItem, type Item, type Task } from '../item';
import type { Random } from '../random';
import { ofLevel } from './levels';
import { COLOURS, PEOPLE_NAMES, PLACES, THINGS } from './words';

const CHOICES = 3;

/** Tables, of which one value is asked for by another of its row; the row is drawn apart from what stands in it. */
export const tableLookup: Task = {
  id: 'table_lookup',
  title: 'Which value belongs to another one in a table?',
  levels: [
    'three rows of thing and colour',
    'four rows of thing, colour and place',
    'two tables of four rows',
  ],
  choices: CHOICES,
  make(random, level) {
    return ofLevel([twoColumns, threeColumns, twoTables], level)(random);
  },
};

type Column = readonly string[];
/** The question, with a star for the known value; the column of known values; the column of the answers. */
type Query = readonly [form: string, from: Column, to: Column];

function twoColumns(random: Random): Item {
  const [things, colours] = [drawColumn(random, THINGS, 3), drawColumn(random, COLOURS, 3)];
  return ask(random, written(things, colours), [
    ['Which colour has the *', things, colours],
    ['Which thing is *', colours, things],
  ]);
}

function threeColumns(random: Random): Item {
  const [things, colours] = [drawColumn(random, THINGS, 4), drawColumn(random, COLOURS, 4)];
  const places = drawColumn(random, PLACES, 4);
  return ask(random, written(things, colours, places), [
    ['Which colour has the *', things, colours],
    ['At which place is the *', things, places],
    ['Which thing is *', colours, things],
    ['At which place is the thing that is *', colours, places],
    ['Which thing is at the *', places, things],
    ['Which colour has the thing at the *', places, colours],
  ]);
}

/** The second table goes on from the first, its rows in an order of their own. */
function twoTables(random: Random): Item {
  const [names, things] = [drawColumn(random, PEOPLE_NAMES, 4), drawColumn(random, THINGS, 4)];
  const colours = drawColumn(random, COLOURS, 4);
  const order = random.shuffle([...things.keys()]);
  const reordered = (column: Column) => order.map((row) => column[row] ?? '');
  return ask(random, `${written(names, things)} . ${written(reordered(things), reordered(colours))}`, [
    ['Which colour has the thing of *', names, colours],
    ['Who has the thing that is *', colours, names],
  ]);
}

function drawColumn(random: Random, values: Column, rows: number): Column {
  return random.shuffle(values).slice(0, rows);
}

/** `hat : red mill , key : blue barn` */
function written(keys: Column, ...columns: readonly Column[]): string {
  return keys.map((key, row) => `${key} : ${columns.map((column) => column[row]).join(' ')}`).join(' , ');
}

/** Asks one of the queries of any row; wrong choices are of other rows. */
function ask(random: Random, table: string, queries: readonly Query[]): Item {
  const [form, from, to] = random.pick(queries);
  const row = random.below(to.length);
  const others = random.shuffle(to.filter((_, index) => index !== row));
  const question = `${table} . ${form.replace('*', from[row] ?? '')} ?`;
  return makeItem(random, question, to[row] ?? '', others.slice(0, CHOICES - 1));
}
