import {
  alternatives,
  candidates,
  EMPTY_SCOPE,
  formAt,
  parseTemplate,
  type Grammar,
  type Part,
  type Scope,
} from './grammar';

/** A way to read the text up to `end`, with the slots that this reading needs. */
interface Reading {
  readonly end: number;
  readonly scope: Scope;
}

/** Whether the whole text can be made by the rule `symbol` of the table: same words, agreement and facts. */
export function recognises(grammar: Grammar, symbol: string, text: string): boolean {
  for (const alternative of alternatives(grammar, symbol)) {
    for (const { end } of read(grammar, parseTemplate(alternative), text, 0, EMPTY_SCOPE)) {
      if (end === text.length) return true;
    }
  }
  return false;
}

/** All readings of `parts` from position `at`: backtracking, as sentences are short and nearly deterministic. */
function* read(
  grammar: Grammar,
  parts: readonly Part[],
  text: string,
  at: number,
  scope: Scope,
): Generator<Reading> {
  const [part, ...rest] = parts;
  if (part === undefined) {
    yield { end: at, scope };
    return;
  }
  for (const { end, scope: next } of readPart(grammar, part, text, at, scope)) {
    yield* read(grammar, rest, text, end, next);
  }
}

function* readPart(grammar: Grammar, part: Part, text: string, at: number, scope: Scope): Generator<Reading> {
  switch (part.kind) {
    case 'text':
      if (text.startsWith(part.text, at)) yield { end: at + part.text.length, scope };
      return;
    case 'slot':
      for (const word of candidates(grammar, part.slot, scope)) {
        const bound = new Map(scope).set(part.slot, word);
        yield* read(grammar, parseTemplate(formAt(word, part.path)), text, at, bound);
      }
      return;
    case 'rule':
      for (const alternative of alternatives(grammar, part.symbol)) {
        const inner = parseTemplate(alternative);
        for (const { end, scope: seen } of read(grammar, inner, text, at, part.fresh ? EMPTY_SCOPE : scope)) {
          yield { end, scope: part.fresh ? scope : seen };
        }
      }
      return;
  }
}
