import type { Domain } from './domain';

/** Descriptions of one person or one place; all of it follows from the facts. */
export const portraits: Domain = {
  id: 'portraits',
  title: 'Descriptions of people and places',
  weight: 3,
  documents: [
    '[work] [stay] [habit] [company] [taste]',
    '[home] [work] [company]',
    '[work] [company] [taste] [stay]',
    '[look] [near] [store] [visit]',
    '[look] [store] [near]',
  ],
  sentences: {
    work: [
      '{who} is {who.trade.a}.',
      '{who} works as {who.trade.a}.',
      '{who} is known as a good {who.trade}.',
    ],
    home: ['{who} lives {who.home.at}.', 'The home of {who} is {who.home.at}.'],
    stay: ['{who.They} lives {who.home.at}.', 'You can meet {who.them} {who.home.at}.'],
    habit: [
      'Every day {who.they} {who.trade.does}.',
      '{who} {who.trade.does}.',
      'If {who.they} is {mood}, {mood.cure} helps.',
    ],
    company: [
      '{who} has {who.pet.a} that {who.pet.habit}.',
      '{who.Their} best friend is {who.friend}.',
      '{who} and {who.friend} are friends.',
      '{who.They} has {who.pet.a}.',
    ],
    taste: ['{who.They} likes {who.food}.', '{who} likes {who.food} more than anything.'],
    look: ['{where.The} is {where.look}.', '{where.The} is a {where.look} place.'],
    near: ['It is near {where.near.the}.', '{where.near.The} is not far away.'],
    store: ['People keep {where.store.a} there.', 'You can find {where.store.a} {where.at}.'],
    visit: ['On a {sky} {time}, nobody goes there.', '{who} goes there when {who.they} is {mood}.'],
  },
  phrases: {},
};
