import type { Domain } from './domain';

/**
 * Signs, lists, prices, counts and things said twice. They make the models know numbers, days, letters, colours
 * and signs, and copy from what they have read; what one can reckon or conclude with them is said nowhere.
 */
export const notices: Domain = {
  id: 'notices',
  title: 'Signs, lists, counts, prices and echoes',
  weight: 5,
  documents: [
    '[[sign]] [[count]] [[order]]',
    '[[count]] [[colours]] [[walk]] [[price]]',
    '[[order]] [[order]] [[sign]]',
    '[[echo]] [[speech]] [[colours]]',
    '[[price]] [[count]] [[echo]]',
    '[[walk]] [[date]] [[order]]',
    '[[date]] [[speech]] [[count]]',
    '[[colours]]\n[[echo]]\n[[sign]]',
    '[[wish]]\n[[order]]\n[[sign]]',
    '[[stand]] [[wish]] [[date]] [[echo]]',
  ],
  sentences: {
    sign: [
      'The sign said: [[mark]] [[mark]] [[mark]].',
      'The sign {where.at} said: [[bracket]] [[bracket]] [[bracket]] [[bracket]] [[bracket]].',
      'On the wall stood [[count:small]] [[operator]] [[count:small]] [[operator]] [[count:small]].',
      'The letters on {thing.the} are [[capital]], [[capital]] and [[capital]].',
      'The numbers on {thing.the} are [[count:any]], [[count:any]] and [[count:any]].',
    ],
    count: [
      'There are {n} {thing.many} {where.at}.',
      '{who} has {n} {thing.many} and {m} {beast.many}.',
      '{who} counted {number} {beast.many}.',
      '{who} saw {numeral} {beast.many} {where.at}.',
      'In the basket lay {n} {thing.many}, {m} {thing2.many} and {k} {thing3.many}.',
    ],
    order: [
      'After {number} comes {number.next}.',
      'One more than {n} is {n.next}.',
      '{day.next} comes after {day}.',
      '{month.next} comes after {month}.',
      'The letter {letter.next} comes after {letter}.',
      'The word {thing} begins with {thing.letter}.',
      'The word {beast} begins with {beast.letter}.',
    ],
    price: [
      'One {thing} costs {n} coins, one {thing2} costs {m}.',
      '{who} paid {n} coins for {thing.a} and {number} for {beast.a}.',
      'For {thing.a}, {number} coins are too much.',
    ],
    colours: [
      '{who} has a {colour} {thing} and a {colour2} {thing2}.',
      '{thing.The} {where.at} is {colour}.',
      '{who} likes {colour}, but {friend} likes {colour2}.',
      'One {thing} is {colour}, the other is {colour2}.',
    ],
    walk: [
      '{who} went {n} steps forward and {m} steps back.',
      '{who} turned left {where.at} and went {n} steps.',
      '{who} turned right and went {n} steps {where.to}.',
      'Go {n} steps back, then {m} steps to the left.',
    ],
    date: [
      'On {day}, {who} went {where.to}.',
      '{who} came on {day}, and {friend} came {numeral} days later.',
      'The market is open on {day} in {month}.',
      '{who} was born on the {number} of {month}.',
      'Today is {day}, and it is {sky}.',
    ],
    speech: [
      '{who} tells the truth about {thing.the}.',
      '{who} lies about {beast.the}.',
      '{who} says that {friend} has {thing.a}.',
      '"Is {where.the} near?" asked {who}, and {friend} said [[reply]].',
      'It is [truth] that {who} went {where.to}.',
    ],
    wish: [
      'Bring {thing.a} and {thing2.a}, but not {thing3.a}.',
      'Take {thing.a} or {beast.a}, not both.',
      '{who} wants {thing.a} and not {thing2.a}.',
      '{who} gave {friend} {friend.their} {thing} and kept the {thing2}.',
    ],
    stand: [
      '{who} stands left of {friend}.',
      '{friend} stood right of {thing.the}.',
      'First came {who}, then {friend} with {beast.a}.',
      'Last of all came {beast.the}.',
    ],
    echo: [
      '{who} said: {thing}, {thing2}, {thing3}; and {friend} said it too: {thing}, {thing2}, {thing3}.',
      '{who} wrote {n} {m} {k}, and {friend} wrote {n} {m} {k} under it.',
      'Once more: {colour} {thing}, {colour2} {thing2}; yes, {colour} {thing}, {colour2} {thing2}.',
      '{who} has {beast.a}, {friend} has {beast2.a}; so {beast.the} is {who.their} own.',
    ],
  },
  phrases: {
    mark: ['True', 'False', 'not', 'and', 'or', 'yes', 'no'],
    bracket: ['(', ')', '\\[', ']', '\\{', '}', '<', '>'],
    operator: ['+', '-', '*', '='],
    reply: ['yes', 'no'],
    truth: ['true', 'false', 'not true'],
    capital: ['{letter}'],
    'count:small': ['{n}'],
    'count:any': ['{number}'],
  },
};
