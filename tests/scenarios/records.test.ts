import { describe, expect, test } from 'vitest';
import { readDataset } from '../../src/engine/data/dataset';
import { memorySource } from '../../src/engine/formats/byteSource';
import { choiceQuestions, exactQuestions } from '../../src/scenarios/questions';
import { testItems, testRecords, trainingRecords } from '../../src/scenarios/records';
import { SCENARIOS } from '../../src/scenarios/table';
import { completionOf, promptOf } from '../../src/world/item';
import { partOf } from '../../src/world/split';

interface QuestionLine {
  readonly prompt: string;
  readonly completion: string;
  readonly task: string;
}
interface TextLine {
  readonly text: string;
  readonly task: string;
}

describe.each(SCENARIOS.map((scenario) => [scenario.id, scenario] as const))(
  'the data of %s',
  (id, scenario) => {
    const text = trainingRecords(scenario);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as QuestionLine | TextLine);
    const tests = testItems(scenario);
    const labels = [...scenario.tasks, ...scenario.documents].map((source) => source.id);

    test('is the same on every call, fewer records being the first of all', () => {
      const records = Math.ceil(scenario.records / 10);
      const first = lines.slice(0, records).map((line) => `${JSON.stringify(line)}\n`);
      expect(trainingRecords({ ...scenario, records })).toBe(first.join(''));
      // Whoever wants more questions than there are gets all.
      expect(testItems(scenario, 1e6)).toEqual(tests);
    });

    test('is what the reader of data sets reads, each record with its label', async () => {
      const { summary } = await readDataset(memorySource(id, new TextEncoder().encode(text)));
      expect(summary).toMatchObject({ container: 'JSON Lines', records: scenario.records, skipped: 0 });
      const formats = scenario.documents.length > 0 ? ['prompt/completion', 'text'] : ['prompt/completion'];
      expect([...summary.formats.keys()]).toEqual(expect.arrayContaining(formats));
      expect(summary.formats.size).toBe(formats.length);
      expect([...summary.tasks.keys()]).toEqual([...new Set(labels)]);
      const counts = [...summary.tasks.values()];
      // The last round may be cut short: by up to twelve questions and a document of a domain.
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(13);
    });

    test('takes from tasks and domains in turn, twelve questions for a document', () => {
      const questions = scenario.tasks.map((task) => [task.id, false]);
      const documents = scenario.documents.map((domain) => [domain.id, true]);
      const rounds = documents.length === 0 ? 1 : 12;
      const round = [...Array.from({ length: rounds }, () => questions).flat(), ...documents];
      const sources = lines.map((line) => [line.task, 'text' in line]);
      expect(sources).toEqual(lines.map((_, at) => round[at % round.length]));
    });

    test('learns questions of the train part and asks others, as many as it says', () => {
      expect(tests.map(({ task, items }) => [task.id, items.length])).toEqual(
        scenario.tasks.map((task) => [task.id, scenario.heldOut]),
      );
      const prompts = lines.flatMap((line) => ('prompt' in line ? [line.prompt] : []));
      const documents = lines.flatMap((line) => ('text' in line ? [line.text] : [])).join('\n');
      const learnt = new Set(prompts);
      expect(learnt.size).toBe(prompts.length);
      for (const { task, items } of tests) {
        const questions = items.map(({ question }) => question);
        expect(questions.filter((question) => partOf(task.id, question) !== 'test')).toEqual([]);
        expect(items.filter((item) => learnt.has(promptOf(item)))).toEqual([]);
        expect(questions.filter((question) => documents.includes(question))).toEqual([]);
      }
    });

    test('asks the first questions where fewer are wanted', () => {
      const few = testItems(scenario, scenario.watched);
      expect(few).toEqual(
        tests.map(({ task, items }) => ({ task, items: items.slice(0, scenario.watched) })),
      );
    });

    test('has a question with choices and one to be answered for each test item', () => {
      const items = tests.flatMap((part) => part.items.map((item) => ({ ...item, task: part.task })));
      const choices = choiceQuestions(tests);
      const exact = exactQuestions(tests);
      expect(choices.length).toBe(items.length);
      items.forEach((item, at) => {
        const choice = choices[at]!;
        expect(choice.continuations[choice.answer]).toBe(completionOf(item.answer));
        expect(choice.continuations.length).toBe(item.task.choices);
        expect(choice).toMatchObject({
          task: item.task.id,
          context: promptOf(item),
          chance: 1 / item.task.choices,
        });
        expect(choice.lengths).toEqual(
          choice.continuations.map((continuation) => Array.from(continuation).length - 1),
        );
        const question = exact[at]!;
        expect(question).toMatchObject({ task: item.task.id, prompt: promptOf(item), target: item.answer });
        expect(question.judge(completionOf(item.answer))).toBe(true);
        for (const wrong of item.choices.filter((other) => other !== item.answer)) {
          expect(question.judge(completionOf(wrong))).toBe(false);
        }
        // An answer that holds a stop text would be cut before it is judged.
        expect(question.stop.some((stop) => item.answer.includes(stop))).toBe(false);
      });
    });

    test('can be read for the loss of its answers', async () => {
      const bytes = new TextEncoder().encode(testRecords(tests));
      const { summary } = await readDataset(memorySource(id, bytes));
      expect(summary.records).toBe(scenario.tasks.length * scenario.heldOut);
    });
  },
);

test('a share is a record more where the records do not part evenly', () => {
  const scenario = SCENARIOS.find(({ id }) => id === 'reasoning')!;
  const count = (records: number) => trainingRecords({ ...scenario, records }).split('\n').length - 1;
  expect([1, 12, 17].map(count)).toEqual([1, 12, 17]);
});

test('a task that has too few questions says so', () => {
  const task = {
    ...SCENARIOS[0]!.tasks[0]!,
    make: () => ({ question: 'x', answer: 'a', choices: ['a', 'b'] }),
  };
  const scenario = { ...SCENARIOS[0]!, tasks: [task] };
  expect(() => trainingRecords(scenario)).toThrow('questions');
});
