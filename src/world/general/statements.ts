import type { Domain } from './domain';

/** Single statements, questions with their answers, and notes; each stands for itself. */
export const statements: Domain = {
  id: 'statements',
  title: 'Plain statements, questions and notes',
  weight: 2,
  documents: [
    '[[fact]] [[fact]] [[fact]]',
    '[[fact]] [[note]] [[fact]]',
    '[where] [lives] [what] [does]',
    '[what] [does] [where] [lives]',
    '[whose] [owns] [[fact]]',
    '[[note]] [[fact]]',
  ],
  sentences: {
    fact: [
      '{beast.A} {beast.habit}.',
      '{job.A} {job.does}.',
      '{job.A} needs {job.tool.a}.',
      '{thing.The} is made of {thing.stuff}.',
      'When you are {mood}, {mood.cure} helps.',
      '{where.The} is near {where.near.the}.',
      'People are {why.mood} when they say: {why}.',
      '{who} likes {who.food}, but {friend} likes {friend.food}.',
    ],
    note: [
      'On the door was a note: {who} is {where.at}; come back in the {time}.',
      'The note said: bring {thing.a} and {mood.cure} {where.to}.',
      'A list for the {time}: {thing.a}; {mood.cure}; {meal}.',
      'The name on {thing.the} was: {who}.',
    ],
    where: ['Where does {who} live?', 'Where is the home of {who}?'],
    lives: ['{who} lives {who.home.at}.', '{who.Their} home is {who.home.at}.'],
    what: ['What does {who} do?', 'What is the work of {who}?'],
    does: ['{who} is {who.trade.a} and {who.trade.does}.'],
    whose: ['Who has {who.pet.a} and lives {who.home.at}?'],
    owns: ['It is {who}.'],
  },
  phrases: {},
};
