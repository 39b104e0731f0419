import { sentence } from './faults';
import type { Command, CommandType, Message, Request, Results, RunEvent } from './protocol';

/** What carries out the commands of a worker. */
export interface Serving {
  handle(command: Command): Promise<Results[CommandType]>;
}

/**
 * Makes this worker answer the page's commands, each when it is done.
 *
 * @param open gets what says an event to the page
 */
export function serve(open: (post: (event: RunEvent) => void) => Serving): void {
  const session = open((event) => {
    send({ kind: 'event', event });
  });
  /** Never let go: that the lock is free tells the page that this worker was killed. */
  const lock = `masa worker ${crypto.randomUUID()}`;
  void navigator.locks.request(lock, () => {
    send({ kind: 'alive', lock });
    return new Promise(() => undefined);
  });
  addEventListener('message', ({ data: { id, command } }: MessageEvent<Request>) => {
    session.handle(command).then(
      (result) => {
        send({ kind: 'result', id, result });
      },
      (error: unknown) => {
        send({ kind: 'error', id, message: sentence(error) });
      },
    );
  });
}

function send(message: Message): void {
  // The zip moves instead of being copied.
  const bytes = message.kind === 'result' && message.result !== undefined && 'usage' in message.result;
  postMessage(
    message,
    bytes ? { transfer: [(message.result as { bytes: Uint8Array<ArrayBuffer> }).bytes.buffer] } : {},
  );
}
