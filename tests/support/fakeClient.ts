import type { TrainingClient } from '../../src/worker/client';
import type { Command, CommandType, Results, RunEvent } from '../../src/worker/protocol';

type Answers = {
  [T in CommandType]?: (command: Extract<Command, { type: T }>) => Results[T] | Promise<Results[T]>;
};

/** A worker under the test's control: it answers as told, and says of a run what the test makes it say. */
export interface FakeClient extends TrainingClient {
  /** Every command that was sent, in order. */
  readonly sent: Command[];
  emit(event: RunEvent): void;
  /** @param restarted whether another worker has taken its place */
  crash(message: string, restarted?: boolean): void;
}

/** A client that answers commands with `answers`; a command without an answer resolves to nothing. */
export function createFakeClient(answers: Answers): FakeClient {
  const sent: Command[] = [];
  const listeners: ((event: RunEvent) => void)[] = [];
  const crashListeners: ((message: string, restarted: boolean) => void)[] = [];
  return {
    sent,
    call: <C extends Command>(command: C) => {
      sent.push(command);
      const answer = answers[command.type] as ((command: C) => Results[C['type']]) | undefined;
      return Promise.resolve().then(() => answer?.(command) as Results[C['type']]);
    },
    onEvent: (listener) => {
      listeners.push(listener);
    },
    onCrash: (listener) => {
      crashListeners.push(listener);
    },
    close: () => undefined,
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    crash: (message, restarted = false) => {
      for (const listener of crashListeners) listener(message, restarted);
    },
  };
}
