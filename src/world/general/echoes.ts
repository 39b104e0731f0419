import type { Domain } from './domain';

/**
 * Texts that say later what they have said before: lists said again by somebody else, and things told of three
 * people and told again of one. They make the models look back at what they have read, and find it by its
 * neighbours. Each sentence is right by itself, whatever stands before it.
 */

/** What a list may hold: slots, in their order. No order is like another, so that places cannot be learnt by heart. */
const LISTS = [
  ['thing', 'n', 'colour', 'beast'],
  ['n', 'beast', 'day', 'thing'],
  ['colour', 'letter', 'meal', 'number'],
  ['beast', 'thing', 'month', 'colour'],
  ['day', 'colour', 'thing'],
  ['letter', 'n', 'beast', 'number'],
  ['month', 'thing', 'gift', 'letter', 'colour'],
  ['beast', 'colour', 'n'],
  ['tint', 'colour', 'thing', 'day'],
  ['number', 'month', 'beast', 'thing', 'n'],
  ['gift', 'day', 'tint', 'beast'],
  ['thing', 'toy', 'gift'],
];

/** Three people, what each has, its colour, and where each is: slots. */
const ROWS = [
  { who: 'who', thing: 'thing', colour: 'colour', where: 'where' },
  { who: 'friend', thing: 'gift', colour: 'tint', where: 'other' },
  { who: 'third', thing: 'toy', colour: 'shade', where: 'spot' },
];

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, at) => `[${name}:${at}]`);

export const echoes: Domain = {
  id: 'echoes',
  title: 'Things said twice: lists, and what three people have',
  weight: 4,
  documents: [
    ...LISTS.flatMap((_, at) => [
      `[list:${at}] [relist:${at}]`,
      `[list:${at}] [[order]] [relist:${at}]`,
      `[list:${at}]\n[relist:${at}]`,
    ]),
    ...Array<string[]>(6)
      .fill([
        `${numbered('has', 3).join(' ')} [told] [told]`,
        `${numbered('is', 3).join(' ')} [met] [met]`,
        `${numbered('has', 3).reverse().join(' ')} ${numbered('is', 3).join(' ')} [told] [met]`,
      ])
      .flat(),
  ],
  sentences: {
    ...numberedRules('list', LISTS, (slots) => [
      `{who} said: ${spaced(slots)}.`,
      `{who} wrote ${spaced(slots)} on the wall.`,
      `The list was ${listed(slots)}.`,
    ]),
    ...numberedRules('relist', LISTS, (slots) => [
      `{friend} said the same: ${spaced(slots)}.`,
      `Once more: ${listed(slots)}.`,
      `So {friend} wrote ${spaced(slots)} too.`,
    ]),
    ...numberedRules('has', ROWS, ({ who, thing, colour }) => [`{${who}} has a {${colour}} {${thing}}.`]),
    ...numberedRules('again', ROWS, ({ who, thing, colour }) => [
      `Yes, {${who}} has a {${colour}} {${thing}}.`,
      `The {${thing}} of {${who}} is {${colour}}.`,
      `The {${colour}} {${thing}} is for {${who}}.`,
    ]),
    ...numberedRules('is', ROWS, ({ who, where }) => [`{${who}} is {${where}.at}.`]),
    ...numberedRules('still', ROWS, ({ who, where }) => [
      `{${who}} is still {${where}.at}.`,
      `They met {${who}} {${where}.at}.`,
      `{${where}.At} was {${who}}.`,
    ]),
  },
  phrases: { told: numbered('again', 3), met: numbered('still', 3) },
};

function numberedRules<Row>(name: string, rows: readonly Row[], write: (row: Row) => readonly string[]) {
  return Object.fromEntries(rows.map((row, at) => [`${name}:${at}`, write(row)]));
}

function spaced(slots: readonly string[]): string {
  return slots.map((slot) => `{${slot}}`).join(' ');
}

function listed(slots: readonly string[]): string {
  return slots.map((slot) => `{${slot}}`).join(', ');
}
