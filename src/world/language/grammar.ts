/**
 * The grammar table: what a sentence of the world may be. The generator (generate.ts) and the recogniser
 * (recognise.ts) both read this table, so they cannot disagree.
 *
 * A rule is a list of alternatives, each a template:
 *   plain text            stands for itself
 *   {who}                 the word in slot `who`, in its form `text`; the first use of a slot chooses the word
 *   {who.their}           another form of the same word; forms are templates themselves
 *   {who.home.at}         a form of a word that this one is linked to (a fact of the world)
 *   {who.They}            the form `they` with a capital letter
 *   [opening]             an alternative of the rule `opening`, which sees the slots chosen so far
 *   [[fact]]              the same with fresh slots
 *   \\[ and \\{             the bracket itself
 * Two slots of one category never hold the same word.
 */
export interface Grammar {
  /** The words of each category, for example `person`. */
  readonly lexicon: Lexicon;
  /** Category of each slot name, for example `friend` is a `person`. */
  readonly slots: Readonly<Record<string, string>>;
  readonly rules: Rules;
}

export type Lexicon = Readonly<Record<string, readonly Word[]>>;
export type Rules = Readonly<Record<string, readonly string[]>>;

/** An entity or a plain word: how it is written, and what it is related to. */
export interface Word {
  /** At least `text`. */
  readonly forms: Readonly<Record<string, string>>;
  /** Facts: `home`, `friend`, ... */
  readonly links: Readonly<Record<string, Word>>;
}

/** Slots chosen so far. */
export type Scope = ReadonlyMap<string, Word>;
export const EMPTY_SCOPE: Scope = new Map();

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slot'; readonly slot: string; readonly path: readonly string[] }
  | { readonly kind: 'rule'; readonly symbol: string; readonly fresh: boolean };

const PART = /\\([[{])|\[\[([\w:]+)\]\]|\[([\w:]+)\]|\{([\w.]+)\}|[^[{\\]+/g;
const compiled = new Map<string, readonly Part[]>();

/** The parts of a template, in order. */
export function parseTemplate(template: string): readonly Part[] {
  const known = compiled.get(template);
  if (known !== undefined) return known;
  const parts = [...template.matchAll(PART)].map(([text, bracket, fresh, shared, path]): Part => {
    if (bracket !== undefined) return { kind: 'text', text: bracket };
    if (fresh !== undefined) return { kind: 'rule', symbol: fresh, fresh: true };
    if (shared !== undefined) return { kind: 'rule', symbol: shared, fresh: false };
    if (path === undefined) return { kind: 'text', text };
    const [slot = '', ...rest] = path.split('.');
    return { kind: 'slot', slot, path: rest };
  });
  compiled.set(template, parts);
  return parts;
}

/** The alternatives of a rule; throws where the table has no such rule. */
export function alternatives(grammar: Grammar, symbol: string): readonly string[] {
  const rule = grammar.rules[symbol];
  if (rule === undefined) throw new Error(`the grammar has no rule '${symbol}'`);
  return rule;
}

/** Words that a slot may hold: the word chosen before, else those of its category not yet in use. */
export function candidates(grammar: Grammar, slot: string, scope: Scope): readonly Word[] {
  const chosen = scope.get(slot);
  if (chosen !== undefined) return [chosen];
  const words = grammar.lexicon[grammar.slots[slot] ?? ''];
  if (words === undefined) throw new Error(`the grammar has no slot '${slot}'`);
  const used = new Set(scope.values());
  return words.filter((word) => !used.has(word));
}

/** The template of a form, reached through links: `['home', 'at']`; a path that ends on a link means its text. */
export function formAt(word: Word, path: readonly string[]): string {
  const [name = 'text', ...rest] = path;
  const next = word.links[name];
  if (next !== undefined) return formAt(next, rest);
  const capital = /^[A-Z]/.test(name);
  const template = word.forms[capital ? name.charAt(0).toLowerCase() + name.slice(1) : name];
  if (template === undefined || rest.length > 0) {
    throw new Error(`'${word.forms.text ?? '?'}' has no '${path.join('.')}'`);
  }
  return capital ? template.charAt(0).toUpperCase() + template.slice(1) : template;
}
