import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readChoiceBenchmark, readExactBenchmark } from '../../../src/engine/eval/benchmark';
import { memorySource } from '../../../src/engine/formats/byteSource';
import { describePython, runPython } from '../../support/python';
import { hasSharedData, sharedData } from '../../support/sharedData';

/** Subjects with short and with very long questions, with blanks around questions and with quotes in options. */
const SUBJECTS = [
  'computer_security',
  'formal_logic',
  'high_school_european_history',
  'high_school_physics',
  'marketing',
  'world_religions',
];
const BBH = ['boolean_expressions', 'navigate', 'object_counting', 'web_of_lies', 'word_sorting'];
/** Rows of a large file that are compared; the others differ in nothing but their text. */
const ROWS = 40;

/** Written for this test: an empty option, blanks, quotes, a line break in a field, numbers as options, letters. */
const MADE = [
  'question,A,B,C,D,answer',
  'How many moons has it?,1,2.50,007,,D',
  '"  Who said ""no"", and when? ",Ann,"Ben, late",,"Cy\nand Di",A',
  'Where is it?, here,there ,nowhere,"""up""",C',
].join('\n');

interface Job {
  readonly do: 'prompts' | 'judge';
  readonly config: string;
  readonly questions: string;
  readonly pool: string | null;
  readonly shots: number;
  readonly description: string | null;
  readonly answers?: readonly (readonly string[])[];
}

interface Prompts {
  readonly requests: readonly (readonly [context: string, continuation: string | null])[];
  readonly description: string;
}

describePython('benchmark files and lm-evaluation-harness', () => {
  let scratch = '';
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'masa-benchmark-'));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  function write(name: string, content: string): string {
    writeFileSync(join(scratch, name), content);
    return join(scratch, name);
  }

  function ask(jobs: readonly object[]): unknown[] {
    const output = runPython('tests/python/lmEvalPrompts.py', [write('jobs.json', JSON.stringify(jobs))]);
    return JSON.parse(output.trim().split('\n').at(-1)!) as unknown[];
  }

  function prompts(config: string, questions: string, shots: number, more: Partial<Job> = {}): Job {
    return { do: 'prompts', config, questions, pool: null, shots, description: null, ...more };
  }

  const source = (path: string) => memorySource(path.split('/').at(-1)!, new Uint8Array(readFileSync(path)));

  async function choiceRequests(path: string, shots: number, pool?: string) {
    const beside =
      pool === undefined
        ? undefined
        : { name: 'folder', files: new Map([[source(pool).name, source(pool)]]) };
    const found = await readChoiceBenchmark(source(path), { shots }, beside);
    return found!.questions.flatMap(({ context, continuations }) =>
      continuations.map((continuation) => [context, continuation]),
    );
  }

  async function exactRequests(path: string, options: object) {
    const found = await readExactBenchmark(source(path), options);
    return found!.questions.map(({ prompt }) => [prompt, null]);
  }

  it('make the same MMLU prompts, with and without shots, with and without a dev file', async () => {
    const made = write('anatomy_dev.csv', MADE);
    const asked = write('anatomy_test.csv', MADE.replaceAll('it?', 'she?'));
    const files = hasSharedData
      ? SUBJECTS.map((subject) => [subject, sharedData(`datasets/mmlu-dev/${subject}_dev.csv`)] as const)
      : [];
    const all = [...files, ['anatomy', made] as const];
    const jobs = all.flatMap(([subject, path]) =>
      [0, 2].map((shots) => prompts(`mmlu/default/mmlu_${subject}.yaml`, path, shots)),
    );
    jobs.push(prompts('mmlu/default/mmlu_anatomy.yaml', asked, 2, { pool: made }));
    const theirs = ask(jobs) as Prompts[];
    for (const [index, { questions, pool, shots }] of jobs.entries()) {
      const ours = await choiceRequests(questions, shots, pool ?? undefined);
      expect(ours.length).toBeGreaterThanOrEqual(4 * 3);
      expect(ours).toEqual(theirs[index]!.requests);
    }
    expect(theirs.at(-2)!.requests[0]![0]).toContain('D. None\n');
  });

  it('make the same ARC prompts', async () => {
    const record = (question: string, text: string[], label: string[], answerKey: string) =>
      `${JSON.stringify({ question, choices: { text, label }, answerKey })}\n`;
    const path = write(
      'arc.jsonl',
      record('What melts?', ['ice', 'sand', 'air'], ['A', 'B', 'C'], 'A') +
        record('What "burns"?', ['stone', 'dry wood'], ['1', '2'], '2') +
        record('What swims?', ['a fish', 'a bird'], ['A', 'B'], 'A'),
    );
    const jobs = [0, 2].map((shots) => prompts('arc/arc_easy.yaml', path, shots));
    const theirs = ask(jobs) as Prompts[];
    for (const [index, { shots }] of jobs.entries()) {
      expect(await choiceRequests(path, shots)).toEqual(theirs[index]!.requests);
    }
  });

  it.skipIf(!hasSharedData)('make the same BBH and GSM8K prompts', async () => {
    const lines = readFileSync(sharedData('datasets/gsm8k/train.jsonl'), 'utf8').split('\n').slice(0, ROWS);
    const gsm8k = write('train.jsonl', lines.join('\n'));
    const jobs = BBH.flatMap((task) => {
      const path = shortBbh(task);
      const own = [prompts(`bbh/zeroshot/${task}.yaml`, path, 0)];
      return [...own, prompts(`bbh/fewshot/${task}.yaml`, path, 2, { description: 'Do it.\n\n' })];
    });
    jobs.push(...[0, 2].map((shots) => prompts('gsm8k/gsm8k.yaml', gsm8k, shots)));
    const theirs = ask(jobs) as Prompts[];
    for (const [index, { questions, shots, description: given }] of jobs.entries()) {
      const description = (given ?? theirs[index]!.description).replace(/\n\n$/, '');
      const ours = await exactRequests(questions, { shots, description });
      expect(ours).toHaveLength(ROWS);
      expect(ours).toEqual(theirs[index]!.requests);
    }
  });

  it.skipIf(!hasSharedData)('judge answers alike, strictly and flexibly', async () => {
    const lines = readFileSync(sharedData('datasets/gsm8k/train.jsonl'), 'utf8').split('\n').slice(0, ROWS);
    const cases: readonly (readonly [config: string, path: string, more: readonly string[]])[] = [
      ['gsm8k/gsm8k.yaml', write('answers.jsonl', lines.join('\n')), ['#### 72', 'so 1,000 or $10.', '']],
      ['bbh/zeroshot/boolean_expressions.yaml', shortBbh('boolean_expressions'), ['True', 'not False', 'x']],
      ['bbh/zeroshot/navigate.yaml', shortBbh('navigate'), ['Yes', 'no.', 'I say No, yes', 'nothing']],
      ['bbh/zeroshot/object_counting.yaml', shortBbh('object_counting'), ['8', 'It is 8 or 9', 'x 12']],
    ];
    const answered = await Promise.all(
      cases.map(async ([config, path, more]) => {
        const strict = (await readExactBenchmark(source(path)))!.questions;
        const flexible = (await readExactBenchmark(source(path), { match: 'flexible' }))!.questions;
        const answers = strict.map(({ target }) => [target, `${target}.`, `So: ${target}\n`, ...more]);
        const judged = { 'strict-match': strict, 'flexible-extract': flexible };
        return { job: { ...prompts(config, path, 0), do: 'judge', answers }, judged, answers };
      }),
    );
    const theirs = ask(answered.map(({ job }) => job)) as Readonly<Record<string, number[][]>>[];
    for (const [index, { judged, answers }] of answered.entries()) {
      for (const [filter, questions] of Object.entries(judged)) {
        const ours = questions.map((question, i) => answers[i]!.map((text) => Number(question.judge(text))));
        expect(ours).toEqual(theirs[index]![filter]);
        expect(new Set(ours.flat())).toEqual(new Set([0, 1]));
      }
    }
  });

  /** The first rows of a BBH file, as a file. */
  function shortBbh(task: string): string {
    const text = readFileSync(sharedData(`datasets/bbh/${task}.json`), 'utf8');
    const { examples } = JSON.parse(text) as { readonly examples: readonly unknown[] };
    return write(`${task}.json`, JSON.stringify({ examples: examples.slice(0, ROWS) }));
  }
});
