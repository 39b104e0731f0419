import type { Dataset } from '../engine/data/dataset';
import type { PreparedData } from '../engine/data/prepare';
import type { RecordProblem } from '../engine/data/record';
import { recordTemplate } from '../engine/data/template';
import type { Tokenizer } from '../engine/data/tokenizer';
import type { Checkpoint } from '../engine/model/checkpoint';
import { weightInfo } from '../engine/model/weights';
import type { DataInfo, DataProblem, Example, ModelInfo, PreparedInfo } from './protocol';

const SHOWN_EXAMPLES = 3;
const SHOWN_PIECES = 6; // of one example
const SHOWN_CHARACTERS = 180; // of one piece
const PROMPT_WORDS = 6; // of a plain text
const PROMPT_CHARACTERS = 300;
/** Noncharacters that templates put into texts as marks for the tokenizer; not meant for the eye. */
const MARKS = /[\uFDD0-\uFDEF]/g;

/** What the page says about a checkpoint. */
export function describeModel(checkpoint: Checkpoint): ModelInfo {
  const weights = weightInfo(checkpoint);
  const bytes = weights.buffers.reduce((sum, buffer) => sum + buffer.bytes, 0);
  return {
    name: checkpoint.name,
    config: checkpoint.config,
    parameters: weights.count,
    bytes,
    dtype: weights.embedding.dtype,
    hasChatTemplate: checkpoint.tokenizer?.chatTemplate !== undefined,
    sampling: checkpoint.sampling ?? {},
  };
}

/** What the page says about a data set, its records as this model's tokenizer and template show them. */
export function describeData({ records, summary }: Dataset, tokenizer: Tokenizer): DataInfo {
  const render = recordTemplate(tokenizer);
  const examples: Example[] = [];
  for (const record of records) {
    if (examples.length === SHOWN_EXAMPLES) break;
    try {
      const pieces = render(record).map(({ text, train }) => ({
        text: text.replace(MARKS, ''),
        trained: train,
      }));
      examples.push({ task: record.task, pieces });
    } catch {
      // A record that the template refuses; preparing the data counts it.
    }
  }
  return {
    name: summary.name,
    format: [...summary.formats.keys(), summary.container].filter((name) => name !== 'text').join(', '),
    records: summary.records,
    skipped: summary.skipped,
    problems: summary.problems.map(describeProblem),
    tasks: [...summary.tasks.keys()],
    examples: examples.map(shortened),
    prompt: choosePrompt(examples.map(opening)),
  };
}

/** What the page says about the data of a run. */
export function describePrepared({ summary }: PreparedData): PreparedInfo {
  const { trainExamples, validationExamples, truncated, skipped, problems } = summary;
  return { trainExamples, validationExamples, truncated, skipped, problems: problems.map(describeProblem) };
}

function describeProblem({ at, reason }: RecordProblem): DataProblem {
  return { line: at, problem: reason };
}

/** The longest that is still easy to read: the more it says, the more an answer can be judged by. */
function choosePrompt(prompts: readonly string[]): string {
  const short = prompts.filter((prompt) => prompt.length <= PROMPT_CHARACTERS);
  return short.toSorted((a, b) => b.length - a.length)[0] ?? prompts[0] ?? '';
}

/** What stands before the first answer; of a plain text, its first words. */
function opening({ pieces }: Example): string {
  const first = pieces.findIndex((piece) => piece.trained);
  const before = pieces.slice(0, Math.max(0, first)).map((piece) => piece.text);
  if (before.length > 0) return before.join('');
  const text = pieces[0]?.text ?? '';
  return text
    .trimStart()
    .split(/(?<=\s)/, PROMPT_WORDS)
    .join('')
    .trimEnd();
}

/** The example with the middle of its long pieces left out, so that what is trained stays in sight. */
function shortened({ task, pieces }: Example): Example {
  const end = Math.floor(SHOWN_CHARACTERS / 3);
  return {
    task,
    pieces: pieces.slice(0, SHOWN_PIECES).map(({ text, trained }) => ({
      text:
        text.length <= SHOWN_CHARACTERS
          ? text
          : `${text.slice(0, SHOWN_CHARACTERS - end)} … ${text.slice(-end)}`,
      trained,
    })),
  };
}
