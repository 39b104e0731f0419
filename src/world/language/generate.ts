import {
  alternatives,
  candidates,
  EMPTY_SCOPE,
  formAt,
  parseTemplate,
  type Grammar,
  type Scope,
} from './grammar';
import type { Random } from '../random';

/** A text of the rule `symbol`, every choice taken from `random`. */
export function generate(grammar: Grammar, symbol: string, random: Random): string {
  return fillTemplate(grammar, random.pick(alternatives(grammar, symbol)), random, EMPTY_SCOPE).text;
}

/** Fills a template; returns the text and the slots it chose on top of `scope`. */
export function fillTemplate(
  grammar: Grammar,
  template: string,
  random: Random,
  scope: Scope,
): { text: string; scope: Scope } {
  let text = '';
  let current = scope;
  const fill = (inner: string) => {
    const filled = fillTemplate(grammar, inner, random, current);
    current = filled.scope;
    return filled.text;
  };
  for (const part of parseTemplate(template)) {
    switch (part.kind) {
      case 'text':
        text += part.text;
        break;
      case 'slot': {
        const word = random.pick(candidates(grammar, part.slot, current));
        current = new Map(current).set(part.slot, word);
        text += fill(formAt(word, part.path));
        break;
      }
      case 'rule': {
        const alternative = random.pick(alternatives(grammar, part.symbol));
        text += part.fresh ? fillTemplate(grammar, alternative, random, EMPTY_SCOPE).text : fill(alternative);
        break;
      }
    }
  }
  return { text, scope: current };
}
