import type { Domain } from '../general/domain';

/**
 * The village clerk turns what people say into record cards. Nothing of this style is in the corpus, so the
 * domain is what an adapter has to learn: the words are known, the task and the form of the answer are new.
 */
export const clerk: Domain = {
  id: 'clerk',
  title: 'Record cards written by the village clerk',
  weight: 0,
  documents: [],
  sentences: {},
  phrases: {},
  tasks: [
    {
      id: 'trouble',
      instructions: ['Write the card.', 'Make a card of this.', 'Put this on a card.'],
      input: '{who} went {where.to}. {who.They} was {why.mood} because {why}.',
      output: 'name: {who}; place: {where}; mood: {why.mood}; help: {why.mood.cure}.',
    },
    {
      id: 'errand',
      instructions: ['Write the card.', 'Make a card of this.', 'Put this on a card.'],
      input: 'One {time}, {who} took {who.their} {thing} {where.to}. {who.They} met {friend}.',
      output: 'name: {who}; place: {where}; thing: {thing}; friend: {friend}.',
    },
    {
      id: 'person',
      instructions: ['Write the card of {who}.', 'Make a card for {who}.', 'Put {who} on a card.'],
      input: '',
      output: 'name: {who}; home: {who.home}; work: {who.trade}; friend: {who.friend}.',
    },
  ],
};
