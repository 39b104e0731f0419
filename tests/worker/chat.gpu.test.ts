import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createGenerator,
  createTrainer,
  loadBaseModel,
  openDevice,
  type BaseModel,
  type Trainer,
} from '../../src/engine';
import { microBatch } from '../../src/engine/data/batch';
import type { Tokenizer } from '../../src/engine/data/tokenizer';
import { Chat } from '../../src/worker/chat';
import type { ChatCommand, ChatReply } from '../../src/worker/chatProtocol';
import { describeGpu, testGpu } from '../support/dawn';
import { gradientFixture } from '../support/fixture';
import { randomIntegers } from '../support/random';
import { testRun } from '../support/runs';

const ROWS = 24;
/** Of the fixture's model, of which each token is one character here: those from `<` to `~`. */
const VOCABULARY = 67;

const tokenizer: Tokenizer = {
  ...{ vocabSize: VOCABULARY, bosId: 1, eosIds: [2], chatTemplate: undefined },
  encode: (text) => Array.from(text, (letter) => letter.charCodeAt(0) - 60),
  decode: (ids) => String.fromCharCode(...ids.map((id) => id + 60)),
};

const COMMAND: ChatCommand = {
  ...{ type: 'chat', id: 1 },
  prompts: (['base', 'adapter'] as const).map((side) => ({ side, before: 'Onceupon', written: [] })),
  settings: { temperature: 1, top_k: 40, top_p: 0.95, max_new_tokens: 12, seed: 3 },
};

describeGpu('a chat in the middle of a run', () => {
  let base: BaseModel;
  let chat: Chat;

  beforeAll(async () => {
    const { checkpoint } = await gradientFixture('masa');
    base = await loadBaseModel(await openDevice((await testGpu())!), checkpoint);
    chat = new Chat({ createGenerator }, () => undefined);
  });

  afterAll(() => {
    chat.close();
    base.destroy();
  });

  /** Dropout and accumulation too: everything that could be disturbed. */
  function openTrainer(): Promise<Trainer> {
    const batch = (seed: number) => {
      const ids = Uint32Array.from(randomIntegers(20, VOCABULARY, seed));
      return microBatch([[{ ids, train: new Uint8Array(20).fill(1, 1), task: undefined }]], 1, ROWS);
    };
    const run = testRun(base.config.layers, ROWS, {
      ...{ method: 'masa', num_experts: 3, group_size: 2, r: 4, lora_dropout: 0.2 },
      ...{ learning_rate: 0.05, gradient_accumulation_steps: 2, max_steps: 3 },
    });
    const batchFor = (step: number, micro: number) => batch(10 * step + micro);
    return createTrainer(base, { run, batches: { batchFor, validation: [] } });
  }

  const reply = (trainer: Trainer): Promise<ChatReply> =>
    chat.reply(
      COMMAND,
      { base, tokenizer, adapted: { adapter: trainer.inference, step: trainer.stepsDone } },
      new AbortController().signal,
    );

  it('leaves the bits of the run as they are, and hears what it has learnt', async () => {
    const undisturbed = await openTrainer();
    for (let step = 0; step < 3; step++) await undisturbed.step();
    const expected = await undisturbed.snapshot();
    undisturbed.destroy();

    const trainer = await openTrainer();
    const replies = [await reply(trainer)];
    for (let step = 0; step < 3; step++) {
      await trainer.step();
      replies.push(await reply(trainer));
    }
    const found = await trainer.snapshot();
    chat.close();
    trainer.destroy();
    expect(found.adapter.values).toEqual(expected.adapter.values);
    expect([found.m, found.v]).toEqual([expected.m, expected.v]);

    // At step 0 the adapter changes nothing, so that both draw the same text; the base writes it every time.
    const [first] = replies;
    const text = first?.voices[0]?.text ?? '';
    expect(text).not.toBe('');
    expect(first?.voices[1]).toEqual({ ...first?.voices[0], side: 'adapter' });
    expect(replies.map(({ voices }) => voices[0]?.text)).toEqual([text, text, text, text]);
    expect(replies.at(-1)?.voices[1]?.text).not.toBe(text);
    expect(replies.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
  });

  it('says how much of a long prompt is read, and stops in the middle of it', async () => {
    const stop = new AbortController();
    const read: number[] = [];
    const listening = new Chat({ createGenerator }, (event) => {
      if (event.type !== 'chatStage' || event.stage !== 'reading') return;
      read.push(event.done);
      if (event.done > 16) stop.abort();
    });
    const prompts = COMMAND.prompts.slice(0, 1).map((prompt) => ({ ...prompt, before: 'Once'.repeat(10) }));
    const subject = { base, tokenizer, adapted: undefined };
    const { voices } = await listening.reply({ ...COMMAND, prompts }, subject, stop.signal);
    expect(read).toEqual([0, 16, 32]);
    expect(voices).toMatchObject([{ text: '', written: [], end: 'stopped' }]);

    const whole: number[] = [];
    const again = new Chat({ createGenerator }, (event) => {
      if (event.type === 'chatStage' && event.stage === 'reading') whole.push(event.done);
    });
    await again.reply({ ...COMMAND, prompts }, subject, new AbortController().signal);
    expect(whole.slice(0, 3)).toEqual([0, 16, 32]);
    expect(whole.at(-1)).toBeGreaterThanOrEqual(40);
    listening.close();
    again.close();
  });
});
