import type { Domain } from './domain';
import { echoes } from './echoes';
import { notices } from './notices';
import { portraits } from './portraits';
import { statements } from './statements';
import { stories } from './stories';
import { buildLexicon } from '../language/facts';
import type { Grammar, Rules } from '../language/grammar';

/** Every domain of the world. */
export const DOMAINS: readonly Domain[] = [stories, portraits, statements, notices, echoes];

/** Slot names that templates use, and the category of words each one holds. */
export const SLOTS: Readonly<Record<string, string>> = {
  who: 'person',
  friend: 'person',
  third: 'person',
  where: 'place',
  other: 'place',
  spot: 'place',
  thing: 'thing',
  gift: 'thing',
  toy: 'thing',
  beast: 'animal',
  job: 'trade',
  mood: 'mood',
  why: 'cause',
  meal: 'food',
  joy: 'joy',
  time: 'time',
  sky: 'sky',
  colour: 'colour',
  tint: 'colour',
  shade: 'colour',
  n: 'small',
  number: 'number',
  numeral: 'numeral',
  day: 'day',
  month: 'month',
  letter: 'letter',
};

/** Rule that makes one document of a domain. */
export function documentSymbol(domain: Pick<Domain, 'id'>): string {
  return `document:${domain.id}`;
}

/** The grammar of all domains: their rules, plus `sentence` (any sentence) and one rule per domain's documents. */
export const GRAMMAR: Grammar = {
  lexicon: buildLexicon(),
  slots: SLOTS,
  rules: mergeRules([
    ...DOMAINS.flatMap((domain) => [
      domain.sentences,
      domain.phrases,
      { [documentSymbol(domain)]: domain.documents },
    ]),
    {
      sentence: DOMAINS.flatMap(({ sentences }) => Object.keys(sentences).map((symbol) => `[${symbol}]`)),
    },
  ]),
};

function mergeRules(tables: readonly Rules[]): Rules {
  const merged: Record<string, readonly string[]> = {};
  for (const [symbol, rule] of tables.flatMap((table) => Object.entries(table))) {
    if (merged[symbol] !== undefined) throw new Error(`two domains define the rule '${symbol}'`);
    merged[symbol] = rule;
  }
  return merged;
}
