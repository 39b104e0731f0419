import { MOODS } from '../../src/world/language/lexicon';

/**
 * For each special domain, what the text of a question says, read with nothing of the code that wrote it. An answer
 * that cannot be found is 'undefined' or 'NaN'.
 */
export const DOMAIN_SOLVERS: Readonly<Record<string, (question: string) => string>> = {
  clerk: solveClerk,
  encyclopaedia: solveEncyclopaedia,
  word_problems: solveWordProblems,
  code: runProgram,
  dialogue: solveDialogue,
  recipes: solveRecipes,
};

function solveClerk(question: string): string {
  const telling = /^(?:Which fields are these\?|Name the fields\.|Which fields do these fill\?) (.+)\.$/.exec(
    question,
  );
  if (telling !== null) return telling[1]!.split('. ').map(fieldOf).join('; ');
  const [request, ...sentences] = question.replace(/\.$/, '').split('. ');
  const [, name] = /^(?:Write the card of|Make a card for|Put) (\w+)/.exec(request!)!;
  const told = sentences.filter((sentence) => sentence.startsWith(`${name} `));
  const find = (pattern: RegExp) => told.flatMap((sentence) => pattern.exec(sentence)?.[1] ?? [])[0];
  const place = find(/ the (\w+)$/);
  const thing = find(/ (?:had|took) an? (\w+)$/);
  const mood = find(/ (?:was|felt) (\w+)$/);
  const help = MOODS.split('\n')
    .map((row) => row.split('|'))
    .find(([feeling]) => feeling === mood)?.[1];
  return Object.entries({ name, place, thing, mood, help })
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `${field}: ${value}`)
    .join('; ');
}

function fieldOf(sentence: string): string {
  if (/ the \w+$/.test(sentence)) return 'place';
  return / an? \w+$/.test(sentence) ? 'thing' : 'mood';
}

function solveEncyclopaedia(question: string): string {
  const counted = / How many entries have the kind (\w+)\?$/.exec(question);
  if (counted !== null) return String(question.split(`(${counted[1]})`).length - 1);
  const entries = [...question.matchAll(/(\w+) \(\w+\): ([^.]+)\./g)].map(([, name, facts]) => ({
    name,
    facts: Object.fromEntries(facts!.split(', ').map((fact) => fact.split(' '))) as Record<string, string>,
  }));
  const forward = / Look up the (\w+) of (\w+)\.$/.exec(question);
  if (forward !== null) return String(entries.find(({ name }) => name === forward[2])?.facts[forward[1]!]);
  const [, attribute, value] = / Look up the name with (\w+) (\w+)\.$/.exec(question)!;
  return String(entries.find(({ facts }) => facts[attribute!] === value)?.name);
}

function solveWordProblems(question: string): string {
  const counts = new Map<string, number>();
  const sentences = question.split(/(?<=\.) /);
  const [, asked] = /^How many \w+ has (\w+) now\?$/.exec(sentences.pop()!)!;
  for (const sentence of sentences) {
    const [, who, verb, number] = /^(?:Then )?(\w+)(?: of them)? (\w+) (\d+) \w+\.$/.exec(sentence)!;
    if (verb === 'has') counts.set(who!, Number(number));
    const change = Number(number) * (['finds', 'buys', 'wins'].includes(verb!) ? 1 : -1);
    for (const name of who === 'Each' ? counts.keys() : [who!]) {
      if (verb !== 'has') counts.set(name, counts.get(name)! + change);
    }
  }
  return String(counts.get(asked!));
}

function runProgram(question: string): string {
  const values = new Map<string, number>();
  const valueOf = (word: string) => values.get(word) ?? Number(word);
  const sorting = / = (\d+) , (\d+) , (\d+) ; print sort (\w+) /.exec(question);
  if (sorting !== null) {
    const numbers = sorting.slice(1, 4).map(Number);
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    const [middle] = numbers.filter((number) => number !== least && number !== most);
    const orders: Readonly<Record<string, readonly unknown[]>> = {
      up: [least, middle, most],
      down: [most, middle, least],
      peak: [least, most, middle],
      dip: [middle, least, most],
    };
    return String(orders[sorting[4]!]?.join(' , '));
  }
  for (const statement of question.replace(' # output', '').split(' ; ')) {
    const words = statement.split(' ');
    if (words[0] === 'print') return String(values.get(words[1]!));
    if (words[0] === 'if') {
      const [, low, , high, , name, , then, , , , otherwise] = words;
      values.set(name!, Number(Number(low) < Number(high) ? then : otherwise));
    } else {
      const [, name, , first, sign, second = '0'] = words;
      values.set(name!, valueOf(first!) + (sign === '-' ? -1 : 1) * valueOf(second));
    }
  }
  return 'undefined';
}

function solveDialogue(question: string): string {
  const lines = question.split('\n');
  const asked = lines.pop()!;
  const counted = /^How many (agree|refuse)\?$/.exec(asked)?.[1];
  if (counted !== undefined) {
    const agreeing = lines.filter((line) => /okay|fine|all right/i.test(line)).length;
    return String(counted === 'agree' ? agreeing : lines.length - agreeing);
  }
  const last = (pattern: RegExp) => pattern.exec(asked)?.[1];
  const wishes = lines.flatMap((line) => {
    const wish = /^- (\w+): .*the (\w+)(?:!| please\.)$/.exec(line);
    return wish === null ? [] : [{ name: wish[1], thing: wish[2] }];
  });
  const prices = [...lines.join(' ').matchAll(/the (\w+)(?:\?[^?]*?)? (\d+) pence/g)].map(
    ([, thing, price]) => ({ thing, price }),
  );
  const wishOf = (who: string | undefined) => wishes.find(({ name }) => name === who)?.thing;
  const priceOf = (what: string | undefined) => prices.find(({ thing }) => thing === what)?.price;
  const [wanted, wisher] = [last(/^Who wants the (\w+)\?$/), last(/^What does (\w+) want\?$/)];
  if (wanted !== undefined) return String(wishes.find(({ thing }) => thing === wanted)?.name);
  if (wisher !== undefined) return String(wishOf(wisher));
  const [cost, payer] = [last(/^What costs (\d+) pence\?$/), last(/^How much does (\w+) pay\?$/)];
  if (cost !== undefined) return String(prices.find(({ price }) => price === cost)?.thing);
  return String(priceOf(payer === undefined ? last(/^How much is the (\w+)\?$/) : wishOf(payer)));
}

const COUNTS = ['none', 'one', 'two', 'three', 'four', 'five'];

function solveRecipes(question: string): string {
  const lines = question.split('\n');
  const asked = lines.pop()!;
  const unit = /^How many steps use (\w+)\?$/.exec(asked)?.[1];
  if (unit !== undefined) return COUNTS[lines.filter((line) => line.includes(` ${unit} of `)).length]!;
  const steps = lines.map((line) => ({
    ingredient: /(\w+)\.$/.exec(line)?.[1],
    quantity: /\. \D*(\d+) /.exec(line)?.[1],
  }));
  const [, named] = /(\w+)\?$/.exec(asked)!;
  const offset = asked.includes(' after ') ? 1 : asked.includes(' before ') ? -1 : 0;
  const step = steps[steps.findIndex(({ ingredient }) => ingredient === named) + offset];
  return String(asked.startsWith('What') ? step?.ingredient : step?.quantity);
}
