import { Template } from '@huggingface/jinja';
import { UserError } from '../../config/errors';
import { guardText } from './guard';
import { BadRecord, type DataRecord, type Turn } from './record';
import type { Tokenizer } from './tokenizer';

/** A stretch of text that is tokenised on its own. */
export interface Segment {
  /** With the cuts of guardText. */
  readonly text: string;
  /** Whether the loss counts its tokens. */
  readonly train: boolean;
  /** Whether an EOS token is put behind it, counted like the text itself; `ensure`: unless it has one in it. */
  readonly eos: 'none' | 'append' | 'ensure';
}

/** Template for one model: records to segments. */
export type RenderRecord = (record: DataRecord) => readonly Segment[];

type Special = Pick<Tokenizer, 'bosId' | 'eosIds' | 'chatTemplate' | 'specialTokens'>;

/**
 * The one place where text is put around the records. A text is learnt whole; a prompt/completion pair is taken
 * as it is; a conversation goes through the model's own chat template or, where it has none, through the plain
 * convention below. The rendering throws BadRecord where a chat template refuses the conversation.
 *
 * @throws UserError where the chat template itself cannot be read
 */
export function recordTemplate(tokenizer: Special): RenderRecord {
  const guard = (text: string) => guardText(text, tokenizer);
  const chatTemplate = tokenizer.chatTemplate;
  const turns =
    chatTemplate === undefined
      ? (list: readonly Turn[]) => plainTurns(list, guard)
      : templatedTurns(chatTemplate, tokenizer, guard);
  return ({ content }) => {
    switch (content.kind) {
      case 'text':
        return [{ text: guard(content.text), train: true, eos: 'append' }];
      case 'completion':
        return [
          { text: guard(content.prompt), train: false, eos: 'none' },
          { text: guard(content.completion), train: true, eos: 'append' },
        ];
      case 'chat':
        return turns(content.turns);
    }
  };
}

/**
 * Alpaca's headings, for models without a chat template:
 *
 *   {system}⏎⏎### Instruction:⏎{user}⏎⏎### Input:⏎{input}⏎⏎### Response:⏎{assistant}EOS⏎⏎### Instruction:⏎…
 */
function plainTurns(turns: readonly Turn[], guard: (text: string) => string): Segment[] {
  const segments: Segment[] = [];
  let context = '';
  for (const turn of turns) {
    const content = guard(turn.content);
    switch (turn.role) {
      case 'system':
        context += `${content}\n\n`;
        break;
      case 'user':
        context += `### Instruction:\n${content}\n\n`;
        if (turn.input !== undefined) context += `### Input:\n${guard(turn.input)}\n\n`;
        break;
      case 'tool':
        context += `### Result:\n${content}\n\n`;
        break;
      case 'assistant':
        segments.push({ text: `${context}### Response:\n`, train: false, eos: 'none' });
        segments.push({ text: content, train: turn.trained, eos: 'append' });
        context = '\n\n';
        break;
    }
  }
  return segments;
}

/**
 * Segments out of a Jinja template that renders only whole conversations: the conversation up to each answer is
 * rendered without it (ending in the header of an answer) and with it, and the difference is the answer.
 */
function templatedTurns(source: string, tokenizer: Special, guard: (text: string) => string) {
  const render = chatRenderer(source, tokenizer, guard);
  return (turns: readonly Turn[]): Segment[] => {
    const segments: Segment[] = [];
    const last = turns.findLastIndex((turn) => turn.role === 'assistant');
    let done = '';
    turns.forEach((turn, index) => {
      if (turn.role !== 'assistant') return;
      const before = render(turns.slice(0, index), true);
      const after = render(turns.slice(0, index + 1), false);
      if (!before.startsWith(done) || !after.startsWith(before)) {
        throw new BadRecord(
          'the model’s chat template rewrites earlier turns, so its answers have no fixed place',
        );
      }
      segments.push({ text: before.slice(done.length), train: false, eos: 'none' });
      segments.push({
        text: after.slice(before.length),
        train: turn.trained,
        eos: index === last ? 'ensure' : 'none',
      });
      done = after;
    });
    return segments;
  };
}

/** A turn as chat templates know it. */
export type ChatTurn = Pick<Turn, 'role' | 'content' | 'input'>;

/**
 * Renders conversations by a model's chat template, with or without the header of an answer at the end. The rendering
 * throws BadRecord where the template refuses the conversation.
 *
 * @param source the template
 * @param guard keeps control strings in the turns from becoming control tokens
 * @throws UserError where the template itself cannot be read
 */
export function chatRenderer(
  source: string,
  tokenizer: Omit<Special, 'chatTemplate'>,
  guard: (text: string) => string,
): (turns: readonly ChatTurn[], addGenerationPrompt: boolean) => string {
  const template = parseTemplate(source);
  const textOf = (id: number | undefined) =>
    [...(tokenizer.specialTokens ?? [])].find(([, other]) => other === id)?.[0] ?? '';
  return (turns, addGenerationPrompt) => {
    try {
      return template.render({
        messages: turns.map(({ role, content, input }) => ({
          role,
          content: guard(input === undefined ? content : `${content}\n${input}`),
        })),
        add_generation_prompt: addGenerationPrompt,
        bos_token: textOf(tokenizer.bosId),
        eos_token: textOf(tokenizer.eosIds[0]),
        // Llama 3 templates would otherwise write today's date, and a run could not be repeated tomorrow.
        date_string: '26 Jul 2024',
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new BadRecord(`the model’s chat template refuses it (${reason})`);
    }
  };
}

function parseTemplate(source: string): Template {
  try {
    return new Template(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const problem = `the model’s chat template cannot be read (${reason})`;
    throw new UserError('chat_template', problem, 'repair it, or remove it to use the plain template');
  }
}
