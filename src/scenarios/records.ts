import { completionOf, promptOf, type Item, type Task } from '../world/item';
import { seededRandom } from '../world/random';
import { drawItems } from '../world/split';
import type { Scenario } from './scenario';

/** One seed for the data of every run: runs differ by their settings, never by what they could learn from. */
const SEED = 1;

/** The parts of a scenario that say what its data is. */
type DataOf = Pick<Scenario, 'tasks' | 'documents' | 'level' | 'records' | 'heldOut'>;

/**
 * Of a document every token is learnt, of a question the answer alone, some three tokens: so many questions keep the
 * balance.
 */
const QUESTIONS_PER_DOCUMENT = 12;

/**
 * What a scenario is trained on, as the text of a JSON Lines file: `{prompt, completion, task}` for a question of
 * the train part, `{text, task}` for a document, taken in turn from each task and each domain, so that every
 * stretch of the file holds all of them evenly. The same on every call and every machine.
 *
 * @throws Error where a task has too few different questions at this level
 */
export function trainingRecords({ tasks, documents, level, records }: DataOf): string {
  const questions = tasks.map(
    (task) => (count: number) =>
      drawItems(task, { part: 'train', level, seed: SEED, count }).map(questionRecord(task)),
  );
  const texts = documents.map((domain, index) => (count: number) => {
    const random = seededRandom(SEED + index);
    return Array.from({ length: count }, () => ({ text: domain.write(random), task: domain.id }));
  });
  const asked = documents.length === 0 ? 1 : QUESTIONS_PER_DOCUMENT;
  const round = [...Array.from({ length: asked }, () => questions).flat(), ...texts];
  const turns = Array.from({ length: records }, (_, at) => round[at % round.length]);
  const drawn = new Map(
    [...questions, ...texts].map((draw) => [
      draw,
      draw(turns.filter((turn) => turn === draw).length).values(),
    ]),
  );
  return turns.map((turn) => turn && `${JSON.stringify(drawn.get(turn)?.next().value)}\n`).join('');
}

/** The test questions of one task. */
export interface TestItems {
  readonly task: Task;
  readonly items: readonly Item[];
}

/**
 * What a scenario is measured on: `heldOut` questions a task, all of the test part, so that none is among the
 * training records. The first `limit` of them where one is given.
 *
 * @throws Error where a task has too few different questions at this level
 */
export function testItems({ tasks, level, heldOut }: DataOf, limit = heldOut): readonly TestItems[] {
  const count = Math.min(limit, heldOut);
  return tasks.map((task) => ({ task, items: drawItems(task, { part: 'test', level, seed: SEED, count }) }));
}

/** The test questions as records of the form that training has, for their loss. */
export function testRecords(tests: readonly TestItems[]): string {
  const records = tests.flatMap(({ task, items }) => items.map(questionRecord(task)));
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function questionRecord({ id }: Task) {
  return (item: Item) => ({ prompt: promptOf(item), completion: completionOf(item.answer), task: id });
}
