import { UserError } from '../config/errors';
import { TextStream } from '../engine/data/textStream';
import type { Tokenizer } from '../engine/data/tokenizer';
import { createGenerator, type Checkpoint, type GenerateOptions } from '../engine';
import { adapterOf, withAdapter } from './adapter';
import { ADAPTER, MODEL, type CommandSpec } from './commandSpec';
import type { Flags } from './flags';
import { stopIfInterrupted, withDevice } from './gpu';
import { loadModel, openModel, requireTokenizer } from './model';

const DEFAULT_NEW_TOKENS = 128;

/** `masa generate`: continues a text. */
export const generate: CommandSpec = {
  name: 'generate',
  summary: 'continues a text',
  flags: [
    MODEL,
    ADAPTER,
    { key: 'prompt', value: 'TEXT', hint: 'beginning of the text; empty (the default): BOS only' },
    {
      key: 'max_new_tokens',
      value: 'N',
      hint: `stop after so many tokens (default ${DEFAULT_NEW_TOKENS})`,
    },
    { key: 'temperature', value: 'X', hint: '0 (the default): always the most likely token; higher: freer' },
    { key: 'top_k', value: 'N', hint: 'sample among the N most likely tokens only' },
    { key: 'top_p', value: 'X', hint: 'sample among the most likely tokens that make up this probability' },
    { key: 'seed', value: 'N', hint: 'another seed samples another text (default 42)' },
  ],
  async run(flags, io) {
    const options = generateOptions(flags);
    const checkpoint = await openModel(flags);
    const tokenizer = requireTokenizer(checkpoint);
    const prompt = promptIds(flags.text('prompt', ''), tokenizer);
    const capacity = contextFor(checkpoint, prompt, options.max_new_tokens);
    const adapter = await adapterOf(flags, checkpoint);
    const continuation = new TextStream(tokenizer, prompt);
    const say = (text: string) => {
      if (!flags.json && text !== '') io.out(text);
    };
    await withDevice(io, async (gpu) => {
      const base = await loadModel(io, gpu, checkpoint);
      await withAdapter(base, adapter, async (attached) => {
        const generator = await createGenerator(base, capacity, attached);
        for await (const id of generator.generate(prompt, { ...options, signal: io.interrupted })) {
          say(continuation.add(id));
        }
        say(`${continuation.rest()}\n`);
        generator.destroy();
      });
      base.destroy();
    });
    stopIfInterrupted(io);
    return { document: { ids: continuation.ids, text: continuation.text }, text: '' };
  },
};

function generateOptions(flags: Flags): GenerateOptions {
  const top_k = flags.number('top_k', { integer: true, min: 1, max: Infinity });
  const top_p = flags.number('top_p', { integer: false, min: 0, max: 1, above: true });
  return {
    max_new_tokens:
      flags.number('max_new_tokens', { integer: true, min: 1, max: Infinity }) ?? DEFAULT_NEW_TOKENS,
    temperature: flags.number('temperature', { integer: false, min: 0, max: 100 }) ?? 0,
    seed: flags.number('seed', { integer: true, min: 0, max: 2 ** 32 - 1 }) ?? 42,
    ...(top_k === undefined ? {} : { top_k }),
    ...(top_p === undefined ? {} : { top_p }),
  };
}

function promptIds(text: string, tokenizer: Tokenizer): number[] {
  const ids = [...(tokenizer.bosId === undefined ? [] : [tokenizer.bosId]), ...tokenizer.encode(text)];
  if (ids.length > 0) return ids;
  throw new UserError(
    '--prompt',
    'it is empty and the model has no BOS token',
    'give the beginning of a text',
  );
}

/** Tokens that the cache has to hold: at most what the model knows positions for. */
function contextFor(checkpoint: Checkpoint, prompt: readonly number[], newTokens: number): number {
  const { maxPositions } = checkpoint.config;
  if (prompt.length < maxPositions) return Math.min(maxPositions, prompt.length + newTokens);
  const problem = `it has ${prompt.length} tokens and ${checkpoint.name} has room for ${maxPositions}`;
  throw new UserError('--prompt', problem, 'shorten it, so that there is room to go on');
}
