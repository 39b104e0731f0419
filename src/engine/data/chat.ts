import { isJsonObject, type JsonObject } from '../formats/jsonFile';
import { BadRecord, type RecordContent, type Role, type Turn } from './record';
import { asText, nonBlank, optionalText } from './value';

/** Names under which the field's data sets know the four roles. */
const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ...['system', 'developer'].map((name) => [name, 'system'] as const),
  ...['user', 'human', 'prompter'].map((name) => [name, 'user'] as const),
  ...['assistant', 'gpt', 'bot', 'model', 'chatgpt', 'function_call'].map((n) => [n, 'assistant'] as const),
  ...['tool', 'function', 'observation', 'ipython'].map((name) => [name, 'tool'] as const),
]);

/** A conversation as a record. Throws BadRecord where it has no answer to learn from. */
export function chat(turns: readonly Turn[]): RecordContent {
  if (!turns.some((turn) => turn.trained && turn.content.trim() !== '')) {
    throw new BadRecord('no assistant turn to learn from');
  }
  return { kind: 'chat', turns };
}

/** Turns of a list of `{role, content}` (or ShareGPT's `{from, value}`) in the given field. */
export function readTurns(field: string, value: unknown): Turn[] {
  if (!Array.isArray(value)) throw new BadRecord(`"${field}" is not a list of turns`);
  return value
    .map((turn: unknown, index) => readTurn(`turn ${index + 1} of "${field}"`, turn))
    .filter((turn) => turn.role !== 'system' || turn.content !== '');
}

function readTurn(where: string, turn: unknown): Turn {
  if (!isJsonObject(turn)) throw new BadRecord(`${where} is not an object`);
  const name = turn['role'] ?? turn['from'];
  const role = typeof name === 'string' ? ROLES.get(name.trim().toLowerCase()) : undefined;
  if (role === undefined) throw new BadRecord(`${where} has no known role`);
  // Marks of LLaMA-Factory, OpenAI and axolotl for an answer that is context only.
  const muted = turn['loss_weight'] === 0 || turn['weight'] === 0 || turn['train'] === false;
  const content = turnText(where, turn['content'] ?? turn['value']);
  return { role, content, trained: role === 'assistant' && !muted };
}

/** Content is a string, or a list of parts of which only texts can be used. */
function turnText(where: string, content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw new BadRecord(`${where} has no text`);
  return content
    .map((part: unknown) => {
      const text = isJsonObject(part) ? (part['text'] ?? part['value']) : part;
      const kind = isJsonObject(part) ? (part['type'] ?? 'text') : 'text';
      if (kind !== 'text' || typeof text !== 'string') throw new BadRecord(`${where} is not only text`);
      return text;
    })
    .join('');
}

/** The `system` field as a turn, where it holds something. */
export function systemTurn(fields: JsonObject): Turn[] {
  const content = optionalText('system', fields['system']);
  return content === '' ? [] : [{ role: 'system', content, trained: false }];
}

/** Alpaca's `history`: earlier [question, answer] pairs. Their answers are learnt too, as in LLaMA-Factory. */
export function historyTurns(history: unknown): Turn[] {
  if (history === undefined || history === null) return [];
  if (!Array.isArray(history)) throw new BadRecord('"history" is not a list of pairs');
  return history.flatMap((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new BadRecord('"history" is not a list of pairs');
    const [question, answer] = pair as [unknown, unknown];
    return exchange(['history', question], ['history', answer]);
  });
}

/** One question and its answer, each given as [field name, value]; `input` is Alpaca's second field. */
export function exchange(
  question: readonly [string, unknown],
  answer: readonly [string, unknown],
  input?: unknown,
): Turn[] {
  const extra = optionalText('input', input);
  const asked = asText(...question);
  if (extra.trim() === '') nonBlank(question[0], asked);
  return [
    { role: 'user', content: asked, trained: false, ...(extra.trim() === '' ? {} : { input: extra }) },
    { role: 'assistant', content: nonBlank(answer[0], asText(...answer)), trained: true },
  ];
}
