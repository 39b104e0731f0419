import { makeItem, type Item } from '../item';
import type { Random } from '../random';
import { ofLevel } from '../tasks/levels';
import { distinct, range, textsOf } from './draw';
import type { SpecialDomain } from './specialDomain';

const INGREDIENTS = [
  'milk',
  'flour',
  'rice',
  'butter',
  'sugar',
  'honey',
  'onion',
  'pepper',
  'water',
  'salt',
  'oil',
];
const UNITS = ['cups', 'spoons', 'grams', 'bowls'];

/** How many steps may use a unit, one count for each unit. */
const COUNTS = ['none', 'one', 'two', 'three'];

const ADDING = ['add', 'pour in', 'stir in', 'mix in'];
const HANDLING = ['heat', 'wash', 'stir', 'fry', 'boil'];
const VESSELS = ['bowl', 'pot'];

/** More than any recipe has steps: no quantity is the number of a step. */
const QUANTITIES = range(7, 30);

/** Makers of questions, by level. */
const LEVELS: readonly ((random: Random) => Item)[] = [
  askUnit,
  (random) => (random.below(2) === 0 ? askQuantity(random) : askNeighbour(random, false)),
  (random) => askNeighbour(random, true),
];

/** What a step handles, and how much of it. */
interface Step {
  readonly ingredient: string;
  readonly quantity: number;
}

/** Numbered steps with quantities. */
export const recipes: SpecialDomain = {
  id: 'recipes',
  title: 'Recipes in numbered steps',
  write(random) {
    const steps = drawSteps(random, 3 + random.below(2)).map((step) =>
      random.below(3) > 0 ? measure(random, step) : handle(random, step),
    );
    const lines = [...steps, finish(random), `serve with ${random.pick(INGREDIENTS)}`];
    return [`Recipe: ${random.pick(textsOf('food'))}`, ...numbered(lines)].join('\n');
  },
  task: {
    id: 'recipes',
    title: 'Count what is measured alike, say how much is needed, and what comes before or after',
    levels: [
      'Six steps; how many use one unit',
      'Four quantities; or five steps and what comes right after, or right before',
      'Five quantities: how much goes in right after, or right before',
    ],
    choices: 4,
    make(random, level) {
      return ofLevel(LEVELS, level)(random);
    },
  },
};

/**
 * How many steps use one unit. The units have none, one, two and three steps; which is asked is drawn last, so that the
 * steps alone tell nothing. The choices are words, because steps are numbered with digits.
 */
function askUnit(random: Random): Item {
  const order = random.shuffle(UNITS);
  const units = random.shuffle(order.flatMap((unit, count) => range(1, count).map(() => unit)));
  const lines = drawSteps(random, units.length).map((step, at) => measure(random, step, units[at]));
  const answer = random.below(COUNTS.length);
  return makeItem(
    random,
    [...numbered(lines), `How many steps use ${order[answer] ?? ''}?`].join('\n'),
    COUNTS[answer] ?? '',
    COUNTS.filter((_, count) => count !== answer),
  );
}

/** How much of one ingredient; each quantity stands once in the text. */
function askQuantity(random: Random): Item {
  const steps = drawSteps(random, 4);
  const asked = random.pick(steps);
  const lines = numbered(steps.map((step) => measure(random, step)));
  return makeItem(
    random,
    [...lines, `How much ${asked.ingredient}?`].join('\n'),
    String(asked.quantity),
    steps.filter((step) => step !== asked).map(({ quantity }) => String(quantity)),
  );
}

/**
 * The step right after or right before another one, by its ingredient or by its quantity. The choices are all steps
 * but the one that the question names; among them the answer is as often the first as any other.
 */
function askNeighbour(random: Random, byQuantity: boolean): Item {
  const steps = drawSteps(random, 5);
  const direction = random.pick(['after', 'before']);
  const earlier = random.below(steps.length - 1);
  const [named, answer] = direction === 'after' ? [earlier, earlier + 1] : [earlier + 1, earlier];
  const lines = numbered(steps.map((step) => (byQuantity ? measure(random, step) : handle(random, step))));
  const verb = byQuantity ? 'How much goes in' : 'What comes';
  const choices = steps.map(({ ingredient, quantity }) => (byQuantity ? String(quantity) : ingredient));
  return makeItem(
    random,
    [...lines, `${verb} right ${direction} the ${steps[named]?.ingredient ?? ''}?`].join('\n'),
    choices[answer] ?? '',
    choices.filter((_, at) => at !== named && at !== answer),
  );
}

function drawSteps(random: Random, count: number): Step[] {
  const quantities = distinct(random, QUANTITIES, count);
  return distinct(random, INGREDIENTS, count).map((ingredient, at) => ({
    ingredient,
    quantity: quantities[at] ?? 0,
  }));
}

function measure(random: Random, { ingredient, quantity }: Step, unit = random.pick(UNITS)): string {
  return `${random.pick(ADDING)} ${quantity} ${unit} of ${ingredient}`;
}

function handle(random: Random, { ingredient }: Step): string {
  return `${random.pick(HANDLING)} the ${ingredient}`;
}

function finish(random: Random): string {
  const minutes = random.pick(QUANTITIES);
  return `${random.pick(['bake', 'boil', 'stir'])} in a ${random.pick(VESSELS)} for ${minutes} minutes`;
}

/** `1. add 8 cups of milk.` */
function numbered(steps: readonly string[]): string[] {
  return steps.map((step, at) => `${at + 1}. ${step}.`);
}
