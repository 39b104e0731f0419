import { createStore } from 'zustand/vanilla';
import type { ChatEnd, ChatEvent, ChatReply, ChatSettings, ChatSide, ChatTurn } from '../worker/chatProtocol';
import { client } from './client';
import { messageOf } from './messageOf';
import { runStore, type RunState, type RunStatus } from './run';
import { currentPrompt, setupStore, type SetupState } from './setup';
import { sweepObstacle } from './sweep';

/** A text to be continued, or turns of a conversation through the checkpoint's chat template. */
export type ChatForm = 'text' | 'turns';

/** What one side has written behind what was asked. */
export interface ChatAnswer {
  readonly text: string;
  /** The same as tokens, to go on from; empty until it is done. */
  readonly written: readonly number[];
  /** Of the last reply. */
  readonly tokens: number;
  readonly tokensPerSecond: number | undefined;
  /** undefined while it writes. */
  readonly end: ChatEnd | undefined;
  /** Tokens at the beginning of the text that were not read. */
  readonly cut: number;
}

export interface Exchange {
  /** Of the reply that answered it last. */
  readonly id: number;
  readonly asked: string;
  readonly answers: Readonly<Partial<Record<ChatSide, ChatAnswer>>>;
  /** Steps of the adapter that answered. */
  readonly step: number | undefined;
}

export interface ChatState {
  /** What somebody chose; see formOf. */
  readonly form: ChatForm | undefined;
  /** Who is asked. */
  readonly asked: 'both' | ChatSide;
  /** What the box holds, where somebody typed; see draftOf. */
  readonly draft: string | undefined;
  /** Settings that somebody touched; see chatSettings. */
  readonly touched: Partial<ChatSettings>;
  /** At most one where texts are continued; of a conversation all. */
  readonly exchanges: readonly Exchange[];
  /** Form and model of the exchanges: others begin anew. */
  readonly kind: string;
  /** How far the reply under way is; undefined where none is. */
  readonly stage: Extract<ChatEvent, { type: 'chatStage' }>['stage'] | 'writing' | undefined;
  /** Tokens of the prompt, or bytes of the model. */
  readonly progress: { readonly done: number; readonly total: number };
  readonly stopping: boolean;
  readonly problem: string | undefined;
}

export const NOTHING_SAID: ChatState = {
  form: undefined,
  asked: 'both',
  draft: undefined,
  touched: {},
  exchanges: [],
  kind: '',
  stage: undefined,
  progress: { done: 0, total: 0 },
  stopping: false,
  problem: undefined,
};

export const chatStore = createStore<ChatState>(() => NOTHING_SAID);

/** Where neither the checkpoint nor anybody says otherwise. */
const USUAL: ChatSettings = { temperature: 0.8, top_k: 0, top_p: 0.95, max_new_tokens: 128, seed: 42 };

const SIDES: readonly ChatSide[] = ['base', 'adapter'];

const NOTHING_WRITTEN: ChatAnswer = {
  text: '',
  written: [],
  tokens: 0,
  tokensPerSecond: undefined,
  end: undefined,
  cut: 0,
};

/** The settings that a reset goes back to: the checkpoint's own, where it has them. */
export function usualSettings({ model }: Pick<SetupState, 'model'>): ChatSettings {
  return { ...USUAL, ...model.chosen?.info.sampling };
}

/** The settings of the next reply. */
export function chatSettings(
  chat: Pick<ChatState, 'touched'>,
  setup: Pick<SetupState, 'model'>,
): ChatSettings {
  return { ...usualSettings(setup), ...chat.touched };
}

/** A conversation where the checkpoint has a chat template, unless somebody wants a text continued. */
export function formOf({ form }: Pick<ChatState, 'form'>, { model }: Pick<SetupState, 'model'>): ChatForm {
  return model.chosen?.info.hasChatTemplate === true ? (form ?? 'turns') : 'text';
}

/** What the box holds: what was typed, or for a text the data set's own prompt. */
export function draftOf(chat: ChatState, setup: SetupState): string {
  return chat.draft ?? (formOf(chat, setup) === 'text' ? currentPrompt(setup) : '');
}

/** Whether the run has an adapter on the GPU that can be asked. */
export function hasAdapter({ status: { phase }, held }: Pick<RunState, 'status' | 'held'>): boolean {
  if (!held) return false; // it is only shown, as it was kept
  return phase === 'running' || phase === 'paused' || phase === 'done';
}

/** Why nothing can be asked at the moment, in words; undefined where it can. */
export function chatObstacle({ phase }: RunStatus, { model }: Pick<SetupState, 'model'>): string | undefined {
  if (model.chosen === undefined) return 'Choose a model first.';
  if (phase === 'loading' || phase === 'compiling') return 'The run is being prepared; it takes a moment.';
  return sweepObstacle();
}

/** Has what the box holds continued or answered by everyone who is asked. */
export async function send(): Promise<void> {
  const [chat, setup] = [chatStore.getState(), setupStore.getState()];
  const asked = draftOf(chat, setup);
  const form = formOf(chat, setup);
  const kind = `${form} ${setup.model.chosen?.info.name ?? ''}`;
  const before = form === 'turns' && chat.kind === kind ? chat.exchanges : [];
  chatStore.setState({ kind, exchanges: before, draft: form === 'turns' ? '' : asked });
  await reply({ id: 0, asked, answers: {}, step: undefined }, wantedSides(chat));
}

/** Has everyone go on who has not come to an end. */
export async function goOn(): Promise<void> {
  const last = chatStore.getState().exchanges.at(-1);
  if (last === undefined) return;
  await reply(
    last,
    wantedSides(chatStore.getState()).filter((side) => canGoOn(last.answers[side])),
  );
}

/** Whether a side stopped before it had said everything. */
export function canGoOn(answer: ChatAnswer | undefined): boolean {
  return answer?.end === 'length' || answer?.end === 'stopped';
}

/** Ends the reply under way; what is written stays. */
export async function stopChat(): Promise<void> {
  chatStore.setState({ stopping: true });
  await client().call({ type: 'stopChat' });
}

/** Forgets what was said. */
export function clearChat(): void {
  chatStore.setState({ exchanges: [], problem: undefined });
}

/** Puts away why the last wish was not granted. */
export function dismissChatProblem(): void {
  chatStore.setState({ problem: undefined });
}

export function setChatForm(form: ChatForm): void {
  chatStore.setState({ form, draft: undefined, exchanges: [], problem: undefined });
}

export function setAsked(asked: ChatState['asked']): void {
  chatStore.setState({ asked });
}

export function setDraft(draft: string): void {
  chatStore.setState({ draft });
}

/** Sets one of the settings; `undefined` goes back to the usual one. */
export function setChatSetting(key: keyof ChatSettings, value: number | undefined): void {
  const others = Object.entries(chatStore.getState().touched).filter(([name]) => name !== key);
  const touched = Object.fromEntries(value === undefined ? others : [...others, [key, value]]);
  chatStore.setState({ touched });
}

/** Takes in what the worker says about the reply under way. */
export function applyChatEvent(event: ChatEvent): void {
  if (event.id !== lastId) return;
  if (event.type === 'chatStage') {
    const { stage, done, total } = event;
    chatStore.setState({ stage, progress: { done, total } });
    return;
  }
  const { side, text, tokens, tokensPerSecond } = event;
  chatStore.setState({ stage: 'writing' });
  changeAnswer(side, (answer) => ({ ...answer, text, tokens, tokensPerSecond }));
}

let lastId = 0;

/** Asks the sides about an exchange, which becomes the last one. */
async function reply(exchange: Exchange, sides: readonly ChatSide[]): Promise<void> {
  const { exchanges } = chatStore.getState();
  const before = exchanges.filter(({ id }) => id !== exchange.id);
  const setup = setupStore.getState();
  const id = ++lastId;
  const settings = chatSettings(chatStore.getState(), setup);
  const prompts = sides.map((side) => ({
    side,
    before:
      formOf(chatStore.getState(), setup) === 'text' ? exchange.asked : turns(before, exchange.asked, side),
    written: exchange.answers[side]?.written ?? [],
  }));
  const begun = sides.map((side) => {
    const { text, written } = exchange.answers[side] ?? NOTHING_WRITTEN;
    return [side, { ...NOTHING_WRITTEN, text, written }] as const;
  });
  const answers = { ...exchange.answers, ...Object.fromEntries(begun) };
  chatStore.setState({
    exchanges: [...before, { ...exchange, id, answers }],
    stage: 'waiting',
    progress: { done: 0, total: 0 },
    stopping: false,
    problem: undefined,
  });
  try {
    settle(await client().call({ type: 'chat', id, prompts, settings }));
  } catch (error) {
    settle(undefined);
    chatStore.setState({ problem: messageOf(error) });
  }
}

/** The conversation as one side knows it; where it did not answer, the other did. */
function turns(before: readonly Exchange[], asked: string, side: ChatSide): ChatTurn[] {
  const other = side === 'base' ? 'adapter' : 'base';
  return [
    ...before.flatMap(({ asked: content, answers }): ChatTurn[] => [
      { role: 'user', content },
      { role: 'assistant', content: (answers[side] ?? answers[other])?.text ?? '' },
    ]),
    { role: 'user', content: asked },
  ];
}

/** Everything is said. Sides that did not come to write anything are left out. */
function settle(answered: ChatReply | undefined): void {
  for (const { side, text, written, end, cut } of answered?.voices ?? []) {
    changeAnswer(side, (answer) => ({ ...answer, text, written, end, cut }));
  }
  chatStore.setState(({ exchanges, draft }) => {
    const last = exchanges.at(-1);
    if (last === undefined) return { stage: undefined, stopping: false };
    const said = Object.entries(last.answers).flatMap(([side, answer]) => {
      if (answer.end !== undefined) return [[side, answer] as const];
      return answer.written.length > 0 ? [[side, { ...answer, end: 'stopped' as const }] as const] : [];
    });
    const exchange = { ...last, answers: Object.fromEntries(said), step: answered?.step ?? last.step };
    const silent = said.length === 0;
    return {
      stage: undefined,
      stopping: false,
      exchanges: [...exchanges.slice(0, -1), ...(silent ? [] : [exchange])],
      // What got no answer can be asked again.
      ...(silent && draft === '' ? { draft: last.asked } : {}),
    };
  });
}

function changeAnswer(side: ChatSide, change: (answer: ChatAnswer) => ChatAnswer): void {
  chatStore.setState(({ exchanges }) => {
    const last = exchanges.at(-1);
    const answer = last?.answers[side];
    if (last === undefined || answer === undefined) return {};
    return {
      exchanges: [
        ...exchanges.slice(0, -1),
        { ...last, answers: { ...last.answers, [side]: change(answer) } },
      ],
    };
  });
}

function wantedSides({ asked }: Pick<ChatState, 'asked'>): ChatSide[] {
  const able = SIDES.filter((side) => side === 'base' || hasAdapter(runStore.getState()));
  const wanted = able.filter((side) => asked === 'both' || asked === side);
  return wanted.length > 0 ? wanted : able;
}
