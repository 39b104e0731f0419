import { UserError } from '../../config/errors';
import { encodeGuarded, encodeText, guardText } from './guard';
import { BadRecord } from './record';
import { chatRenderer, type ChatTurn } from './template';
import type { Tokenizer } from './tokenizer';

/** Ids of a text to be continued: BOS in front where the tokenizer has one; nothing in it is a control token. */
export function textPrompt(text: string, tokenizer: Tokenizer): number[] {
  return withBos(encodeText(text, tokenizer), tokenizer);
}

/**
 * Ids of a conversation to be answered: through the model's own chat template, as its data is in training, up to
 * where the answer begins. Control strings that somebody typed stay plain text.
 *
 * @throws UserError where the model has no chat template, or one that refuses the conversation
 */
export function chatPrompt(turns: readonly ChatTurn[], tokenizer: Tokenizer): number[] {
  if (tokenizer.chatTemplate === undefined) {
    throw new UserError('Chat', 'this model has no chat template', 'give it a text to continue');
  }
  const render = chatRenderer(tokenizer.chatTemplate, tokenizer, (text) => guardText(text, tokenizer));
  try {
    return withBos(encodeGuarded(render(turns, true), tokenizer), tokenizer);
  } catch (error) {
    if (!(error instanceof BadRecord)) throw error;
    throw new UserError('Chat', error.message, 'begin a new conversation, or give it a text to continue');
  }
}

/** Chat templates write the BOS themselves. */
function withBos(ids: readonly number[], { bosId }: Tokenizer): number[] {
  return bosId === undefined || ids[0] === bosId ? [...ids] : [bosId, ...ids];
}
