import { describe, expect, it } from 'vitest';
import { generate } from '../../src/world/language/generate';
import type { Grammar } from '../../src/world/language/grammar';
import { seededRandom } from '../../src/world/random';
import { recognises } from '../../src/world/language/recognise';

const ann = { forms: { text: 'Ann', they: 'she' }, links: {} };
const bob = { forms: { text: 'Bob', they: 'he' }, links: { home: { forms: { text: 'hut' }, links: {} } } };
const table: Grammar = {
  lexicon: { person: [ann, bob], owner: [bob] },
  slots: { who: 'person', friend: 'person', owner: 'owner' },
  rules: {
    greeting: ['{who} met {friend}, and {who.they} [mood].', '{who.They} [mood].'],
    mood: ['smiled', 'smiled at {friend}'],
    pair: ['[[greeting]] [[greeting]]'],
    house: ['{owner} has a {owner.home}.'],
    broken: ['[nowhere]'],
    brokenSlot: ['{nobody}'],
    brokenForm: ['{who.age}'],
  },
};

describe('the grammar table', () => {
  it('makes a rule agree with the word that a slot chose', () => {
    expect(recognises(table, 'greeting', 'Ann met Bob, and she smiled.')).toBe(true);
    expect(recognises(table, 'greeting', 'Ann met Bob, and he smiled.')).toBe(false);
  });

  it('never puts the same word in two slots of one category', () => {
    expect(recognises(table, 'greeting', 'Ann met Ann, and she smiled.')).toBe(false);
    expect(recognises(table, 'greeting', 'Ann met Bob, and she smiled at Bob.')).toBe(true);
    expect(recognises(table, 'greeting', 'Ann met Bob, and she smiled at Ann.')).toBe(false);
  });

  it('starts with fresh slots where a rule stands in double brackets', () => {
    expect(recognises(table, 'pair', 'She smiled. He smiled.')).toBe(true);
    expect(recognises(table, 'pair', 'She smiled. He smiles.')).toBe(false);
  });

  it('follows links between words', () => {
    expect(generate(table, 'house', seededRandom(0))).toBe('Bob has a hut.');
  });

  it('asks for the whole text', () => {
    expect(recognises(table, 'greeting', 'She smiled')).toBe(false);
    expect(recognises(table, 'greeting', 'She smiled. ')).toBe(false);
    expect(recognises(table, 'greeting', '')).toBe(false);
  });

  it('recognises all that it makes', () => {
    const random = seededRandom(3);
    const texts = Array.from({ length: 200 }, () => generate(table, 'pair', random));
    expect(new Set(texts).size).toBeGreaterThan(20);
    expect(texts.filter((text) => !recognises(table, 'pair', text))).toEqual([]);
  });

  it('names the rule, slot or form that the table lacks', () => {
    const random = seededRandom(0);
    expect(() => generate(table, 'broken', random)).toThrow("no rule 'nowhere'");
    expect(() => generate(table, 'brokenSlot', random)).toThrow("no slot 'nobody'");
    expect(() => generate(table, 'brokenForm', random)).toThrow("has no 'age'");
  });
});
