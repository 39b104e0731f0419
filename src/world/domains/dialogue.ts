import { makeItem, type Item } from '../item';
import type { Random } from '../random';
import { ofLevel } from '../tasks/levels';
import { distinct, range, textsOf } from './draw';
import type { SpecialDomain } from './specialDomain';

const names = textsOf('person');
const things = textsOf('thing');
const PRICES = range(2, 20);

/** How people ask for a thing. */
const WISHES = [
  (thing: string) => `Hey, I want the ${thing}!`,
  (thing: string) => `Um, the ${thing} please.`,
  (thing: string) => `Hi mate, give me the ${thing}!`,
  (thing: string) => `Oh, I fancy the ${thing}!`,
];

/** What people in a talk do to each other: `buyer` and `seller`, the thing, its price and a lower one. */
interface Deal {
  readonly buyer: string;
  readonly seller: string;
  readonly thing: string;
  readonly price: number;
  readonly less: number;
}

const SCENES = ['at the stall', 'at the inn', 'at school'];
const GREETINGS = ['Hi there!', 'Hey mate!', 'Hullo, come in!', 'Hey, what can I get you?'];
const OFFERS = ['That makes', 'Er, just', 'For you, mate,', 'Well, only'];
const REFUSALS = ['No way!', 'Come on!', 'Nah, too much!', 'Oh dear!'];
const AGREEMENTS = ['Okay, done!', 'Fine, here you go.', 'Yeah, okay.', 'Well, all right.'];
/** What people do when they answer an offer, and their words. */
const REPLIES = [
  { verb: 'agree', said: AGREEMENTS },
  { verb: 'refuse', said: REFUSALS },
] as const;
const PARTINGS = ['Thanks, bye!', 'Cheers, mate!', 'Great, see you!', 'Ta, bye!'];

/** Makers of questions, by level. */
const LEVELS: readonly ((random: Random) => Item)[] = [
  askNumber,
  (random) => random.pick([askWish, askPrice])(random),
  askPayment,
];

/** Talks between people who want something. */
export const dialogue: SpecialDomain = {
  id: 'dialogue',
  title: 'Talks at the stall, in the inn and at school, turn by turn',
  write(random) {
    const [buyer = '', seller = ''] = distinct(random, names, 2);
    const [less = 0, price = 0] = distinct(random, PRICES, 2).sort((a, b) => a - b);
    return talk(random, { buyer, seller, thing: random.pick(things), price, less }).join('\n');
  },
  task: {
    id: 'dialogue',
    title: 'Say how many agree, who wants what, and what costs how much',
    levels: [
      'Two to six answers; how many agree, or how many refuse',
      'Four wishes, or four prices',
      'A list of prices and four wishes: what somebody pays',
    ],
    choices: 4,
    make(random, level) {
      return ofLevel(LEVELS, level)(random);
    },
  },
};

/** How many agree or refuse. The answer is drawn first; the text has no number. */
function askNumber(random: Random): Item {
  const [answer = 0, ...wrong] = distinct(random, range(1, 4), 4);
  const [asked = REPLIES[0], other = REPLIES[1]] = random.shuffle(REPLIES);
  const replies = random.shuffle([
    ...Array.from({ length: answer }, () => random.pick(asked.said)),
    ...Array.from({ length: 1 + random.below(2) }, () => random.pick(other.said)),
  ]);
  const speakers = distinct(random, names, replies.length);
  const turns = speakers.map((name, at) => turn(name, replies[at] ?? ''));
  const question = [...turns, `How many ${asked.verb}?`].join('\n');
  return makeItem(random, question, String(answer), wrong.map(String));
}

/** Who wants the thing, or which thing somebody wants: each stands once in the text. */
function askWish(random: Random): Item {
  const wishes = drawWishes(random);
  const asked = random.pick(wishes);
  const others = wishes.filter((wish) => wish !== asked);
  const text = wishes.map((wish) => sayWish(random, wish)).join('\n');
  return random.below(2) === 0
    ? makeItem(
        random,
        `${text}\nWho wants the ${asked.thing}?`,
        asked.name,
        others.map(({ name }) => name),
      )
    : makeItem(
        random,
        `${text}\nWhat does ${asked.name} want?`,
        asked.thing,
        others.map(({ thing }) => thing),
      );
}

/** How much a thing costs, or which thing costs so much. */
function askPrice(random: Random): Item {
  const [buyer = '', seller = ''] = distinct(random, names, 2);
  const offers = drawOffers(random);
  const asked = random.pick(offers);
  const others = offers.filter((offer) => offer !== asked);
  const text = offers
    .flatMap(({ thing, price }) => [
      turn(buyer, `${random.pick(['And', 'Hey,', 'Um,'])} the ${thing}?`),
      turn(seller, `${random.pick(OFFERS)} ${price} pence.`),
    ])
    .join('\n');
  return random.below(2) === 0
    ? makeItem(
        random,
        `${text}\nHow much is the ${asked.thing}?`,
        String(asked.price),
        others.map(({ price }) => String(price)),
      )
    : makeItem(
        random,
        `${text}\nWhat costs ${asked.price} pence?`,
        asked.thing,
        others.map(({ thing }) => thing),
      );
}

/** How much somebody pays: from the person to the thing, from the thing to its price. */
function askPayment(random: Random): Item {
  const offers = drawOffers(random);
  const [seller = '', ...buyers] = distinct(random, names, offers.length + 1);
  const wishes = random.shuffle(offers).map((offer, at) => ({ ...offer, name: buyers[at] ?? '' }));
  const asked = random.pick(wishes);
  const list = offers.map(({ thing, price }) => `the ${thing} ${price} pence`).join(', ');
  return makeItem(
    random,
    [
      turn(seller, `Come on, ${list}!`),
      ...wishes.map((wish) => sayWish(random, wish)),
      `How much does ${asked.name} pay?`,
    ].join('\n'),
    String(asked.price),
    wishes.filter((wish) => wish !== asked).map(({ price }) => String(price)),
  );
}

function drawWishes(random: Random): { name: string; thing: string }[] {
  const wanted = distinct(random, things, 4);
  return distinct(random, names, 4).map((name, at) => ({ name, thing: wanted[at] ?? '' }));
}

function drawOffers(random: Random): { thing: string; price: number }[] {
  const prices = distinct(random, PRICES, 4);
  return distinct(random, things, 4).map((thing, at) => ({ thing, price: prices[at] ?? 0 }));
}

function sayWish(random: Random, { name, thing }: { name: string; thing: string }): string {
  return turn(name, random.pick(WISHES)(thing));
}

/** The scene, then turns from the greeting to the parting. */
function talk(random: Random, { buyer, seller, thing, price, less }: Deal): string[] {
  const bargain = [
    turn(buyer, `${random.pick(REFUSALS)} I pay ${less} pence.`),
    turn(seller, random.pick(AGREEMENTS)),
  ];
  return [
    `(${random.pick(SCENES)})`,
    turn(seller, random.pick(GREETINGS)),
    turn(buyer, random.pick(WISHES)(thing)),
    turn(seller, `${random.pick(OFFERS)} ${price} pence.`),
    ...(random.below(3) > 0 ? bargain : [turn(buyer, random.pick(AGREEMENTS))]),
    turn(buyer, random.pick(PARTINGS)),
  ];
}

/** `- Mia: Hey, I want the drum!` */
function turn(name: string, words: string): string {
  return `- ${name}: ${words}`;
}
