import { describe, expect, it } from 'vitest';
import { readChoiceBenchmark, readExactBenchmark } from '../../../src/engine/eval/benchmark';
import { fileSet, fileSource, type FileContent } from '../../support/fileSet';

const HEADER = 'question,A,B,C,D,answer';
const CAPITAL = 'Where is it?,here,there,nowhere,"anywhere, perhaps",B';

async function contexts(name: string, content: FileContent, options = {}): Promise<string[]> {
  const found = await readChoiceBenchmark(fileSource(name, content), options);
  return found!.questions.map(({ context }) => context);
}

async function refusal(name: string, content: FileContent, options = {}): Promise<string> {
  const error: unknown = await readChoiceBenchmark(fileSource(name, content), options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'UserError' });
  return (error as Error).message;
}

describe('MMLU', () => {
  const plain =
    'The following are multiple choice questions (with answers) about odd places.\n\n' +
    'Where is it?\nA. here\nB. there\nC. nowhere\nD. anywhere, perhaps\nAnswer:';

  it('is read with and without a header, with letters and numbers, in any order of columns', async () => {
    for (const text of [
      `${HEADER}\n${CAPITAL}\n`,
      CAPITAL,
      `${HEADER}\r\n${CAPITAL}\r\n\r\n`,
      `\uFEFFanswer,question,choice0,choice1,choice2,choice3\n1,"  Where is it? ",here,there,nowhere,"anywhere, perhaps"`,
    ]) {
      const found = await readChoiceBenchmark(fileSource('odd_places_test.csv', text));
      expect(found).toMatchObject({ format: 'mmlu', group: undefined, notes: [] });
      expect(found!.questions).toEqual([
        {
          task: 'odd_places',
          context: plain,
          continuations: [' A', ' B', ' C', ' D'],
          lengths: [1, 1, 1, 1],
          answer: 1,
          chance: 0.25,
        },
      ]);
    }
  });

  it('keeps quotes, commas and line breaks within a field', async () => {
    const [context] = await contexts('x.csv', `${HEADER}\n"Say ""yes"",\nor no",1,"2\r\n3",4,5,3`);
    expect(context).toContain('Say "yes",\nor no\nA. 1\nB. 2\r\n3\nC. 4\nD. 5\nAnswer:');
  });

  it('reads an empty option as the word None', async () => {
    const [context] = await contexts('x_dev.csv', `${HEADER}\nHow many?,1,2,3,,D`);
    expect(context).toContain('C. 3\nD. None\nAnswer:');
  });

  it('takes shots from the dev file and questions from the test file, in either layout', async () => {
    const dev = `${HEADER}\nDev one?,a,b,c,d,A\nDev two?,a,b,c,d,B\n`;
    const test = `${HEADER}\nTest?,a,b,c,d,C\n`;
    for (const files of [
      { 'x_dev.csv': dev, 'x_test.csv': test },
      { 'dev/x_dev.csv': dev, 'test/x_test.csv': test, 'val/x_val.csv': dev },
      { 'dev/x.csv': dev, 'test/x.csv': test },
    ]) {
      const found = await readChoiceBenchmark(fileSet(files), { shots: 2 });
      expect(found!.questions.map(({ task }) => task)).toEqual(['x']);
      const { context } = found!.questions[0]!;
      expect(context.indexOf('Dev one?')).toBeLessThan(context.indexOf('Dev two?'));
      expect(context).toMatch(/D\. d\nAnswer: A\n\nDev two\?[^]*Answer: B\n\nTest\?[^]*Answer:$/);
    }
    const alone = fileSource('x_test.csv', test);
    const found = await readChoiceBenchmark(alone, { shots: 1 }, fileSet({ 'x_dev.csv': dev }));
    expect(found!.questions[0]!.context).toContain('Dev one?');
  });

  it('says so where the shots are other questions, for want of a dev file', async () => {
    const two = `${HEADER}\nOne?,a,b,c,d,A\nTwo?,a,b,c,d,B\n`;
    const only = fileSet({ 'x_test.csv': two, 'y_test.csv': two });
    expect((await readChoiceBenchmark(only))!.notes).toEqual([]);
    const note = 'There is no dev file; the shots are other questions.';
    expect((await readChoiceBenchmark(only, { shots: 1 }))!.notes).toEqual([note]);
    const some = fileSet({ 'x_test.csv': two, 'x_dev.csv': two, 'y_test.csv': two });
    const notes = ['No dev file: y; the shots are other questions.'];
    expect((await readChoiceBenchmark(some, { shots: 1 }))!.notes).toEqual(notes);
  });

  it('takes no description, for it has its own', async () => {
    const options = { description: 'Choose.' };
    expect(await refusal('x_test.csv', `${HEADER}\n${CAPITAL}`, options)).toMatch(
      /^description: the prompts of mmlu begin with a sentence of their own; /,
    );
  });

  it('never shows a question of a dev file among its own shots, not even its double', async () => {
    const rows = ['One?,a,b,c,d,A', 'Two?,a,b,c,d,B', 'One?,a,b,c,d,A', 'Three?,a,b,c,d,D'];
    const all = await contexts('x_dev.csv', [HEADER, ...rows].join('\n'), { shots: 2 });
    expect(all.map((context) => context.match(/(One|Two|Three)(?=\?)/g)!.join(' '))).toEqual([
      'Two Three One',
      'One One Two',
      'Two Three One',
      'One Two Three',
    ]);
    const message = await refusal('x_dev.csv', [HEADER, ...rows].join('\n'), { shots: 3 });
    expect(message).toBe('x: there are 2 rows for shots and 3 are wanted; ask for fewer shots.');
  });

  it('names a group over several subjects, and what was left out', async () => {
    const text = `${HEADER}\n${CAPITAL}\n`;
    const folder = fileSet({
      'b_dev.csv': text,
      'a_dev.csv': text,
      'prices.csv': 'name,price\nx,1\n',
      'a.txt': 'x',
    });
    const found = await readChoiceBenchmark(folder);
    expect(found).toMatchObject({ format: 'mmlu', group: 'mmlu' });
    expect(found!.questions.map(({ task }) => task)).toEqual(['a', 'b']);
    expect(found!.notes).toHaveLength(2);
    expect(found!.notes[0]).toContain('prices.csv');
  });

  it('says in which file and row it is malformed', async () => {
    expect(await refusal('x_test.csv', `${HEADER}\n${CAPITAL}\nQ?,a,b,c,d,E`)).toMatch(
      /^x_test\.csv: row 3: the answer is "E"; .*\.$/,
    );
    expect(await refusal('x.csv', 'question,A,B,C,answer\nQ?,a,b,c,A')).toMatch(/no column for option D/);
    expect(await refusal('x.csv', `${HEADER}\nQ?,a,b,c,A`)).toMatch(/row 2: it has 5 fields instead of 6/);
    expect(await refusal('x.csv', `${HEADER}\n\n ,a,b,c,d,A`)).toMatch(/row 3: the question is empty/);
    expect(await refusal('x.csv', `${HEADER}\n"Q?,a,b,c,d,A\n`)).toMatch(/row 2: a quote is not closed/);
    expect(await refusal('x_dev.csv', HEADER)).toMatch(/^x_dev\.csv: it holds no rows/);
    const latin1 = new Uint8Array([...new TextEncoder().encode(HEADER), 0x0a, 0xe9]);
    expect(await refusal('x.csv', latin1)).toMatch(/not a UTF-8 text/);
  });

  it('is judged by its letter when it is answered freely', async () => {
    const found = await readExactBenchmark(fileSource('x_test.csv', `${HEADER}\n${CAPITAL}`));
    const [question] = found!.questions;
    expect(question).toMatchObject({ target: 'B', stop: ['</s>', '\n'] });
    expect([' B', 'b.', '(B) ', ' A', '', 'B there'].map((text) => question!.judge(text))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('BIG-Bench Hard', () => {
  const pairs = {
    canary: 'x',
    examples: [
      { input: 'not True is', target: 'False' },
      { input: 'True and True is', target: 'True' },
      { input: 'not False is', target: 'True' },
    ],
  };

  it('makes prompts with the shots of the file and the description of the user', async () => {
    const options = { shots: 1, description: 'Judge.' };
    const found = await readExactBenchmark(fileSource('logic.json', pairs), options);
    expect(found!.questions.map(({ prompt }) => prompt)).toEqual([
      'Judge.\n\nQ: True and True is\nA: True\n\nQ: not True is\nA:',
      'Judge.\n\nQ: not True is\nA: False\n\nQ: True and True is\nA:',
      'Judge.\n\nQ: not True is\nA: False\n\nQ: not False is\nA:',
    ]);
    expect(found!.questions[0]).toMatchObject({
      task: 'logic',
      stop: ['</s>', 'Q', '\n\n'],
      maxNewTokens: 256,
    });
    const short = await readExactBenchmark(fileSource('logic.json', pairs), { maxNewTokens: 7 });
    expect(short!.questions.map(({ maxNewTokens }) => maxNewTokens)).toEqual([7, 7, 7]);
  });

  it('offers the options of a question, or the pair that its answer is one of', async () => {
    const listed = 'Does it?\nOptions:\n- Yes\n- No';
    const lettered = 'Which?\nOptions:\n(A) a cat\n(B) a dog\n(C) a hen';
    for (const [input, target, continuations] of [
      ['not True is', 'False', [' True', ' False']],
      [listed, 'No', [' Yes', ' No']],
      [lettered, '(C)', [' (A)', ' (B)', ' (C)']],
    ] as const) {
      const found = await readChoiceBenchmark(fileSource('x.json', [{ input, target }]));
      expect(found!.questions[0]).toMatchObject({ continuations, answer: continuations.length - 1 });
    }
  });

  it('leaves open questions out of the choice form, and says so', async () => {
    const counting = [{ input: 'How many?', target: '8' }];
    const found = await readChoiceBenchmark(fileSet({ 'count.json': counting, 'logic.json': pairs }));
    expect(found!.questions.map(({ task }) => task)).toEqual(['logic', 'logic', 'logic']);
    expect(found!.notes).toEqual(['Left out, for they have no choices: count.']);
    expect(await refusal('count.json', counting)).toMatch(
      /its questions have no choices; ask for exact match/,
    );
  });

  it('leaves out single questions whose answer is none of their options, and counts them', async () => {
    const input = 'Which?\nOptions:\n(A) a cat\n(B) a dog';
    const rows = ['(A)', 'a dog', '(B)'].map((target) => ({ input, target }));
    const found = await readChoiceBenchmark(fileSource('pets.json', rows));
    expect(found!.questions.map(({ answer }) => answer)).toEqual([0, 1]);
    expect(found!.notes).toEqual(['Left out, for they have no choices: 1 of the 3 questions of pets.']);
  });

  it('judges strictly and flexibly', async () => {
    const judge = async (target: string, match: 'strict' | 'flexible', text: string, input = 'Q?') => {
      const found = await readExactBenchmark(fileSource('x.json', [{ input, target }]), { match });
      return found!.questions[0]!.judge(text);
    };
    expect(await judge('False', 'strict', ' false.\n')).toBe(true);
    expect(await judge('False', 'strict', ' It is False')).toBe(false);
    expect(await judge('False', 'flexible', ' It is False')).toBe(true);
    expect(await judge('Yes', 'flexible', 'no, yes')).toBe(false);
    expect(await judge('-12', 'flexible', ' it is -12 or 3')).toBe(true);
    const options = 'Which?\nOptions:\n(A) a red hen\n(B) a red hen-house';
    expect(await judge('(B)', 'flexible', ' the (B) one', options)).toBe(true);
    expect(await judge('(B)', 'flexible', ' A Red Hen House? No: a red henhouse!', options)).toBe(false);
    expect(await judge('(B)', 'flexible', ' a red hen-house', options)).toBe(true);
    expect(await judge('(B)', 'flexible', ' answer: B', options)).toBe(true);
    expect(await judge('(B)', 'flexible', ' nothing', options)).toBe(false);
  });

  it('refuses a record without an answer', async () => {
    const records = [{ input: 'a', target: 'b' }, { input: 'c' }];
    expect(await refusal('x.json', records)).toMatch(
      /^x\.json: record 2: the field "target" holds no text; /,
    );
  });
});

describe('GSM8K', () => {
  const line = (question: string, answer: string) => `${JSON.stringify({ question, answer })}\n`;
  const text = line('1 + 1?', '1 + 1 = <<1+1=2>>2\n#### 2') + line('A lot?', 'Much.\n#### $1,234.');

  it('makes prompts, and compares final numbers', async () => {
    const found = await readExactBenchmark(fileSource('train.jsonl', text), { shots: 1 });
    expect(found).toMatchObject({ format: 'gsm8k' });
    const [first, second] = found!.questions;
    expect(first!.prompt).toBe('Question: A lot?\nAnswer: Much.\n#### $1,234.\n\nQuestion: 1 + 1?\nAnswer:');
    expect(first!.task).toBe('gsm8k');
    expect(first!.judge(' It is 2.\n#### 2')).toBe(true);
    expect(first!.judge(' It is 2.')).toBe(false);
    expect(first!.judge('#### 3\n#### 2')).toBe(false);
    expect(second!.judge('#### 1,234')).toBe(true);
  });

  it('finds the last number in the flexible form', async () => {
    const found = await readExactBenchmark(fileSource('x.jsonl', text), { match: 'flexible' });
    const [first, second] = found!.questions;
    expect(first!.judge('3 or 2.')).toBe(true);
    expect(first!.judge('2 or 3')).toBe(false);
    expect(second!.judge('They cost $1,234.')).toBe(true);
  });

  it('refuses broken lines and answers without a final number', async () => {
    expect(await refusal('x.jsonl', `${text}{"question": "1`)).toMatch(/^x\.jsonl: line 3: not valid JSON/);
    expect(await refusal('x.jsonl', text + line('2?', 'two'))).toMatch(
      /line 3: its answer has no final number/,
    );
    expect(await refusal('x.jsonl', text)).toMatch(/its questions have no choices/);
  });
});

describe('records with choices', () => {
  const record = { question: 'Which one?', choices: ['café', 'tea', 'B'] };

  it('take an index, a text or a label as the answer', async () => {
    const arc = { question: 'Which one?', choices: { text: ['café', 'tea', 'B'], label: ['1', '2', '3'] } };
    for (const [fields, answer] of [
      [{ ...record, answer: 1 }, 1],
      [{ ...record, answer: 'tea' }, 1],
      [{ ...record, answer: 'A' }, 0],
      [{ ...record, answer: 'B' }, 2],
      [{ ...arc, answerKey: '1' }, 0],
    ] as const) {
      const found = await readChoiceBenchmark(fileSource('quiz.jsonl', JSON.stringify(fields)));
      expect(found!.questions).toEqual([
        {
          task: 'quiz',
          context: 'Question: Which one?\nAnswer:',
          continuations: [' café', ' tea', ' B'],
          lengths: [4, 3, 1],
          answer,
          chance: 1 / 3,
        },
      ]);
    }
  });

  it('are refused where answer or choices are missing, and for exact match', async () => {
    expect(await refusal('q.json', [{ ...record, answer: 3 }])).toMatch(
      /^q\.json: record 1: its answer 3 is none of its 3 choices; /,
    );
    expect(await refusal('q.json', [record])).toMatch(/it has no answer/);
    expect(await refusal('q.json', [{ ...record, choices: ['a', ''] }])).toMatch(
      /no list of at least two texts/,
    );
    const whole = fileSource('q.json', [{ ...record, answer: 0 }]);
    await expect(readExactBenchmark(whole)).rejects.toThrow(/answered by choice; ask for choice instead/);
  });
});

describe('other files', () => {
  it('are no benchmark', async () => {
    for (const [name, content] of [
      ['story.txt', 'Once upon a time'],
      ['data.jsonl', '{"prompt":"a","completion":"b"}\n'],
      ['qa.jsonl', '{"question":"a","answer":"b"}\n'],
      ['table.csv', 'a,b\n1,2\n'],
    ] as const) {
      expect(await readChoiceBenchmark(fileSource(name, content))).toBeUndefined();
      expect(await readExactBenchmark(fileSet({ [name]: content }))).toBeUndefined();
    }
  });

  it('are refused before they are read when they are huge', async () => {
    // The first bytes may be looked at, for a git-LFS pointer.
    const read = (_offset: number, length: number) =>
      length > 4096 ? Promise.reject(new Error('read')) : Promise.resolve(new Uint8Array(length));
    for (const name of ['x_test.csv', 'x.json', 'x.jsonl']) {
      const source = { name, size: 2 ** 40, read };
      await expect(readChoiceBenchmark(source)).rejects.toMatchObject({ name: 'UserError' });
    }
  });

  it('are not mixed with another benchmark', async () => {
    const files = fileSet({ 'a_dev.csv': `${HEADER}\n${CAPITAL}`, 'b.json': [{ input: 'a', target: 'b' }] });
    await expect(readChoiceBenchmark(files)).rejects.toThrow(/files of several benchmarks \(mmlu, bbh\)/);
  });
});
