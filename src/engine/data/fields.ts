import { UserError } from '../../config/errors';
import { isJsonObject, type JsonObject } from '../formats/jsonFile';
import { chat, exchange, historyTurns, readTurns, systemTurn } from './chat';
import { BadRecord, type RecordContent } from './record';
import { asText, nonBlank } from './value';

interface RecordFormat {
  readonly name: string;
  /** For each field that must be there, the names it goes by. */
  readonly needs: readonly (readonly string[])[];
  /** `values` are those of `needs`, in order; none is null or undefined. */
  read(values: readonly unknown[], fields: JsonObject): RecordContent;
}

/** Every record format, in the order in which they are tried. A new one is a row here. */
const FORMATS: readonly RecordFormat[] = [
  {
    name: 'messages',
    needs: [['messages']],
    read: ([messages], fields) => chat([...systemTurn(fields), ...readTurns('messages', messages)]),
  },
  {
    name: 'ShareGPT',
    needs: [['conversations', 'conversation']],
    read: ([turns], fields) => chat([...systemTurn(fields), ...readTurns('conversations', turns)]),
  },
  {
    name: 'Alpaca',
    needs: [['instruction'], ['output', 'response']],
    read: ([instruction, output], fields) =>
      chat([
        ...systemTurn(fields),
        ...historyTurns(fields['history']),
        ...exchange(['instruction', instruction], ['output', output], fields['input'] ?? fields['context']),
      ]),
  },
  {
    name: 'prompt/completion',
    needs: [['prompt'], ['completion', 'answer', 'response', 'output']],
    read: ([prompt, completion]) => {
      if (Array.isArray(prompt)) {
        const before = readTurns('prompt', prompt).map((turn) => ({ ...turn, trained: false }));
        return chat([...before, ...readTurns('completion', completion)]);
      }
      const answer = nonBlank('completion', asText('completion', completion));
      return { kind: 'completion', prompt: asText('prompt', prompt), completion: answer };
    },
  },
  {
    name: 'question/answer',
    needs: [['question'], ['answer', 'response']],
    read: ([question, answer], fields) =>
      chat([...systemTurn(fields), ...exchange(['question', question], ['answer', answer])]),
  },
  {
    name: 'input/target',
    needs: [['input'], ['target', 'output']],
    read: ([input, target]) => chat(exchange(['input', input], ['target', target])),
  },
  {
    name: 'text',
    needs: [['text']],
    read: ([text]) => ({ kind: 'text', text: nonBlank('text', asText('text', text)) }),
  },
];

/** Fields that are never required. */
const OPTIONAL_FIELDS = ['system', 'history', 'context', 'task_type', 'task', 'category'];

/** The field sets that are recognised, as one phrase for messages. */
export const KNOWN_FIELDS =
  'instruction and output, prompt and completion, question and answer, messages, conversations, or text';

/** Recognised field → column of the user's file that stands for it. Only mapped columns are then read. */
export type ColumnMapping = ReadonlyMap<string, string>;

/**
 * Reads a column mapping such as `prompt=source,completion=summary`.
 *
 * @throws UserError for a field that no format has, or a part without `=`
 */
export function parseColumns(text: string): ColumnMapping {
  const known = new Set([...FORMATS.flatMap(({ needs }) => needs.flat()), ...OPTIONAL_FIELDS]);
  return new Map(
    text.split(',').map((part) => {
      const [field = '', column = ''] = part.split('=', 2).map((name) => name.trim());
      if (!known.has(field) || column === '') {
        const remedy = `write field=column, with a field out of ${[...known].join(', ')}`;
        throw new UserError('columns', `cannot read ${JSON.stringify(part)}`, remedy);
      }
      return [field, column];
    }),
  );
}

/** Whether an object has the fields of some format, whatever they hold. */
export function looksLikeRecord(value: JsonObject): boolean {
  return findFormat(value) !== undefined;
}

/**
 * Recognises one parsed JSON value as a record; a bare string is a text.
 *
 * @throws BadRecord with the reason why it cannot be used
 */
export function readFields(
  value: unknown,
  columns?: ColumnMapping,
): { readonly format: string; readonly content: RecordContent; readonly task: string | undefined } {
  if (typeof value === 'string') {
    return { format: 'text', content: { kind: 'text', text: nonBlank('text', value) }, task: undefined };
  }
  if (!isJsonObject(value)) throw new BadRecord('not an object with named fields');
  const fields = columns === undefined ? value : mapColumns(value, columns);
  const format = findFormat(fields);
  if (format === undefined) {
    const keys = Object.keys(fields).slice(0, 8).join(', ');
    throw new BadRecord(keys === '' ? 'no fields' : `no format known for the fields ${keys}`);
  }
  const values = format.needs.map((names) => firstField(fields, names));
  return { format: format.name, content: format.read(values, fields), task: taskLabel(fields) };
}

function findFormat(fields: JsonObject): RecordFormat | undefined {
  return FORMATS.find(({ needs }) => needs.every((names) => firstField(fields, names) !== undefined));
}

/** The first of the named fields that is there; null counts as absent. */
function firstField(fields: JsonObject, names: readonly string[]): unknown {
  for (const name of names) {
    const value = fields[name];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

function mapColumns(value: JsonObject, columns: ColumnMapping): JsonObject {
  return Object.fromEntries(
    [...columns].filter(([, column]) => column in value).map(([field, column]) => [field, value[column]]),
  );
}

function taskLabel(fields: JsonObject): string | undefined {
  const label = firstField(fields, ['task_type', 'task', 'category']);
  const text = typeof label === 'number' ? String(label) : label;
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}
