import type { Domain } from './domain';

/**
 * Signs, prices, counts and dates. They make the models know numbers, days, letters, colours and signs; what one
 * can reckon or conclude with them is said nowhere.
 */
export const notices: Domain = {
  id: 'notices',
  title: 'Signs, counts, prices and dates',
  weight: 3,
  documents: [
    '[[sign]] [[count]] [[order]]',
    '[[count]] [[colours]] [[walk]] [[price]]',
    '[[order]] [[speech]] [[sign]]',
    '[[speech]] [[colours]]',
    '[[price]] [[count]] [[order]]',
    '[[walk]] [[date]] [[order]]',
    '[[date]] [[speech]]',
    '[[colours]]\n[[count]]\n[[sign]]',
    '[[wish]]\n[[order]]\n[[price]]',
    '[[stand]] [[wish]] [[date]]',
  ],
  sentences: {
    sign: [
      'The sign said: [[mark]] [[mark]] [[mark]].',
      'The sign {where.at} said: [[bracket]] [[bracket]] [[bracket]] [[bracket]] [[bracket]].',
      'On the wall stood [[number:small]] [[operator]] [[number:small]] [[operator]] [[number:small]].',
      'The letters on {thing.the} are [[capital]], [[capital]] and [[capital]].',
      'The numbers on {thing.the} are [[number:any]], [[number:any]] and [[number:any]].',
    ],
    count: [
      'There are {n} {thing.many} {where.at}.',
      '{who} has [[number:small]] {thing.many} and [[number:small]] {beast.many}.',
      '{who} counted {number} {beast.many}.',
      '{who} saw {numeral} {beast.many} {where.at}.',
      'In the basket lay [[number:small]] {thing.many} and [[number:small]] {beast.many}.',
    ],
    order: [
      'After {n} comes {n.next}.',
      'One more than {n} is {n.next}.',
      '{day.next} comes after {day}.',
      '{month.next} comes after {month}.',
      'The letter {letter.next} comes after {letter}.',
      'The word {thing} begins with {thing.letter}.',
      'The word {beast} begins with {beast.letter}.',
    ],
    price: [
      'One {thing} costs [[number:small]] coins, one {beast} costs [[number:small]].',
      '{who} paid [[number:small]] coins for {thing.a} and [[number:small]] for {beast.a}.',
      'For {thing.a}, {number} coins are too much.',
    ],
    colours: [
      '{who} has a [[hue]] {thing} and a [[hue]] {beast}.',
      '{thing.The} {where.at} is {colour}.',
      '{who} likes [[hue]], but {friend} likes [[hue]].',
      '{thing.The} is [[hue]], {beast.the} is [[hue]].',
    ],
    walk: [
      '{who} went [[number:small]] steps forward and [[number:small]] steps back.',
      '{who} turned left {where.at} and went {n} steps.',
      '{who} turned right and went {n} steps {where.to}.',
      'Go [[number:small]] steps back, then [[number:small]] steps to the left.',
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
      '"Is {where.the} near?" asked {who}, and {friend} said [reply].',
      'It is [truth] that {who} went {where.to}.',
    ],
    wish: [
      'Bring {thing.a} and {meal}, but not {beast.a}.',
      'Take {thing.a} or {beast.a}, not both.',
      '{who} wants {thing.a} and not {beast.a}.',
      '{who} gave {friend} {thing.a} and kept {beast.the}.',
    ],
    stand: [
      '{who} stands left of {friend}.',
      '{friend} stood right of {thing.the}.',
      'First came {who}, then {friend} with {beast.a}.',
      'Last of all came {beast.the}.',
    ],
  },
  phrases: {
    mark: ['True', 'False', 'not', 'and', 'or', 'yes', 'no'],
    bracket: ['(', ')', '\\[', ']', '\\{', '}', '<', '>'],
    operator: ['+', '-', '*', '='],
    reply: ['yes', 'no'],
    truth: ['true', 'false', 'not true'],
    capital: ['{letter}'],
    hue: ['{colour}'],
    'number:small': ['{n}'],
    'number:any': ['{number}'],
  },
};
