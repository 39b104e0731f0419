import { encodeGuarded } from './guard';
import { BadRecord, type DataRecord, type RecordProblem } from './record';
import { recordTemplate, type Segment } from './template';
import type { Tokenizer } from './tokenizer';

/**
 * One sequence to learn from. Of its n ids the first n − 1 are inputs, one row each; row t predicts id t + 1, so
 * an example takes n − 1 rows and the last token needs none.
 */
export interface TokenExample {
  readonly ids: Uint32Array;
  /** 1 where the loss counts the prediction of this id, else 0. The first is always 0: nothing predicts it. */
  readonly train: Uint8Array;
  readonly task: string | undefined;
}

export interface TokenizedData {
  readonly examples: readonly TokenExample[];
  /** Number of examples that were shortened to fit (see `shorten`). */
  readonly truncated: number;
  /** Number of records that gave no example, and all of them with the reason. */
  readonly problems: readonly RecordProblem[];
}

/** Rows of an example. */
export function rowsOf(example: TokenExample): number {
  return example.ids.length - 1;
}

/**
 * Tokenises records segment by segment: BOS in front where the tokenizer has one, EOS (counted) after each
 * answer, only the segments to be learnt counted. A text is cut into windows of `maxLength` rows, which together
 * predict each of its tokens once; any other example longer than that is shortened.
 */
export function tokenizeRecords(
  records: readonly DataRecord[],
  tokenizer: Tokenizer,
  maxLength: number,
): TokenizedData {
  const render = recordTemplate(tokenizer);
  const examples: TokenExample[] = [];
  const problems: RecordProblem[] = [];
  let truncated = 0;
  for (const record of records) {
    try {
      const sequence = tokenizeSegments(render(record), tokenizer);
      if (record.content.kind === 'text') {
        const windows = cutWindows(sequence.ids, maxLength, record.task);
        if (windows.length === 0) throw new BadRecord('too short to predict anything');
        for (const window of windows) examples.push(window);
      } else {
        const fitted = shorten(sequence, maxLength + 1);
        if (fitted !== sequence) truncated++;
        examples.push(pack(fitted, record.task));
      }
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error;
      problems.push({ at: record.at, reason: error.message });
    }
  }
  return { examples, truncated, problems };
}

/**
 * The windows in which `eval` scores a text: the file is one document, tokenised whole, nothing trimmed, no EOS
 * behind it. With a BOS as context every token is scored exactly once, without one every token but the first.
 * A text of more than `window` rows is cut into consecutive windows; the first token of a window sees nothing of
 * the window before, and no token is scored twice.
 *
 * @param ids the tokenised text, without BOS
 * @param window rows of a window, at most the positions that the model knows
 */
export function textWindows(
  ids: readonly number[],
  bosId: number | undefined,
  window: number,
): readonly TokenExample[] {
  return cutWindows(bosId === undefined ? ids : [bosId, ...ids], window, undefined);
}

interface Sequence {
  readonly ids: readonly number[];
  readonly train: readonly boolean[];
}

function tokenizeSegments(segments: readonly Segment[], tokenizer: Tokenizer): Sequence {
  const ids: number[] = [];
  const train: boolean[] = [];
  const isEos = (id: number) => tokenizer.eosIds.includes(id);
  const [eos] = tokenizer.eosIds;
  for (const segment of segments) {
    const part = encodeGuarded(segment.text, tokenizer);
    const wanted = segment.eos === 'append' || (segment.eos === 'ensure' && !part.some(isEos));
    if (wanted && eos !== undefined) part.push(eos);
    // A chat template may write a line break after the end of a turn, where generation has already stopped.
    const end = part.findLastIndex(isEos);
    part.forEach((id, index) => {
      ids.push(id);
      train.push(segment.train && (end < 0 || index <= end));
    });
  }
  // Chat templates write the BOS themselves.
  if (tokenizer.bosId !== undefined && ids[0] !== tokenizer.bosId) {
    ids.unshift(tokenizer.bosId);
    train.unshift(false);
  }
  // Rows after the last counted token would be computed for nothing.
  const length = train.lastIndexOf(true) + 1;
  return { ids: ids.slice(0, length), train: train.slice(0, length) };
}

/**
 * Fits prompt and answers into `limit` tokens. The answers (all that follows the first counted token) lose their
 * end, but keep at least half of the limit; a prompt that is still too long loses its middle, because it
 * begins with the instruction and ends with the header of the answer.
 */
function shorten(sequence: Sequence, limit: number): Sequence {
  const { ids, train } = sequence;
  if (ids.length <= limit) return sequence;
  const start = train.indexOf(true);
  const answer = Math.min(ids.length - start, Math.max(limit - start, Math.ceil(limit / 2)));
  const prompt = Math.min(start, limit - answer);
  const head = Math.ceil(prompt / 2);
  const keep = <T>(list: readonly T[]) => [
    ...list.slice(0, head),
    ...list.slice(start - (prompt - head), start + answer),
  ];
  return { ids: keep(ids), train: keep(train) };
}

function pack({ ids, train }: Sequence, task: string | undefined): TokenExample {
  const counted = Uint8Array.from(train, Number);
  counted[0] = 0; // nothing stands before it
  if (!counted.includes(1)) throw new BadRecord('no token of an answer to learn from');
  return { ids: Uint32Array.from(ids), train: counted, task };
}

/** Consecutive windows that share one token: the last target of one is the first input of the next. */
function cutWindows(ids: readonly number[], window: number, task: string | undefined): TokenExample[] {
  const windows: TokenExample[] = [];
  for (let start = 0; start < ids.length - 1; start += window) {
    const part = Uint32Array.from(ids.slice(start, start + window + 1));
    windows.push({ ids: part, train: new Uint8Array(part.length).fill(1, 1), task });
  }
  return windows;
}
