import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/config/errors';
import { readDataset } from '../../../src/engine/data/dataset';
import { describeDataset } from '../../../src/engine/data/describe';
import { type ColumnMapping, parseColumns } from '../../../src/engine/data/fields';
import { memorySource } from '../../../src/engine/formats/byteSource';

function read(name: string, content: string | Uint8Array<ArrayBuffer>, columns?: ColumnMapping) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return readDataset(memorySource(name, bytes), columns);
}
const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n');
const turns = (...list: [string, string, boolean][]) => ({
  kind: 'chat',
  turns: list.map(([role, content, trained]) => ({ role, content, trained })),
});
async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

describe('record formats', () => {
  const question = turns(['user', 'Why?', false], ['assistant', 'So.', true]);
  test.each<[string, unknown, unknown]>([
    ['Alpaca', { instruction: 'Why?', input: '', output: 'So.' }, question],
    ['Alpaca', { instruction: 'Why?', response: 'So.', category: 'qa' }, question],
    [
      'Alpaca',
      { system: 'Be brief.', history: [['Who?', 'I.']], instruction: 'Why?', output: 'So.' },
      turns(
        ['system', 'Be brief.', false],
        ['user', 'Who?', false],
        ['assistant', 'I.', true],
        ['user', 'Why?', false],
        ['assistant', 'So.', true],
      ),
    ],
    [
      'prompt/completion',
      { prompt: ' Why? ', completion: ' So.' },
      { kind: 'completion', prompt: ' Why? ', completion: ' So.' },
    ],
    [
      'prompt/completion',
      { prompt: '2+2=', answer: 4 },
      { kind: 'completion', prompt: '2+2=', completion: '4' },
    ],
    [
      'prompt/completion',
      {
        prompt: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Hello' },
          { role: 'user', content: 'Why?' },
        ],
        completion: [{ role: 'assistant', content: 'So.' }],
      },
      turns(
        ['user', 'Hi', false],
        ['assistant', 'Hello', false],
        ['user', 'Why?', false],
        ['assistant', 'So.', true],
      ),
    ],
    ['question/answer', { question: 'Why?', answer: 'So.' }, question],
    ['input/target', { input: 'Why?', target: 'So.' }, question],
    [
      'messages',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', value: 'Wh' },
              { type: 'text', text: 'y?' },
            ],
          },
          { role: 'assistant', content: 'So.', loss_weight: 1 },
          { role: 'assistant', content: 'Hm.', loss_weight: 0 },
        ],
      },
      turns(['user', 'Why?', false], ['assistant', 'So.', true], ['assistant', 'Hm.', false]),
    ],
    [
      'ShareGPT',
      {
        system: 'Be brief.',
        conversations: [
          { from: 'human', value: 'Why?' },
          { from: 'gpt', value: 'Look.' },
          { from: 'observation', value: '7' },
          { from: 'gpt', value: 'So.' },
        ],
      },
      turns(
        ['system', 'Be brief.', false],
        ['user', 'Why?', false],
        ['assistant', 'Look.', true],
        ['tool', '7', false],
        ['assistant', 'So.', true],
      ),
    ],
    ['text', { text: ' A story. ' }, { kind: 'text', text: ' A story. ' }],
    ['text', 'A story.', { kind: 'text', text: 'A story.' }],
  ])('%s from %j', async (format, value, content) => {
    const { records, summary } = await read('data.jsonl', lines(value));
    expect(records.map((record) => record.content)).toEqual([content]);
    expect([...summary.formats]).toEqual([[format, 1]]);
  });

  test('Alpaca keeps the input apart, for a template with a heading for it', async () => {
    const { records } = await read('data.jsonl', lines({ instruction: 'Add.', input: '1, 2', output: '3' }));
    expect(records[0]?.content).toMatchObject({
      turns: [{ content: 'Add.', input: '1, 2' }, { content: '3' }],
    });
  });

  test('a task label may be a text or a number; an empty one is none', async () => {
    const record = { question: 'Why?', answer: 'So.' };
    const { records, summary } = await read(
      'data.jsonl',
      lines(
        { ...record, task_type: 'law' },
        { ...record, task_type: 1 },
        { ...record, task_type: '' },
        record,
      ),
    );
    expect(records.map(({ task }) => task)).toEqual(['law', '1', undefined, undefined]);
    expect(summary.tasks).toEqual(
      new Map([
        ['law', 1],
        ['1', 1],
      ]),
    );
  });

  test('other keys are read through a column mapping, and only the mapped ones', async () => {
    const row = { frage: 'Warum?', antwort: 'Darum.', text: 'not this' };
    const { records } = await read('data.jsonl', lines(row), parseColumns('question=frage, answer=antwort'));
    expect(records[0]?.content).toEqual(turns(['user', 'Warum?', false], ['assistant', 'Darum.', true]));
    expect(() => parseColumns('question=')).toThrow(/^columns: cannot read "question="; write field=column/);
    expect(() => parseColumns('verse=x')).toThrow(UserError);
  });
});

describe('kinds of file', () => {
  const record = { prompt: 'a', completion: 'b' };
  test.each([
    ['an array', [record, record], 2],
    ['an object with its list under a usual key', { version: [1], data: [record] }, 1],
    ['an object with one list', { canary: 'x', rows: [record] }, 1],
    ['one record', { messages: [{ role: 'assistant', content: 'Hi' }] }, 1],
  ])('%s is JSON, whatever the name', async (_, value, count) => {
    const { summary } = await read('data.txt', JSON.stringify(value, null, 2));
    expect(summary).toMatchObject({ container: 'JSON', unit: 'record', records: count, skipped: 0 });
  });

  test('objects on lines are JSON Lines, whatever the name; CRLF and a byte order mark do no harm', async () => {
    const { summary } = await read('data', `\uFEFF${lines(record, record).replace('\n', '\r\n\r\n')}\r\n`);
    expect(summary).toMatchObject({ container: 'JSON Lines', unit: 'line', records: 2, skipped: 0 });
  });

  test('anything else is plain text: one document, untrimmed', async () => {
    for (const text of [' Once upon a time.\n\nThe end.\n', '[Verse 1]\nLa la', '{curly} prose\nand more']) {
      const { records, summary } = await read('song', text);
      expect(summary).toMatchObject({ container: 'plain text', records: 1 });
      expect(records[0]?.content).toEqual({ kind: 'text', text });
    }
  });

  test('a plain text is cut into documents at its separators', async () => {
    const { records } = await read(
      'stories.txt',
      'One.\n<|endoftext|>\nTwo.\n\n<|endoftext|>\n<|endoftext|>Four.',
    );
    expect(records.map(({ at, content }) => [at, content])).toEqual([
      [1, { kind: 'text', text: 'One.' }],
      [2, { kind: 'text', text: 'Two.' }],
      [4, { kind: 'text', text: 'Four.' }],
    ]);
  });
});

describe('bad records', () => {
  test('are skipped, counted and reported with their line and reason', async () => {
    const { records, summary } = await read(
      'data.jsonl',
      [
        '{"question": "a", "answer": "b"}',
        'no json',
        '',
        '{"question": "a", "answer": "  "}',
        '{"question": "a", "answer": ["b"]}',
        '{"foo": 1, "bar": null}',
        '[1]',
        '{"messages": [{"role": "user", "content": "a"}]}',
        '{"messages": [{"role": "elf", "content": "a"}]}',
        '{"messages": [{"role": "assistant", "content": [{"type": "image", "url": "x"}]}]}',
        '{"instruction": " ", "output": "b"}',
        '{"question": "c", "answer": "d"}',
      ].join('\n'),
    );
    expect(records.map(({ at }) => at)).toEqual([1, 12]);
    expect(summary.skipped).toBe(9);
    expect(summary.problems).toEqual([
      { at: 2, reason: expect.stringMatching(/^not valid JSON \(.*no json/) as unknown },
      { at: 4, reason: '"answer" is empty' },
      { at: 5, reason: '"answer" is a list, not text' },
      { at: 6, reason: 'no format known for the fields foo, bar' },
      { at: 7, reason: 'not an object with named fields' },
      { at: 8, reason: 'no assistant turn to learn from' },
      { at: 9, reason: 'turn 1 of "messages" has no known role' },
      { at: 10, reason: 'turn 1 of "messages" is not only text' },
      { at: 11, reason: '"instruction" is empty' },
    ]);
  });

  test('include a line that is not UTF-8', async () => {
    const good = new TextEncoder().encode(`${lines({ text: 'a' })}\n`);
    const bad = new Uint8Array([...good, ...good]);
    bad[good.length + 10] = 0xff; // the letter of the second line
    const { summary } = await read('data.jsonl', bad);
    expect(summary).toMatchObject({ records: 1, problems: [{ at: 2, reason: 'not valid UTF-8' }] });
  });

  test('are counted beyond those that are shown', async () => {
    const { summary } = await read(
      'data.jsonl',
      lines({ text: 'a' }, ...Array.from({ length: 30 }, () => 0)),
    );
    expect(summary.skipped).toBe(30);
    expect(summary.problems.map(({ at }) => at)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

test('a summary reads as lines of text', async () => {
  const record = { prompt: 'a', completion: 'b', task: 'law' };
  const { summary } = await read(
    'data.jsonl',
    lines(record, { text: 'c' }, record, ...Array.from({ length: 12 }, () => 1)),
  );
  expect(describeDataset(summary)).toEqual([
    'JSON Lines, 3 usable records (prompt/completion: 2, text: 1)',
    '1 task label (law: 2)',
    '12 lines skipped:',
    ...Array.from({ length: 10 }, (_, index) => `  line ${index + 4}: not an object with named fields`),
    '  … and 2 more',
  ]);
});

describe('files that are refused', () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n';
  test.each<[string, string | Uint8Array<ArrayBuffer>, RegExp]>([
    ['empty.jsonl', '', /^empty\.jsonl: the file is empty; /],
    ['blank.txt', ' \n\n', /^blank\.txt: the file is empty; /],
    [
      'a.jsonl',
      '{"foo": 1}\n{"foo": 2}',
      /^a\.jsonl: it has no usable record \(line 1: no format .* foo\); .*text/,
    ],
    ['a.jsonl', 'prose\nprose', /^a\.jsonl: it has no usable record \(line 1: not valid JSON /],
    [
      'a.jsonl',
      '{"foo": 1}',
      /^a\.jsonl: it has no usable record \(line 1: no format known for the fields foo\)/,
    ],
    ['a.json', '[]', /^a\.json: it has no usable record; /],
    ['a.json', '[{"text": "a"}, {"text":', /^a\.json: not valid JSON \(.*\); repair/],
    ['cut', '[\n{"text": "a"},\n{"te', /^cut: not valid JSON /],
    ['a.json', 'prose', /^a\.json: not valid JSON /],
    ['a.json', '{"a": 1}', /^a\.json: this JSON holds no list of records; /],
    [
      'q.csv',
      'question,answer\na,b\n',
      /^q\.csv: tables \(CSV, TSV\) cannot be used yet; save the table as JSON Lines/,
    ],
    ['x.bin', new Uint8Array([65, 0, 66, 0]), /^x\.bin: this is not a text file; /],
    ['u.txt', new Uint8Array([0xff, 0xfe, 65, 0]), /^u\.txt: the text is UTF-16; save the file as UTF-8/],
    ['l.txt', new Uint8Array([65, 0xe9, 66]), /^l\.txt: not a UTF-8 text; /],
    ['p.txt', pointer, /^p\.txt: this is a git-LFS pointer/],
  ])('%s with %j', async (name, content, message) => {
    expect(await refusal(read(name, content))).toMatch(message);
  });
});
