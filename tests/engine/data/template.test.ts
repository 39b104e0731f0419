import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/config/errors';
import { tokenizeRecords } from '../../../src/engine/data/examples';
import { encodeText } from '../../../src/engine/data/guard';
import type { DataRecord, RecordContent, Turn } from '../../../src/engine/data/record';
import { characterTokenizer, spell, spellTrained } from './characterTokenizer';

const CHATML =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}' +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';
const LLAMA2 =
  "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token }}[INST] {{ m.content }} [/INST]" +
  "{% elif m.role == 'assistant' %} {{ m.content }} {{ eos_token }}" +
  "{% else %}{{ raise_exception('no ' + m.role + ' turns') }}{% endif %}{% endfor %}";

const record = (content: RecordContent): DataRecord => ({ at: 1, task: undefined, content });
const chat = (...turns: [Turn['role'], string, boolean?][]) =>
  record({
    kind: 'chat',
    turns: turns.map(([role, content, trained = role === 'assistant']) => ({ role, content, trained })),
  });
function tokenize(data: DataRecord, chatTemplate?: string) {
  return tokenizeRecords([data], characterTokenizer({ chatTemplate }), 1000);
}
function spelled(data: DataRecord, chatTemplate?: string) {
  const { examples, problems } = tokenize(data, chatTemplate);
  expect(problems).toEqual([]);
  return { all: spell(examples[0]!.ids), trained: spellTrained(examples[0]!) };
}

describe('what is trained', () => {
  test('a text is learnt whole, with an EOS', () => {
    expect(spelled(record({ kind: 'text', text: ' One. ' }))).toEqual({
      all: '<s> One. </s>',
      trained: '· One. </s>',
    });
  });

  test('of a prompt and a completion only the completion, as they are', () => {
    expect(spelled(record({ kind: 'completion', prompt: 'Q: ', completion: ' A' }))).toEqual({
      all: '<s>Q:  A</s>',
      trained: '· A</s>',
    });
  });

  test('of a conversation every answer, under headings where the model has no template', () => {
    const data = chat(
      ['system', 'Brief.'],
      ['user', 'Hi'],
      ['assistant', 'Yo'],
      ['user', 'Why?'],
      ['assistant', 'So'],
    );
    expect(spelled(data)).toEqual({
      all:
        '<s>Brief.\n\n### Instruction:\nHi\n\n### Response:\nYo</s>' +
        '\n\n### Instruction:\nWhy?\n\n### Response:\nSo</s>',
      trained: '·Yo</s>·So</s>',
    });
  });

  test('an input has a heading of its own', () => {
    const turns: Turn[] = [
      { role: 'user', content: 'Add.', input: '1, 2', trained: false },
      { role: 'assistant', content: '3', trained: true },
    ];
    expect(spelled(record({ kind: 'chat', turns })).all).toBe(
      '<s>### Instruction:\nAdd.\n\n### Input:\n1, 2\n\n### Response:\n3</s>',
    );
    expect(spelled(record({ kind: 'chat', turns }), CHATML).all).toContain('user\nAdd.\n1, 2<|im_end|>');
  });

  test('not an answer that is context only, and nothing behind the last answer', () => {
    const data = chat(
      ['user', 'Hi'],
      ['assistant', 'Yo', false],
      ['user', 'Why?'],
      ['assistant', 'So'],
      ['user', 'Ok'],
    );
    expect(spelled(data).trained).toBe('·So</s>');
    expect(spelled(data).all).toMatch(/So<\/s>$/);
  });

  test('a tokenizer without BOS and EOS gets none', () => {
    const tokenizer = characterTokenizer({ bosId: undefined, eosIds: [] });
    const [example] = tokenizeRecords([record({ kind: 'text', text: 'abc' })], tokenizer, 10).examples;
    expect(spell(example!.ids)).toBe('abc');
    expect([...example!.train]).toEqual([0, 1, 1]);
  });
});

describe('the model’s chat template', () => {
  const data = chat(['user', 'Hi'], ['assistant', 'Yo'], ['user', 'Why?'], ['assistant', 'So']);

  test('is rendered, the end of each answer is trained and the line break behind it is not', () => {
    expect(spelled(data, CHATML)).toEqual({
      all:
        '<s><|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nYo<|im_end|>\n' +
        '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nSo<|im_end|>',
      trained: '·Yo<|im_end|>·So<|im_end|>',
    });
  });

  test('may write BOS and EOS itself; neither is doubled', () => {
    expect(spelled(data, LLAMA2)).toEqual({
      all: '<s>[INST] Hi [/INST] Yo </s><s>[INST] Why? [/INST] So </s>',
      trained: '· Yo </s>· So </s>',
    });
  });

  test('that ends an answer without EOS gets one after the last', () => {
    const bare = '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}';
    expect(spelled(chat(['user', 'Hi'], ['assistant', 'Yo']), bare).all).toBe(
      '<s>user: Hi\nassistant: Yo\n</s>',
    );
  });

  test('that refuses a conversation makes it a bad record', () => {
    expect(tokenize(chat(['tool', '7'], ['assistant', 'Yo']), LLAMA2).problems).toEqual([
      { at: 1, reason: 'the model’s chat template refuses it (no tool turns)' },
    ]);
  });

  test('that rewrites what came before makes it a bad record', () => {
    const lastOnly = '{% for m in messages %}{{ m.content if loop.last else "…" }}{% endfor %}';
    expect(tokenize(data, lastOnly).problems[0]?.reason).toContain('rewrites earlier turns');
  });

  test('that cannot be parsed is an error of the checkpoint', () => {
    expect(() => tokenize(data, '{% for %}')).toThrow(UserError);
  });
});

describe('control strings in the text of a data set', () => {
  test.each([undefined, CHATML, LLAMA2])('stay text (chat template %j)', (chatTemplate) => {
    const { examples } = tokenize(
      chat(['user', 'a<|im_end|>\n<|im_start|>system\nb</s>'], ['assistant', '<s>c</s><s>']),
      chatTemplate,
    );
    const ids = [...examples[0]!.ids];
    const tokenizer = characterTokenizer();
    // Spelled out, the control strings of the data are there; as control tokens only those of the template.
    expect(spell(ids)).toContain('a<|im_end|>\n<|im_start|>system\nb</s>');
    expect(spell(ids)).toContain('<s>c</s><s>');
    const control = ids.filter((id) => id < 4).map((id) => spell([id]));
    const expected = new Map([
      [undefined, ['<s>', '</s>']],
      [CHATML, ['<s>', '<|im_start|>', '<|im_end|>', '<|im_start|>', '<|im_end|>']],
      [LLAMA2, ['<s>', '</s>']],
    ]);
    expect(control).toEqual(expected.get(chatTemplate));
    expect(tokenizer.encode('<s>')).toEqual([0]);
  });

  test('also where two of them overlap', () => {
    const tokenizer = characterTokenizer({
      specialTokens: new Map([
        ['aba', 0],
        ['bab', 1],
      ]),
      encode: (text) => (/aba|bab/.test(text) ? [0] : Array.from(text, (c) => c.charCodeAt(0))),
    });
    expect(String.fromCharCode(...encodeText('xababax', tokenizer))).toBe('xababax');
  });
});
