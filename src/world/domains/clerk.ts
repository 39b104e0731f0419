import { GRAMMAR } from '../general/registry';
import { makeItem, type Item } from '../item';
import { fillTemplate } from '../language/generate';
import { EMPTY_SCOPE, type Scope } from '../language/grammar';
import type { Random } from '../random';
import { ofLevel } from '../tasks/levels';
import { distinct, range, wordsOf } from './draw';
import type { SpecialDomain } from './specialDomain';

const REQUESTS = ['Write the card of {who}.', 'Make a card for {who}.', 'Put {who} on a card.'];

/** How a field is told in a question; on its card it stands as `CARD_FIELDS` says. */
const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  where: ['{who} was {where.at}.', '{who} went {where.to}.'],
  thing: ['{who} had {thing.a}.', '{who} took {thing.a}.'],
  mood: ['{who} was {mood}.', '{who} felt {mood}.'],
};

/** The last one also says what helps, which only somebody who knows the world can tell. */
const CARD_FIELDS: Readonly<Record<string, string>> = {
  where: 'place: {where}',
  thing: 'thing: {thing}',
  mood: 'mood: {mood}; help: {mood.cure}',
};

/** Category of the words of each field. */
const CATEGORIES: Readonly<Record<string, string>> = { where: 'place', thing: 'thing', mood: 'mood' };

/** Cards of the clerk's book; their facts are those of the world. */
const BOOK_CARDS = [
  'name: {who}; place: {where}; mood: {mood}; help: {mood.cure}',
  'name: {who}; place: {where}; thing: {thing}; friend: {friend}',
  'name: {who}; home: {who.home}; work: {who.trade}; friend: {who.friend}',
];

const FIELDS = Object.keys(CARD_FIELDS);

const SORTINGS = ['Which fields are these?', 'Name the fields.', 'Which fields do these fill?'];

/**
 * The fields that each choice takes from somebody else: any two choices differ in two of the three, and each value
 * stands on two cards, so that the cards alone do not tell which is right.
 */
const EXCHANGES: readonly (readonly number[])[] = [[], [0, 1], [0, 2], [1, 2]];

/** Makers of questions, by level. */
const LEVELS: readonly ((random: Random) => Item)[] = [
  askFields,
  (random) => askCard(random, 2),
  (random) => askCard(random, 3),
];

/** The village clerk turns what people say into record cards. */
export const clerk: SpecialDomain = {
  id: 'clerk',
  title: 'Record cards written by the village clerk',
  write(random) {
    const cards = Array.from({ length: 3 + random.below(3) }, () => fill(random, random.pick(BOOK_CARDS)));
    return [`Card book, page ${random.pick(range(2, 99))}`, ...cards.map((card) => `* ${card}`)].join('\n');
  },
  task: {
    id: 'clerk',
    title: 'Say which fields of a card are told, or write the card of one of several people',
    levels: [
      'Two sentences: the fields that they tell',
      'Two people, three fields',
      'Three people, three fields',
    ],
    choices: 4,
    make(random, level) {
      return ofLevel(LEVELS, level)(random);
    },
  },
};

/** Which field each of two sentences tells; the choices, pairs of fields, are drawn before what the text tells. */
function askFields(random: Random): Item {
  const pairs = FIELDS.flatMap((one) => FIELDS.filter((other) => other !== one).map((other) => [one, other]));
  const [answer = [], ...wrong] = distinct(random, pairs, 4);
  const scopes = drawPeople(random, answer.length);
  const sentences = answer.map((field, at) => fill(random, random.pick(SENTENCES[field] ?? []), scopes[at]));
  const named = (fields: readonly string[]) => fields.map((field) => CATEGORIES[field]).join('; ');
  return makeItem(random, [random.pick(SORTINGS), ...sentences].join(' '), named(answer), wrong.map(named));
}

/** The card of one of so many people, of each of whom everything is told. */
function askCard(random: Random, people: number): Item {
  const scopes = drawPeople(random, people);
  const [asked = EMPTY_SCOPE, other = EMPTY_SCOPE] = distinct(random, scopes, 2);
  const sentences = scopes.flatMap((scope) =>
    FIELDS.map((field) => fill(random, random.pick(SENTENCES[field] ?? []), scope)),
  );
  const [answer = '', ...wrong] = EXCHANGES.map((exchanged) => cardOf(random, asked, other, exchanged));
  const request = fill(random, random.pick(REQUESTS), asked);
  return makeItem(random, [request, ...random.shuffle(sentences)].join(' '), answer, wrong);
}

/** People with a word for each field; no word belongs to two of them. */
function drawPeople(random: Random, count: number): Scope[] {
  const columns = ['who', ...FIELDS].map(
    (slot) => [slot, distinct(random, wordsOf(CATEGORIES[slot] ?? 'person'), count)] as const,
  );
  return range(0, count - 1).map(
    (row) =>
      new Map(
        columns.flatMap(([slot, words]) => {
          const word = words[row];
          return word === undefined ? [] : [[slot, word] as const];
        }),
      ),
  );
}

/** The card of `asked`, but for the fields that are exchanged for those of `other`. */
function cardOf(random: Random, asked: Scope, other: Scope, exchanged: readonly number[]): string {
  const lines = FIELDS.map((field, at) =>
    fill(random, CARD_FIELDS[field] ?? '', exchanged.includes(at) ? other : asked),
  );
  return [fill(random, 'name: {who}', asked), ...lines].join('; ');
}

function fill(random: Random, template: string, scope: Scope = EMPTY_SCOPE): string {
  return fillTemplate(GRAMMAR, template, random, scope).text;
}
