import { SPECIAL_DOMAINS } from '../domains';
import { CORPUS_SEED, generateDocuments } from '../general/corpus';
import { completionOf, promptOf, type Task } from '../item';
import { seededRandom } from '../random';
import { REASONING_TASKS } from '../tasks';

/** Texts of each source, but for the general part. */
const SAMPLES = 600;

/**
 * What the tokenizer is trained on: the corpus of the general part, and a sample of everything else in the world,
 * so that words that a model meets only when it is adapted do not fall apart into letters. Of this sample the
 * checkpoints see nothing but how it is cut.
 */
export function vocabularyTexts(general: number): string[] {
  const random = seededRandom(CORPUS_SEED);
  const items = (task: Task) =>
    Array.from({ length: SAMPLES }, (_, index) => {
      const item = task.make(random, 1 + (index % task.levels.length));
      return promptOf(item) + completionOf(item.answer);
    });
  return [
    ...generateDocuments(CORPUS_SEED, general),
    ...SPECIAL_DOMAINS.flatMap((domain) => [
      ...Array.from({ length: SAMPLES }, () => domain.write(random)),
      ...items(domain.task),
    ]),
    ...REASONING_TASKS.flatMap(items),
  ];
}
