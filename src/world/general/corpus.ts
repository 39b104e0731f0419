import { generate } from '../language/generate';
import { seededRandom } from '../random';
import { recognises } from '../language/recognise';
import { documentSymbol, DOMAINS, GRAMMAR } from './registry';

/** Seed of the corpus that the bundled checkpoints were pre-trained on. */
export const CORPUS_SEED = 1;

/** `count` documents of all domains, by their weights; the same seed gives the same documents. */
export function generateDocuments(seed: number, count: number): string[] {
  const random = seededRandom(seed);
  const symbols = DOMAINS.flatMap((domain) => Array<string>(domain.weight).fill(documentSymbol(domain)));
  return Array.from({ length: count }, () => generate(GRAMMAR, random.pick(symbols), random));
}

/** Whether the text is one sentence of the world: its words, agreement and facts, nothing before or after. */
export function parses(sentence: string): boolean {
  return recognises(GRAMMAR, 'sentence', sentence);
}

/**
 * The sentences of a text. A full stop, question or exclamation mark, with its closing quotation mark, ends a
 * sentence where a capital letter or an opening quotation mark follows, or nothing.
 */
export function splitSentences(text: string): string[] {
  return text
    .trim()
    .split(/(?<=[.!?]"?)\s+(?=["A-Z])/)
    .filter((sentence) => sentence !== '');
}
