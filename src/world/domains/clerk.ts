import { GRAMMAR } from '../general/registry';
import { makeItem } from '../item';
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

/** How many people a question tells about, and which fields. */
const LEVELS = [
  { people: 2, fields: ['where', 'mood'] },
  { people: 2, fields: ['where', 'thing', 'mood'] },
  { people: 3, fields: ['where', 'thing', 'mood'] },
];

/**
 * The fields that each choice takes from somebody else, by the number of fields: any two choices differ in equally
 * many of the three, and each value stands on two cards, so that the cards alone do not tell which is right.
 */
const EXCHANGES: Readonly<Record<number, readonly (readonly number[])[]>> = {
  2: [[], [0], [1], [0, 1]],
  3: [[], [0, 1], [0, 2], [1, 2]],
};

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
    title: 'Write the record card of one of several people',
    levels: ['Two people, place and mood', 'Two people, three fields', 'Three people, three fields'],
    choices: 4,
    make(random, level) {
      const { people, fields } = ofLevel(LEVELS, level);
      const scopes = drawPeople(random, people, fields);
      const [asked = EMPTY_SCOPE, other = EMPTY_SCOPE] = distinct(random, scopes, 2);
      const sentences = scopes.flatMap((scope) =>
        fields.map((field) => fill(random, random.pick(SENTENCES[field] ?? []), scope)),
      );
      const [answer = '', ...wrong] = (EXCHANGES[fields.length] ?? []).map((exchanged) =>
        cardOf(random, asked, other, fields, exchanged),
      );
      const request = fill(random, random.pick(REQUESTS), asked);
      return makeItem(random, [request, ...random.shuffle(sentences)].join(' '), answer, wrong);
    },
  },
};

/** People with a word for each field; no word belongs to two of them. */
function drawPeople(random: Random, count: number, fields: readonly string[]): Scope[] {
  const columns = ['who', ...fields].map(
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
function cardOf(
  random: Random,
  asked: Scope,
  other: Scope,
  fields: readonly string[],
  exchanged: readonly number[],
): string {
  const lines = fields.map((field, at) =>
    fill(random, CARD_FIELDS[field] ?? '', exchanged.includes(at) ? other : asked),
  );
  return [fill(random, 'name: {who}', asked), ...lines].join('; ');
}

function fill(random: Random, template: string, scope: Scope = EMPTY_SCOPE): string {
  return fillTemplate(GRAMMAR, template, random, scope).text;
}
