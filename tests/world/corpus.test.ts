import { describe, expect, it } from 'vitest';
import { CORPUS_SEED, generateDocuments, parses, splitSentences } from '../../src/world/general/corpus';
import { buildLexicon } from '../../src/world/language/facts';
import { alternatives, parseTemplate } from '../../src/world/language/grammar';
import { DOMAINS, GRAMMAR } from '../../src/world/general/registry';

const documents = generateDocuments(CORPUS_SEED, 3000);

describe('the corpus', () => {
  it('is the same for one seed and another for another seed', () => {
    expect(generateDocuments(CORPUS_SEED, 3000)).toEqual(documents);
    expect(generateDocuments(CORPUS_SEED + 1, 3000)).not.toEqual(documents);
  });

  it('is a prefix of a longer corpus of the same seed', () => {
    expect(generateDocuments(CORPUS_SEED, 10)).toEqual(documents.slice(0, 10));
  });

  it('holds only sentences that parse', () => {
    const wrong = documents
      .slice(0, 1000)
      .flatMap(splitSentences)
      .filter((sentence) => !parses(sentence));
    expect(wrong).toEqual([]);
  });

  it('uses every alternative of every rule', () => {
    // A plain-text piece longer than a few letters shows that its alternative was used at least once.
    const corpus = documents.join('\n');
    const pieces = Object.keys(GRAMMAR.rules)
      .flatMap((symbol) => alternatives(GRAMMAR, symbol).flatMap(parseTemplate))
      .flatMap((part) => (part.kind === 'text' && part.text.length > 3 ? [part.text] : []));
    expect(pieces.filter((piece) => !corpus.includes(piece))).toEqual([]);
  });

  it('repeats few documents', () => {
    // Plain questions about 20 people repeat; the rest hardly ever does.
    expect(new Set(documents).size).toBeGreaterThan(0.9 * documents.length);
  });

  it('is split into as many sentences as its documents were made of', () => {
    const text = 'Mia was sad because there was thunder. "Why are you sad?" asked Tom. "Here," said Tom.';
    expect(splitSentences(text)).toEqual([
      'Mia was sad because there was thunder.',
      '"Why are you sad?" asked Tom.',
      '"Here," said Tom.',
    ]);
    expect(splitSentences('')).toEqual([]);
  });
});

describe('the recogniser', () => {
  it.each([
    ['a wrong pronoun', 'One day, Mia took his kite to the mill.'],
    ['a cause of another feeling', 'Mia was hungry because the well was dry.'],
    ['a cut sentence', 'Mia was hungry because the bread'],
    ['a missing word', 'Mia was because the bread was gone.'],
    ['an unknown name', 'Zeno was hungry because the bread was gone.'],
    ['a person met by herself', 'After a while Mia met Mia.'],
    ['a wrong preposition', 'One day, Mia went by the river.'],
    ['two sentences', 'They went home together. They went home together.'],
    ['a false fact', ...wrongHomes()],
    ['nothing', '', ' '],
  ])('refuses %s', (_what, ...sentences) => {
    expect(sentences.filter((sentence) => parses(sentence))).toEqual([]);
  });

  it('accepts the same sentences put right', () => {
    const right = [
      'One day, Mia took her kite to the mill.',
      'Mia was thirsty because the well was dry.',
      'After a while Mia met Tom.',
      'One day, Mia went to the river.',
      'They went home together.',
    ];
    expect(right.filter((sentence) => !parses(sentence))).toEqual([]);
  });

  it('refuses every corpus sentence whose first two words have changed places', () => {
    const swapped = documents
      .slice(0, 300)
      .flatMap(splitSentences)
      .map((sentence) => sentence.replace(/^(\S+) (\S+) (.*)$/, '$2 $1 $3'))
      .filter((sentence) => parses(sentence));
    expect(swapped).toEqual([]);
  });
});

describe('the facts', () => {
  it('are the same for one seed and others for another seed', () => {
    expect(factsOf(buildLexicon(5))).toEqual(factsOf(buildLexicon(5)));
    expect(factsOf(buildLexicon(5))).not.toEqual(factsOf(buildLexicon(6)));
  });

  it('make nobody a friend and no place a neighbour of itself', () => {
    const { person = [], place = [] } = buildLexicon();
    expect(person.filter((word) => word.links.friend === word)).toEqual([]);
    expect(place.filter((word) => word.links.near === word)).toEqual([]);
  });
});

describe('the registry', () => {
  it('gives every domain its own id', () => {
    expect(new Set(DOMAINS.map((domain) => domain.id)).size).toBe(DOMAINS.length);
  });
});

/** For every person, a home that is not theirs. */
function wrongHomes(): string[] {
  const { person = [], place = [] } = buildLexicon();
  return person.flatMap((who) =>
    place
      .filter((home) => home !== who.links.home)
      .map((home) => `${who.forms.text ?? ''} lives ${home.forms.at ?? ''}.`),
  );
}

function factsOf(lexicon: ReturnType<typeof buildLexicon>): string[] {
  return Object.values(lexicon)
    .flat()
    .flatMap((word) =>
      Object.entries(word.links).map(
        ([link, to]) => `${word.forms.text ?? ''} ${link} ${to.forms.text ?? ''}`,
      ),
    );
}
