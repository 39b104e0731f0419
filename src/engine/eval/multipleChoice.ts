import { isJsonObject } from '../formats/jsonFile';
import type { BenchmarkFormat, BenchmarkRow, Located } from './benchmarkRow';
import { readRecords, textField } from './benchmarkRow';

/**
 * Multiple choice as JSON or JSON Lines, with the prompt of the tasks `arc_*` of lm-evaluation-harness 0.4.13, where the
 * whole text of a choice is scored: {question, choices: [text, …], answer}, or as ARC itself has it, {question,
 * choices: {text: […], label: […]}, answerKey}. The answer is the index of a choice from 0, its text or its label;
 * choices without labels are labelled A, B, C, ….
 */
export const multipleChoice: BenchmarkFormat = {
  id: 'choices',
  describe: () => '',
  async read(file) {
    const records = await readRecords(file, (first) => 'question' in first && 'choices' in first);
    return records?.map(readRow);
  },
};

function readRow(record: Located): BenchmarkRow {
  const { fields, fault } = record;
  const question = textField(record, 'question');
  const texts = textList(isJsonObject(fields['choices']) ? fields['choices']['text'] : fields['choices']);
  if (texts === undefined || texts.length < 2) {
    throw fault('its choices are no list of at least two texts', 'write them as ["…", "…"]');
  }
  const labels =
    (isJsonObject(fields['choices']) ? textList(fields['choices']['label']) : undefined) ??
    texts.map((_, i) => String.fromCharCode('A'.charCodeAt(0) + i));
  const given = fields['answer'] ?? fields['answerKey'];
  const answer = typeof given === 'number' ? given : (indexOf(given, texts) ?? indexOf(given, labels));
  const target = answer === undefined ? undefined : texts[answer];
  if (answer === undefined || target === undefined) {
    const problem =
      given === undefined
        ? 'it has no answer'
        : `its answer ${JSON.stringify(given)} is none of its ${texts.length} choices`;
    throw fault(problem, 'write the index of a choice from 0, its text or its label');
  }
  return { prompt: `Question: ${question}\nAnswer:`, target, choices: { texts, answer } };
}

function indexOf(value: unknown, list: readonly string[]): number | undefined {
  const index = list.findIndex((text) => text === value);
  return index < 0 ? undefined : index;
}

/** A list of texts, none of them empty; undefined for everything else. */
function textList(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((text): text is string => typeof text === 'string' && text.trim() !== '');
  return texts.length === value.length ? texts : undefined;
}
