import type { Tokenizer } from '../engine/data/tokenizer';
import { readChoiceBenchmark, readExactBenchmark } from '../engine/eval/benchmark';
import type { EvalOptions } from '../engine/eval/scorer';
import type { BaseModel } from '../engine/model/baseModel';
import type { InferenceAdapter } from '../engine/model/decoder';
import type { Accuracy, FileSource, QuestionsInfo } from './protocol';
import { openAsker, scenarioQuestions, type AskingEngine, type Questions } from './questions';
import { openSource, scenarioOf } from './sources';

/** Who is asked. */
export interface Subject {
  readonly base: BaseModel;
  readonly tokenizer: Tokenizer;
  /** Of a run that is not under way, as it is after `step` steps. */
  readonly adapted: { readonly adapter: InferenceAdapter; readonly step: number } | undefined;
}

/** Asks the base model, and the adapted one where there is one. The signal stops it between passes. */
export async function evaluate(
  engine: AskingEngine,
  { base, tokenizer, adapted }: Subject,
  questions: Questions,
  { onProgress, signal }: EvalOptions,
): Promise<{ readonly before: Accuracy; readonly after: Accuracy | undefined }> {
  const parts = adapted === undefined ? 1 : 2;
  const ask = async (part: number, adapter?: InferenceAdapter): Promise<Accuracy> => {
    const asker = await openAsker(engine, base, tokenizer, questions, adapter);
    try {
      return await asker.ask({
        signal,
        onProgress: (done, total) => onProgress?.(part * total + done, parts * total),
      });
    } finally {
      asker.destroy();
    }
  };
  const before = await ask(0);
  return { before, after: adapted === undefined ? undefined : await ask(1, adapted.adapter) };
}

/** Questions with what the page says about them. */
export interface DescribedQuestions {
  readonly questions: Questions;
  readonly info: QuestionsInfo;
}

/**
 * The held-out questions of a scenario, or those of a benchmark file or folder (MMLU, BBH, GSM8K, or JSON with
 * choices): multiple choice where they have choices.
 *
 * @returns undefined where the files are no benchmark
 * @throws UserError where they are a damaged one
 */
export async function readQuestions(source: FileSource): Promise<DescribedQuestions | undefined> {
  if (source.kind === 'scenario') {
    return described(source.name, scenarioQuestions(scenarioOf(source.id)), 'questions', []);
  }
  const set = await openSource(source);
  const [file] = set.files.values();
  const files = file !== undefined && set.files.size === 1 ? file : set;
  // Several files that are no folder are named after one of them.
  const name = set.files.size > 1 && set.files.has(source.name) ? `${set.files.size} files` : source.name;
  const choice = await readChoiceBenchmark(files).catch(() => undefined); // some have no choices
  if (choice !== undefined) {
    const { questions, format, notes } = choice;
    return described(name, { form: 'choice', questions }, format, notes);
  }
  const exact = await readExactBenchmark(files);
  if (exact === undefined) return undefined;
  return described(name, { form: 'exact', questions: exact.questions }, exact.format, exact.notes);
}

function described(
  name: string,
  questions: Questions,
  format: string,
  notes: readonly string[],
): DescribedQuestions {
  const tasks = new Set(questions.questions.map(({ task }) => task));
  const { form } = questions;
  return {
    questions,
    info: { name, form, format, count: questions.questions.length, tasks: tasks.size, notes },
  };
}
