import type { Domain } from './domain';

/** Short tales: somebody is in trouble for a reason, somebody else brings what helps. */
export const stories: Domain = {
  id: 'stories',
  title: 'Short stories about a trouble, its cause and its cure',
  weight: 5,
  documents: [
    '[opening] [trouble] [meeting] [asking] [answer] [help] [relief] [ending]',
    '[opening] [trouble] [meeting] [help] [relief]',
    '[opening] [trouble] [meeting] [answer] [help] [ending]',
    '[outing] [loss] [search] [find] [thanks] [ending]',
    '[outing] [loss] [search] [find] [thanks]',
    '[outing] [loss] [trouble] [meeting] [answer] [help] [relief]',
  ],
  sentences: {
    opening: [
      'One {time}, {who} went {where.to}.',
      'It was a {sky} {time} when {who} walked {where.to}.',
      'On a {sky} {time}, {who} was {where.at}.',
      'Once {who} the {who.trade} was alone {where.at}.',
    ],
    outing: [
      'One {time}, {who} took {who.their} {thing} {where.to}.',
      'On a {sky} {time}, {who} sat {where.at} with {who.their} {thing}.',
      '{who} found {thing.a} {where.at} and kept it.',
      '{who} went {where.to} to show {who.their} {thing} to {friend}.',
    ],
    trouble: [
      '{who} was {why.mood} because {why}.',
      '{who.They} felt {why.mood}, because {why}.',
      'Soon {who.they} was very {why.mood}, for {why}.',
      'But {why}, and so {who} was {why.mood}.',
    ],
    meeting: [
      'Then {friend} came along with {friend.pet.a}.',
      '{friend} the {friend.trade} saw {who.them} and stopped.',
      'Just then {friend} came back from {other.the}.',
      'After a while {who} met {friend}.',
    ],
    asking: [
      '"Why are you {why.mood}?" asked {friend}.',
      '"Can I help you?" asked {friend}.',
      '"What is wrong, {who}?" asked {friend}.',
    ],
    answer: [
      '{who} told {friend.them} that {why}.',
      '"I am {why.mood} because {why}," said {who}.',
      '"It is because {why}," {who.they} said.',
    ],
    help: [
      'So {friend} gave {who.them} {why.mood.cure}.',
      '{friend} had {why.mood.cure} and gave it to {who}.',
      'At once {friend} ran home and came back with {why.mood.cure}.',
      '"Here is {why.mood.cure} for you," said {friend}.',
    ],
    relief: [
      'Soon {who} was not {why.mood} any more.',
      'Then {who.they} felt {joy} again.',
      '{who} thanked {friend} and was {joy}.',
      'That helped, and {who} was {joy} at last.',
    ],
    loss: [
      'On the way home {who.they} lost {thing.the}.',
      'But the wind took {thing.the} away.',
      'Then {beast.a} ran off with {thing.the}.',
      'In the {time}, {thing.the} was gone.',
    ],
    search: [
      '{who} asked {friend}, but {friend.they} had not seen it.',
      '{who.They} looked {other.at}, and {friend} helped {who.them}.',
      '"Who has seen my {thing}?" asked {who}.',
      '{who} and {friend} looked for it all {time}.',
    ],
    find: [
      'At last they found {thing.the} {spot.at}.',
      'Then {friend} saw {thing.the} {spot.at}.',
      '{friend.pet.The} of {friend} had it all the time.',
      'Somebody had taken {thing.the} {spot.to}.',
    ],
    thanks: [
      '"Thank you, {friend}," said {who}.',
      '{who} was {joy}, and so was {friend}.',
      '{who} gave {friend.them} some {meal} for {friend.their} help.',
    ],
    ending: [
      'They went home together.',
      'From that {time} on, {who} and {friend} were good friends.',
      'Then they ate {meal} {who.home.at}.',
      '{who} never forgot that {time}.',
    ],
  },
  phrases: {},
};
