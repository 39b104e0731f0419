import type { Item } from '../../src/world/item';

/** Picks a choice without understanding the question; undefined where its rule says nothing about the item. */
export type Answerer = (item: Item) => string | undefined;

/** Rules of the size, length and place of the choices. Each has to be at chance. */
export function surfaceAnswerers(choices: number): Record<string, Answerer> {
  const ranks = Array.from({ length: choices }, (_, rank) => rank);
  return {
    ...Object.fromEntries(ranks.map((rank) => [`choice ${rank}`, ({ choices }: Item) => choices[rank]])),
    ...Object.fromEntries(ranks.map((rank) => [`number of rank ${rank}`, numberOfRank(rank)])),
    longest: ({ choices }) => best(choices, (choice) => choice.length),
    shortest: ({ choices }) => best(choices, (choice) => -choice.length),
    'mentioned first': mentioned((places) => -places[0]!),
    'mentioned last': mentioned((places) => places.at(-1)!),
    'mentioned most often': mentioned((places) => places.length),
    'mentioned least often': mentioned((places) => -places.length),
    'verbatim in the question': ({ question, choices }) =>
      choices.find((choice) => spaced(question).includes(spaced(choice))),
  };
}

/** So many different answers are a closed list that one can know by heart; sorted words, for one, are not. */
const CLOSED_LIST = 120;

/** Of the choices, the one that was the answer most often in other items. */
export function mostFrequentAnswer(known: readonly Item[]): Answerer {
  const counts = new Map<string, number>();
  for (const { answer } of known) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  if (counts.size > CLOSED_LIST) return () => undefined;
  return ({ choices }) => best(choices, (choice) => counts.get(choice) ?? 0);
}

function numberOfRank(rank: number): Answerer {
  return ({ choices }) =>
    choices.every((choice) => /^-?\d+$/.test(choice))
      ? [...choices].sort((one, other) => Number(one) - Number(other))[rank]
      : undefined;
}

/** By the places of the choice's first word in the question; says nothing where none of the choices is there. */
function mentioned(score: (places: readonly number[]) => number): Answerer {
  return ({ question, choices }) => {
    const words = wordsOf(question);
    const places = new Map(
      choices.map((choice) => {
        const [first] = wordsOf(choice);
        return [choice, words.flatMap((word, place) => (word === first ? [place] : []))];
      }),
    );
    const there = choices.filter((choice) => places.get(choice)!.length > 0);
    return best(there, (choice) => score(places.get(choice)!));
  };
}

/** The first of the highest score: the order of the choices says nothing, so ties are broken at random. */
function best(choices: readonly string[], score: (choice: string) => number): string | undefined {
  let winner: string | undefined;
  for (const choice of choices) {
    if (winner === undefined || score(choice) > score(winner)) winner = choice;
  }
  return winner;
}

function wordsOf(text: string): string[] {
  return text.match(/\w+|[^\w\s]/g) ?? [];
}

/** For looking up whole words only. */
function spaced(text: string): string {
  return ` ${wordsOf(text).join(' ')} `;
}
