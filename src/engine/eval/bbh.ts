import type { BenchmarkFormat, BenchmarkRow } from './benchmarkRow';
import { MAX_NEW_TOKENS, readRecords, textField } from './benchmarkRow';

/** Answers that close a question without a list of options. */
const PAIRS = [
  ['True', 'False'],
  ['Yes', 'No'],
  ['yes', 'no'],
  ['valid', 'invalid'],
];

/**
 * BIG-Bench Hard: JSON {examples: [{input, target}]}, or a list of such records, one file a task. Exact questions have
 * the prompt `Q: …\nA:`, the stop texts and the comparison of the tasks `bbh_zeroshot_*` of lm-evaluation-harness
 * 0.4.13, and with shots those of `bbh_fewshot_*`.
 *
 * What differs from its figures. Each task there opens with a sentence of its own, and the three shots are fixed texts
 * that are no rows of the file; neither is part of this project. Here the opening is what the user writes, or
 * nothing, and the shots are the first rows of the file other than the question itself. So the published "3-shot"
 * figures are not those of three shots here. Blanks around an answer are dropped before it is compared, for whether
 * there is one at its beginning depends on the tokenizer. The flexible form finds yes or no only as these words, numbers
 * only as digits, and does not put the words of word_sorting in order.
 *
 * lm-evaluation-harness has no choice form of BBH. Here it scores the options that a question lists (`(A) …` by their
 * letters, `- …` by their texts), or else True/False, Yes/No, valid/invalid where the answer is one of these.
 */
export const bbh: BenchmarkFormat = {
  id: 'bbh',
  describe: () => '',
  async read(file) {
    const fits = ({ input, target }: Readonly<Record<string, unknown>>): boolean =>
      typeof input === 'string' && typeof target === 'string';
    const records = await readRecords(file, fits);
    return records?.map((record): BenchmarkRow => {
      const input = textField(record, 'input');
      const target = textField(record, 'target');
      const texts = optionsOf(input, target);
      const answer = texts.indexOf(target);
      const row = { prompt: `Q: ${input}\nA:`, target };
      return answer < 0 ? row : { ...row, choices: { texts, answer } };
    });
  },
  exact: ({ prompt, target }, shots, match) => {
    const normalise = shots === 0 ? loosened : (text: string) => text.trim();
    const wanted = normalise(target);
    const answerIn = match === 'strict' ? (text: string) => text : extractorFor(target, prompt);
    return {
      stop: shots === 0 ? ['</s>', 'Q:', '<|im_end|>'] : ['</s>', 'Q', '\n\n'],
      maxNewTokens: MAX_NEW_TOKENS,
      judge: (text) => normalise(answerIn(text)) === wanted,
    };
  },
};

/** Without a full stop at the end, commas, line breaks, backslashes, double quotes, and in lower case. */
function loosened(text: string): string {
  const plain = text.replace(/\.(?=\n?$)/g, '').replace(/[,\n\\"]/g, '');
  return plain.trim().toLowerCase();
}

/** What one can choose from; empty where the question is open. */
function optionsOf(input: string, target: string): readonly string[] {
  const lettered = Array.from(input.matchAll(/^\([A-Z]\)(?= )/gm), ([label]) => label);
  if (lettered.length > 1) return lettered;
  const [, list = ''] = input.split(/^Options:$/m);
  const listed = Array.from(list.matchAll(/^- (.+)$/gm), ([, text = '']) => text.trim());
  if (listed.length > 1) return listed;
  return PAIRS.find((pair) => pair.includes(target)) ?? [];
}

/** The `flexible-extract` filter for answers of this kind; no answer found gives a text that equals none. */
function extractorFor(target: string, question: string): (text: string) => string {
  const first = (pattern: RegExp) => (text: string) => pattern.exec(text)?.[0] ?? '[invalid]';
  if (/^\([A-Z]\)$/.test(target)) return (text) => optionIn(text, question) ?? '[invalid]';
  if (/^(True|False)$/.test(target)) return first(/\b(True|False)\b/);
  if (/^(yes|no)$/i.test(target)) return first(/\b(Yes|No|yes|no)\b/);
  if (/^(valid|invalid)$/.test(target)) return first(/\b(valid|invalid)\b/);
  if (/^-?[0-9]+$/.test(target)) return first(/[-0-9]+/);
  return (text) => text;
}

/** A letter in brackets, else the text of an option (the leftmost, then the longest), else a letter behind a colon. */
function optionIn(text: string, question: string): string | undefined {
  const bare = (option: string): string => option.toLowerCase().replace(/\p{P}/gu, '');
  const bracketed = /\([A-Z]\)/.exec(text)?.[0];
  if (bracketed !== undefined) return bracketed;
  const options = Array.from(question.matchAll(/\([A-Z]\)([^\n^(]*)/g), ([, option = '']) =>
    bare(option.trim()),
  );
  const answer = bare(text);
  const label = (index: number): string => `(${String.fromCharCode('A'.charCodeAt(0) + index)})`;
  const found = options
    .map((option, index) => ({ option, index, at: option === '' ? -1 : answer.indexOf(option) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at || b.option.length - a.option.length || b.index - a.index)[0];
  if (found !== undefined) return label(found.index);
  const letters = options.map((_, i) => label(i));
  const behind = /:\s*([A-Z])/g;
  return Array.from(text.matchAll(behind), ([, letter = '']) => `(${letter})`).find((l) =>
    letters.includes(l),
  );
}
