import { describe, expect, it } from 'vitest';
import type { Tokenizer } from '../../src/engine/data/tokenizer';
import type { BaseModel } from '../../src/engine/model/baseModel';
import type { InferenceAdapter } from '../../src/engine/model/decoder';
import type { GenerateOptions, Generator } from '../../src/engine/model/generate';
import { Chat, unlessStopped } from '../../src/worker/chat';
import type { ChatCommand, ChatEvent, ChatPrompt, ChatReply, ChatSide } from '../../src/worker/chatProtocol';
import type { Command, RunEvent } from '../../src/worker/protocol';
import { characterTokenizer, spell } from '../engine/data/characterTokenizer';
import { CLERK, finished, ready, seen } from '../support/session';

const SETTINGS = { temperature: 1, top_k: 0, top_p: 1, max_new_tokens: 4, seed: 7 };
const CHATML =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}' +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

/** A base model and an adapter whose generators write what they are told, and a note of all that was asked of them. */
function writers(
  writes: Readonly<Record<ChatSide, string>>,
  tokenizer = characterTokenizer(),
  positions = 100,
) {
  const base = { name: 'base', config: { maxPositions: positions } } as unknown as BaseModel;
  const adapter = {} as InferenceAdapter;
  const notes: string[] = [];
  const asked: {
    readonly side: ChatSide;
    readonly prompt: readonly number[];
    readonly options: GenerateOptions;
  }[] = [];
  const createGenerator = (_: BaseModel, capacity: number, using?: InferenceAdapter): Promise<Generator> => {
    const side = using === undefined ? 'base' : 'adapter';
    notes.push(`open ${side} for ${capacity}`);
    return Promise.resolve({
      async *generate(prompt, options) {
        asked.push({ side, prompt, options });
        await Promise.resolve();
        const room = Math.min(options.max_new_tokens, capacity - prompt.length);
        yield* tokenizer.encode(writes[side]).slice(0, room);
      },
      destroy: () => notes.push(`close ${side}`),
    });
  };
  const events: ChatEvent[] = [];
  const chat = new Chat({ createGenerator }, (event) => events.push(event));
  const subject = { base, tokenizer, adapted: { adapter, step: 3 } };
  const reply = (
    prompts: readonly ChatPrompt[],
    settings: Partial<typeof SETTINGS> = {},
    signal = new AbortController().signal,
    of: Parameters<Chat['reply']>[1] = subject,
  ) => chat.reply({ type: 'chat', id: 1, prompts, settings: { ...SETTINGS, ...settings } }, of, signal);
  return { chat, reply, events, notes, asked, subject };
}

const both = (before: ChatPrompt['before'], written: readonly number[] = []): ChatPrompt[] =>
  (['base', 'adapter'] as const).map((side) => ({ side, before, written }));
const texts = (events: readonly ChatEvent[], side: ChatSide) =>
  events.flatMap((event) => (event.type === 'chatText' && event.side === side ? [event.text] : []));

describe('base and adapter writing side by side', () => {
  it('write in step, token by token, with the same seed and settings', async () => {
    const { reply, events, asked } = writers({ base: 'abcdef', adapter: 'xy' });
    const { voices, step } = await reply(both('Say'));
    expect(events.map((event) => (event.type === 'chatText' ? event.side : event.stage))).toEqual(
      'compiling,compiling,reading,base,adapter,base,adapter,base,adapter,base,base'.split(','),
    );
    expect(texts(events, 'base')).toEqual(['a', 'ab', 'abc', 'abcd', 'abcd']);
    expect(step).toBe(3);
    expect(voices.map(({ side, text, end }) => [side, text, end])).toEqual([
      ['base', 'abcd', 'length'],
      ['adapter', 'xy', 'ended'],
    ]);
    expect(asked.map(({ prompt }) => spell(prompt))).toEqual(['<s>Say', '<s>Say']);
    expect(asked.map(({ options }) => options)).toMatchObject([SETTINGS, SETTINGS]);
    expect(events).toContainEqual({ type: 'chatStage', id: 1, stage: 'reading', done: 0, total: 8 });
  });

  it('keep their generators, so that either is asked at once, until one needs more room or another adapter', async () => {
    const { reply, notes, subject, chat } = writers({ base: 'a', adapter: 'b' }, characterTokenizer(), 1500);
    await reply(both('Say'));
    await reply([{ side: 'adapter', before: 'Say', written: [] }]);
    await reply([{ side: 'base', before: 'Say', written: [] }]);
    expect(notes.splice(0)).toEqual(['open base for 512', 'open adapter for 512']);
    await reply([{ side: 'base', before: 'x'.repeat(600), written: [] }]);
    expect(notes.splice(0)).toEqual(['close base', 'open base for 1024']);
    await reply([{ side: 'base', before: 'x'.repeat(5000), written: [] }]);
    expect(notes.splice(0)).toEqual(['close base', 'open base for 1500']);
    const other = { ...subject, adapted: { adapter: {} as InferenceAdapter, step: 0 } };
    await reply(both('Say'), {}, undefined, other);
    expect(notes.splice(0)).toEqual(['close adapter', 'open adapter for 512']);
    chat.close();
    expect(notes.sort()).toEqual(['close adapter', 'close base']);
  });

  it('stop at once in the middle, keeping what they wrote', async () => {
    const abort = new AbortController();
    const { reply, events } = writers({ base: 'abcdef', adapter: 'uvwxyz' });
    const push = events.push.bind(events);
    events.push = (event) => {
      if (event.type === 'chatText' && event.side === 'adapter' && event.tokens === 2) abort.abort();
      return push(event);
    };
    const { voices } = await reply(both('Say'), { max_new_tokens: 6 }, abort.signal);
    expect(voices.map(({ text, end }) => [text, end])).toEqual([
      ['ab', 'stopped'],
      ['uv', 'stopped'],
    ]);
    expect(events.slice(-2)).toMatchObject([
      { text: 'ab', done: true },
      { text: 'uv', done: true },
    ]);
  });

  it('go on behind what they wrote, with other draws', async () => {
    const { reply, asked } = writers({ base: 'cd', adapter: 'yz' });
    const written = characterTokenizer().encode('ab');
    const { voices } = await reply([{ side: 'base', before: 'Say', written }]);
    expect(spell(asked[0]!.prompt)).toBe('<s>Sayab');
    expect(asked[0]!.options.seed).toBe(SETTINGS.seed + 2);
    expect(voices[0]).toMatchObject({ text: 'abcd', written: characterTokenizer().encode('abcd') });
  });

  it('answer a conversation through the template, and end where generation_config.json says', async () => {
    const tokenizer = characterTokenizer({ chatTemplate: CHATML });
    const { reply, asked } = writers({ base: 'Yo<|im_end|>x', adapter: 'Hm' }, tokenizer);
    const { voices } = await reply(both([{ role: 'user', content: 'Hi' }]));
    expect(spell(asked[0]!.prompt)).toBe('<s><|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n');
    expect(voices.map(({ text, end }) => [text, end])).toEqual([
      ['Yo', 'ended'],
      ['Hm', 'ended'],
    ]);
  });

  it('read the end of a text that is too long, and refuse a conversation that is', async () => {
    const tokenizer = characterTokenizer({ chatTemplate: CHATML });
    const { reply, asked } = writers({ base: 'abc', adapter: '' }, tokenizer, 20);
    const { voices } = await reply([{ side: 'base', before: 'x'.repeat(30) + 'z', written: [] }]);
    expect(spell(asked[0]!.prompt)).toBe(`<s>${'x'.repeat(14)}z`);
    expect(voices[0]).toMatchObject({ cut: 16, text: 'abc' });
    await expect(reply(both([{ role: 'user', content: 'x'.repeat(30) }]))).rejects.toThrow(
      /^Chat: the conversation has \d+ tokens and the model knows 20 positions; begin a new conversation\.$/,
    );
  });

  it('say when the positions of the model are used up', async () => {
    const tokenizer = characterTokenizer({
      chatTemplate: '{% for m in messages %}{{ m.content }}{% endfor %}',
    });
    const { reply } = writers({ base: 'x'.repeat(50), adapter: '' }, tokenizer, 20);
    const prompt = [{ role: 'user', content: 'Hello' }] as const;
    const { voices } = await reply([{ side: 'base', before: prompt, written: [] }], { max_new_tokens: 40 });
    expect(voices[0]).toMatchObject({ end: 'full', text: 'x'.repeat(14) });
  });

  it('never show half a character', async () => {
    const bytes = (text: string) => [...new TextEncoder().encode(text)];
    const tokenizer: Tokenizer = {
      ...{ vocabSize: 256, bosId: undefined, eosIds: [], chatTemplate: undefined, encode: bytes },
      decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)),
    };
    const { reply, events } = writers({ base: 'é😀', adapter: '' }, tokenizer);
    const { voices } = await reply([{ side: 'base', before: 'Say', written: [] }]);
    expect(texts(events, 'base')).toEqual(['', 'é', 'é', 'é', 'é']);
    // What is held back is not lost: the tokens go on to a whole character.
    expect(voices[0]).toMatchObject({ text: 'é', written: bytes('é😀').slice(0, 4), end: 'length' });
  });

  it('say so where only an adapter is asked that is not there', async () => {
    const { reply, subject } = writers({ base: 'a', adapter: 'b' });
    const prompts: ChatPrompt[] = [{ side: 'adapter', before: 'Say', written: [] }];
    const alone = { ...subject, adapted: undefined };
    await expect(reply(prompts, {}, undefined, alone)).rejects.toThrow(/nothing has been trained yet/);
    expect((await reply(both('Say'), {}, undefined, alone)).voices).toHaveLength(1);
  });

  it('give up a wait as soon as they are stopped', async () => {
    const abort = new AbortController();
    const waiting = unlessStopped(abort.signal, () => new Promise(() => undefined));
    abort.abort();
    await expect(waiting).rejects.toBe(abort.signal.reason);
  });
});

describe('the worker', () => {
  const chat = (id: number, settings: Partial<ChatCommand['settings']> = {}): Command => ({
    ...{ type: 'chat', id, prompts: both('Write the card of Tom.') },
    settings: { ...SETTINGS, ...settings },
  });
  const stages = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === 'chatStage' ? [event.stage] : []));

  it('lets the base model write before any run', async () => {
    const { handle, events } = await ready();
    const { voices, step } = (await handle(chat(1))) as ChatReply;
    expect(voices.map(({ side, end }) => [side, end])).toEqual([['base', 'ended']]);
    expect(step).toBeUndefined();
    expect(stages(events)).toEqual(['waiting', 'loading', 'loading', 'compiling', 'reading']);
  });

  it('takes its turn between two steps and changes none of them', async () => {
    const { train, events, handle, fake, calls } = await ready();
    let between: Promise<unknown> | undefined;
    fake.beforeStep(3, () => {
      between = handle(chat(1));
    });
    await train({ eval_steps: 0, save_steps: 0 });
    expect(await finished(events)).toMatchObject({ type: 'done', step: 6 });
    expect(await between).toMatchObject({ step: 3, voices: [{ side: 'base' }, { side: 'adapter' }] });
    expect(await handle(chat(2))).toMatchObject({ step: 6 });
    const steps = calls.filter((call) => call.startsWith('step'));
    expect(steps).toEqual([1, 2, 3, 4, 5, 6].map((step) => `step ${step}`));
  });

  it('writes with both before the first step too', async () => {
    const { train, events, handle } = await ready();
    await train();
    await handle({ type: 'pause', runId: 1 });
    await seen(events, (event) => event.type === 'paused');
    const { voices, step } = (await handle(chat(1))) as ChatReply;
    expect(step).toBe(0);
    expect(voices[0]!.text).not.toBe('');
    expect(voices[1]).toEqual({ ...voices[0], side: 'adapter' });
  });

  it('stops while it waits for its turn, and lets a new run go first', async () => {
    const { train, events, handle, fake } = await ready();
    const release = fake.holdSteps();
    await train();
    await seen(events, (event) => event.type === 'validation');
    const waiting = handle(chat(1));
    await handle({ type: 'stopChat' });
    expect(await waiting).toBeUndefined();
    release();
    await finished(events);
    const cut = handle(chat(2));
    await train({}, 2);
    await cut;
    expect(await finished(events, 2)).toMatchObject({ type: 'done', runId: 2, step: 6 });
  });

  it('is refused while questions are asked, and stopChat does not end those', async () => {
    const { events, handle, fake } = await ready();
    const release = fake.holdQuestions();
    const asked = handle({ type: 'evaluate', runId: 0, source: CLERK });
    await seen(events, (event) => event.type === 'evaluating');
    await expect(handle(chat(1))).rejects.toThrow('Chat: questions are being asked; stop that first.');
    await handle({ type: 'stopChat' });
    release();
    expect(await asked).toBeDefined();
  });
});
