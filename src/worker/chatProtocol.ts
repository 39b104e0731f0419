import type { SamplingOptions } from '../engine/model/sample';

/** Who writes: the model as it came, or with the adapter of the run. */
export type ChatSide = 'base' | 'adapter';

/** One turn of a conversation, as chat templates know it. */
export interface ChatTurn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What one side goes on from. */
export interface ChatPrompt {
  readonly side: ChatSide;
  /** A text to be continued, or a conversation for the checkpoint's chat template. */
  readonly before: string | readonly ChatTurn[];
  /** Tokens that the side has written behind that already; it goes on behind them. */
  readonly written: readonly number[];
}

export interface ChatSettings extends Required<SamplingOptions> {
  readonly max_new_tokens: number;
}

/** The sides write at the same time, token by token, with the same seed. A run under way waits meanwhile. */
export interface ChatCommand {
  readonly type: 'chat';
  /** Of the reply; its events carry it. */
  readonly id: number;
  /** At most one a side. The adapter's is passed over where no run has one. */
  readonly prompts: readonly ChatPrompt[];
  readonly settings: ChatSettings;
}

/** Why a side wrote no more: it came to an end, to max_new_tokens, to the model's last position, or was stopped. */
export type ChatEnd = 'ended' | 'length' | 'full' | 'stopped';

/** What one side has written. */
export interface ChatVoice {
  readonly side: ChatSide;
  /** All of it, with what was written before; without special tokens, and without half a character at the end. */
  readonly text: string;
  /** The same as tokens, to go on from. */
  readonly written: readonly number[];
  readonly end: ChatEnd;
  /** Tokens at the beginning of the text that found no room and were not read. */
  readonly cut: number;
}

export interface ChatReply {
  readonly voices: readonly ChatVoice[];
  /** Steps that the adapter had been trained for; undefined where there was none. */
  readonly step: number | undefined;
}

export type ChatEvent =
  | {
      readonly type: 'chatStage';
      readonly id: number;
      /** For its turn after the step under way; the model's weights; kernels; the prompt. */
      readonly stage: 'waiting' | 'loading' | 'compiling' | 'reading';
      /** Bytes or tokens; 0 of 0 where there is nothing to count. */
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: 'chatText';
      readonly id: number;
      readonly side: ChatSide;
      /** All of the side's text so far. */
      readonly text: string;
      /** That it wrote for this reply. */
      readonly tokens: number;
      readonly done: boolean;
      /** undefined until there are two. */
      readonly tokensPerSecond: number | undefined;
    };
