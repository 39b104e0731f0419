import type { Tokenizer } from './tokenizer';

/**
 * A noncharacter, which Unicode reserves for use inside a program: it marks where a text must be cut before it
 * is tokenised.
 */
const CUT = '\uFDD0';

/**
 * Text of a data set, made safe to be put into a template: each control string in it (say `<|im_end|>`) gets a
 * cut after its first character, so that the tokenizer never sees it whole and it stays plain text.
 * A control string of one character cannot be cut and stays a control token.
 */
export function guardText(text: string, tokenizer: Pick<Tokenizer, 'specialTokens'>): string {
  const clean = text.replaceAll(CUT, '\uFFFD');
  const special = [...(tokenizer.specialTokens?.keys() ?? [])].filter((token) => clean.includes(token));
  if (special.length === 0) return clean;
  const starts = new RegExp(`(?=${special.map(escapePattern).join('|')})[^]`, 'gu');
  return clean.replace(starts, `$&${CUT}`);
}

/** Ids of a text in which guardText has marked the cuts; control strings of a template become control tokens. */
export function encodeGuarded(text: string, tokenizer: Pick<Tokenizer, 'encode'>): number[] {
  if (!text.includes(CUT)) return tokenizer.encode(text);
  return text.split(CUT).flatMap((part) => tokenizer.encode(part));
}

/** Ids of a text in which nothing is a control token. */
export function encodeText(text: string, tokenizer: Pick<Tokenizer, 'encode' | 'specialTokens'>): number[] {
  return encodeGuarded(guardText(text, tokenizer), tokenizer);
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
