import type { ChatAnswer, ChatState } from '../../state/chat';
import type { RunStatus } from '../../state/run';
import type { ChatEnd } from '../../worker/chatProtocol';
import { formatBytes, formatCount } from '../shared/format';

/** What the reply under way is at, in words; undefined where none is. */
export function stageText({ stage, progress }: ChatState, { phase }: RunStatus): string | undefined {
  const { done, total } = progress;
  switch (stage) {
    case undefined:
      return undefined;
    case 'waiting':
      return phase === 'running' ? 'Waiting for the step under way …' : 'Starting …';
    case 'loading':
      return `Loading the model: ${formatBytes(done)} of ${formatBytes(total)}`;
    case 'compiling':
      return 'Compiling the kernels that write …';
    case 'reading':
      return done === 0
        ? `Reading the prompt: ${formatCount(total)} tokens`
        : `Reading the prompt: ${formatCount(done)} of ${formatCount(total)} tokens`;
    case 'writing':
      return phase === 'running' ? 'Writing; training waits meanwhile' : 'Writing';
  }
}

const ENDS: Readonly<Record<ChatEnd, string>> = {
  ended: 'came to its end',
  length: 'not finished',
  full: 'used up the positions of the model',
  stopped: 'stopped',
};

/** What stands below an answer: how much, how fast, why it ended, what was not read. */
export function answerNote({ tokens, tokensPerSecond, end, cut }: ChatAnswer): string {
  return [
    `${formatCount(tokens)} ${tokens === 1 ? 'token' : 'tokens'}`,
    ...(tokensPerSecond === undefined ? [] : [`${speed(tokensPerSecond)} a second`]),
    ...(end === undefined ? [] : [ENDS[end]]),
    ...(cut === 0 ? [] : [`the first ${formatCount(cut)} tokens of the text found no room`]),
  ].join(', ');
}

function speed(tokensPerSecond: number): string {
  return tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : formatCount(Math.round(tokensPerSecond));
}
