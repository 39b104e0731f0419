import { beforeEach, describe, expect, it } from 'vitest';
import {
  applyChatEvent,
  canGoOn,
  chatSettings,
  chatStore,
  formOf,
  goOn,
  NOTHING_SAID,
  send,
  setAsked,
  setChatForm,
  setChatSetting,
  setDraft,
} from '../../src/state/chat';
import { setClient } from '../../src/state/client';
import { NO_RUN, runStore } from '../../src/state/run';
import { NOTHING_CHOSEN, setupStore } from '../../src/state/setup';
import type { ChatCommand, ChatReply, ChatSide } from '../../src/worker/chatProtocol';
import type { ModelInfo } from '../../src/worker/protocol';
import { createFakeClient, type FakeClient } from '../support/fakeClient';

/** Every side answers with its name and what it was asked last; `ends` says how. */
let ends: 'ended' | 'length' = 'ended';
const answer = ({ prompts, id }: ChatCommand): ChatReply => ({
  voices: prompts.map(({ side, before, written }) => {
    const asked = typeof before === 'string' ? before : (before.at(-1)?.content ?? '');
    const text = `${side} to ${asked}${written.length > 0 ? ' and on' : ''}`;
    applyChatEvent({ type: 'chatText', id, side, text, tokens: 3, done: true, tokensPerSecond: 9 });
    return { side, text, written: [...written, 1, 2], end: ends, cut: 0 };
  }),
  step: 5,
});

let client: FakeClient;
const sent = () => client.sent.filter((command) => command.type === 'chat');
const last = () => chatStore.getState().exchanges.at(-1)!;

beforeEach(() => {
  ends = 'ended';
  client = createFakeClient({ chat: answer });
  setClient(client);
  chatStore.setState(NOTHING_SAID, true);
  runStore.setState({ ...NO_RUN, held: true, status: { phase: 'paused', step: 5 } }, true);
  model({ hasChatTemplate: true, sampling: { temperature: 0.6, top_k: 40 } });
});

function model(facts: Pick<ModelInfo, 'hasChatTemplate' | 'sampling'>): void {
  const info = { name: 'tiny', ...facts } as ModelInfo;
  const chosen = { info, source: { kind: 'urls' as const, name: 'tiny', urls: [] } };
  setupStore.setState({ ...NOTHING_CHOSEN, model: { ...NOTHING_CHOSEN.model, chosen } }, true);
}

describe('a chat on the page', () => {
  it('takes its settings from what was touched, then the checkpoint, then the defaults', async () => {
    setChatSetting('seed', 9);
    setChatSetting('top_k', 0);
    expect(chatSettings(chatStore.getState(), setupStore.getState())).toEqual({
      ...{ temperature: 0.6, top_k: 0, top_p: 0.95, max_new_tokens: 128, seed: 9 },
    });
    setChatSetting('top_k', undefined);
    setDraft('Hi');
    await send();
    expect(sent()[0]!.settings).toMatchObject({ top_k: 40, seed: 9 });
  });

  it('is a conversation of both sides where there is a template, each with its own answers', async () => {
    setDraft('Hi');
    await send();
    expect(last()).toMatchObject({
      ...{ asked: 'Hi', step: 5 },
      answers: { base: { text: 'base to Hi', end: 'ended', tokens: 3 }, adapter: { text: 'adapter to Hi' } },
    });
    setDraft('Why?');
    await send();
    const turns = (side: ChatSide) => sent()[1]!.prompts.find((prompt) => prompt.side === side)!.before;
    expect(turns('adapter')).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'adapter to Hi' },
      { role: 'user', content: 'Why?' },
    ]);
    expect(turns('base')).toContainEqual({ role: 'assistant', content: 'base to Hi' });
    expect(chatStore.getState().exchanges).toHaveLength(2);
  });

  it('lets a side that was not asked before go on from what the other said', async () => {
    setAsked('adapter');
    setDraft('Hi');
    await send();
    setAsked('base');
    setDraft('Why?');
    await send();
    expect(sent().map(({ prompts }) => prompts.map(({ side }) => side))).toEqual([['adapter'], ['base']]);
    expect(sent()[1]!.prompts[0]!.before).toContainEqual({ role: 'assistant', content: 'adapter to Hi' });
  });

  it('goes on where nobody had come to an end, behind the tokens that were written', async () => {
    ends = 'length';
    setChatForm('text');
    setDraft('Once');
    await send();
    expect(canGoOn(last().answers.base)).toBe(true);
    ends = 'ended';
    await goOn();
    expect(sent()[1]!.prompts[0]).toEqual({ side: 'base', before: 'Once', written: [1, 2] });
    expect(chatStore.getState().exchanges).toHaveLength(1);
    expect(last().answers.base).toMatchObject({ text: 'base to Once and on', written: [1, 2, 1, 2] });
    expect(canGoOn(last().answers.base)).toBe(false);
  });

  it('asks the base alone before any run, and continues texts without a template', async () => {
    runStore.setState(NO_RUN, true);
    model({ hasChatTemplate: false, sampling: {} });
    expect(formOf(chatStore.getState(), setupStore.getState())).toBe('text');
    setDraft('Once');
    await send();
    expect(sent()[0]!.prompts).toEqual([{ side: 'base', before: 'Once', written: [] }]);
    setDraft('Twice');
    await send();
    expect(chatStore.getState().exchanges.map(({ asked }) => asked)).toEqual(['Twice']);
  });

  it('shows text while it comes, drops words about an earlier reply, and gives a question back that failed', async () => {
    let fail: (error: Error) => void = () => undefined;
    client = createFakeClient({ chat: () => new Promise((_, reject) => (fail = reject)) });
    setClient(client);
    setDraft('Hi');
    const sending = send();
    await Promise.resolve();
    const { id } = sent()[0]!;
    const text = {
      type: 'chatText',
      side: 'base',
      tokens: 1,
      done: false,
      tokensPerSecond: undefined,
    } as const;
    applyChatEvent({ ...text, id: id - 1, text: 'old' });
    expect(last().answers.base?.text).toBe('');
    applyChatEvent({ ...text, id, text: '<b>new' });
    expect(last().answers.base?.text).toBe('<b>new');
    expect(chatStore.getState().stage).toBe('writing');
    await new Promise((resolve) => setTimeout(resolve));
    fail(new Error('Chat: no.'));
    await sending;
    expect(chatStore.getState()).toMatchObject({ problem: 'Chat: no.', stage: undefined, draft: 'Hi' });
    expect(chatStore.getState().exchanges).toEqual([]);
  });
});
