import {
  unreachable,
  type Command,
  type CommandType,
  type Message,
  type Request,
  type Results,
  type RunEvent,
} from './protocol';

/** The worker as the page sees it. */
export interface TrainingClient {
  /** Sends one command; resolves to its result, rejects with an Error whose message is one sentence. */
  call<C extends Command>(command: C): Promise<Results[C['type']]>;
  /** Hears the events of runs, in order. */
  onEvent(listener: (event: RunEvent) => void): void;
  /** Hears that the worker itself died; every command still waiting is rejected as well. */
  onCrash(listener: (message: string) => void): void;
}

/** What is used of a Worker, so that a test can stand in for one. */
export type Port = Pick<Worker, 'postMessage' | 'addEventListener'>;

interface Waiting {
  readonly resolve: (result: Results[CommandType]) => void;
  readonly reject: (error: Error) => void;
}

const CRASHED =
  'The training worker stopped: it broke down or ran out of memory; reload the page, your settings are kept.';

/** A client that talks to a worker over messages. */
export function createClient(port: Port): TrainingClient {
  const waiting = new Map<number, Waiting>();
  const listeners: ((event: RunEvent) => void)[] = [];
  const crashListeners: ((message: string) => void)[] = [];
  let lastId = 0;

  const settle = (id: number, act: (entry: Waiting) => void) => {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (entry !== undefined) act(entry);
  };
  const crash = () => {
    for (const id of [...waiting.keys()])
      settle(id, (entry) => {
        entry.reject(new Error(CRASHED));
      });
    for (const listener of crashListeners) listener(CRASHED);
  };
  port.addEventListener('error', crash);
  port.addEventListener('messageerror', crash);
  port.addEventListener('message', (event) => {
    const message = (event as MessageEvent<Message>).data;
    switch (message.kind) {
      case 'result':
        settle(message.id, (entry) => {
          entry.resolve(message.result);
        });
        return;
      case 'error':
        settle(message.id, (entry) => {
          entry.reject(new Error(message.message));
        });
        return;
      case 'event':
        for (const listener of listeners) listener(message.event);
        return;
      default:
        unreachable(message);
    }
  });

  return {
    call: (command) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        // The worker answers a command with the result of its own type (see session.ts).
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
        port.postMessage({ id, command } satisfies Request);
      }),
    onEvent: (listener) => {
      listeners.push(listener);
    },
    onCrash: (listener) => {
      crashListeners.push(listener);
    },
  };
}

/** Starts the worker that runs the engine. */
export function startWorker(): TrainingClient {
  return createClient(
    new Worker(new URL('./trainingWorker.ts', import.meta.url), { type: 'module', name: 'masa training' }),
  );
}
