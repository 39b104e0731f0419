import type { BenchmarkFormat, Match } from './benchmarkRow';
import { MAX_NEW_TOKENS, readRecords, textField } from './benchmarkRow';

/** Marks the final number of an answer. */
const MARK = '#### ';

/**
 * GSM8K and files in its style: records {question, answer} whose answer ends with "#### 42". Prompt, stop texts and
 * judgement are those of the task `gsm8k` of lm-evaluation-harness 0.4.13. There the shots are drawn at random from
 * the train split (5 of them, unless asked otherwise); here they are the first ones.
 */
export const gsm8k: BenchmarkFormat = {
  id: 'gsm8k',
  describe: () => '',
  async read(file) {
    const fits = ({ question, answer }: Readonly<Record<string, unknown>>): boolean =>
      typeof question === 'string' && typeof answer === 'string' && answer.includes(MARK);
    const records = await readRecords(file, fits);
    return records?.map((record) => {
      const target = textField(record, 'answer');
      if (!target.includes(MARK) || !/[0-9]/.test(normalise(target))) {
        const remedy = `end the answer with a line like "${MARK}42"`;
        throw record.fault('its answer has no final number', remedy);
      }
      return { prompt: `Question: ${textField(record, 'question')}\nAnswer:`, target };
    });
  },
  exact: ({ target }, _shots, match) => ({
    stop: ['Question:', '</s>', '<|im_end|>'],
    maxNewTokens: MAX_NEW_TOKENS,
    judge: (text) => finalNumber(text, match) === normalise(target),
  }),
};

/**
 * The final number of an answer without thousands separators, dollar signs and a full stop behind it, as text; or
 * undefined. Strict: the first one behind "#### ". Flexible: the last number of the text.
 */
export function finalNumber(text: string, match: Match): string | undefined {
  const found =
    match === 'strict' ? /#### (-?[0-9.,]+)/.exec(text)?.[1] : text.match(/-?[$0-9.,]{2,}|-?[0-9]+/g)?.at(-1);
  return found === undefined ? undefined : normalise(found);
}

function normalise(answer: string): string {
  const number = answer.replace(/[,$]/g, '').replace(new RegExp(`^[^]*${MARK}`), '');
  return number.trim().replace(/\.$/, '').toLowerCase();
}
