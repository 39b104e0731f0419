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
  /**
   * Hears that the worker died; every command still waiting is rejected as well. Where it had been alive, a new one
   * has been started by then, which knows nothing yet.
   */
  onCrash(listener: (message: string, restarted: boolean) => void): void;
  /** Ends the worker for good; what is still waiting is never answered. */
  close(): void;
}

/** What is used of a Worker, so that a test can stand in for one. */
export type Port = Pick<Worker, 'postMessage' | 'addEventListener' | 'terminate'>;

interface Waiting {
  readonly resolve: (result: Results[CommandType]) => void;
  readonly reject: (error: Error) => void;
}

const CRASHED =
  'The training worker stopped: it broke down or ran out of memory; reload the page, your settings are kept.';

/**
 * A client that talks to a worker over messages, and to a new one when that dies. A browser does not say that a worker
 * was killed, but lets go of its locks: the worker holds one for as long as it lives.
 *
 * @param open starts a worker
 * @param released resolves when nobody holds the lock any more
 */
export function createClient(open: () => Port, released = lockReleased): TrainingClient {
  const waiting = new Map<number, Waiting>();
  const listeners: ((event: RunEvent) => void)[] = [];
  const crashListeners: ((message: string, restarted: boolean) => void)[] = [];
  let lastId = 0;
  let close: () => void = () => undefined;
  let port = start();

  function settle(id: number, act: (entry: Waiting) => void): void {
    const entry = waiting.get(id);
    waiting.delete(id);
    if (entry !== undefined) act(entry);
  }

  function start(): Port {
    const started = open();
    let isAlive = false;
    let isOver = false;
    close = () => {
      isOver = true;
      started.terminate();
    };
    const crash = () => {
      if (isOver) return;
      close();
      for (const id of [...waiting.keys()]) {
        settle(id, (entry) => {
          entry.reject(new Error(CRASHED));
        });
      }
      // One that never came to life would not the next time.
      if (isAlive) port = start();
      for (const listener of crashListeners) listener(CRASHED, isAlive);
    };
    started.addEventListener('error', crash);
    started.addEventListener('messageerror', crash);
    started.addEventListener('message', (event) => {
      if (isOver) return;
      const message = (event as MessageEvent<Message>).data;
      switch (message.kind) {
        case 'alive':
          isAlive = true;
          void released(message.lock).then(crash);
          return;
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
    return started;
  }

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
    close: () => {
      close();
    },
  };
}

async function lockReleased(name: string): Promise<void> {
  await navigator.locks.request(name, () => undefined);
}
