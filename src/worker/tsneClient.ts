import { unreachable } from './protocol';
import type { TsneMessage, TsneProgress, TsneRequest } from './tsneJob';

/** What is used of a Worker, so that a test can stand in for one. */
export type TsnePort = Pick<Worker, 'postMessage' | 'addEventListener' | 'terminate'>;

export interface TsneCallbacks {
  /** Hears of the start (principal components), of every 25 steps and of the last one. */
  readonly onProgress: (progress: TsneProgress) => void;
  /** Stops at once, at any point: it ends the worker. */
  readonly signal: AbortSignal;
}

const CRASHED = 't-SNE stopped: it broke down or ran out of memory; choose fewer points.';

/**
 * Embeds points by t-SNE in a worker of its own, so that neither the page nor a run waits for it.
 *
 * @param port a new worker, which is ended with the embedding
 * @returns how far it came: the last step, or what was reported last before the signal (undefined where that came
 *   before the start, while the affinities are computed); rejects with an Error whose message is one sentence
 */
export function embedInWorker(
  request: TsneRequest,
  { onProgress, signal }: TsneCallbacks,
  port: TsnePort = openWorker(),
): Promise<TsneProgress | undefined> {
  let last: TsneProgress | undefined;
  return new Promise<TsneProgress | undefined>((resolve, reject) => {
    const finish = () => {
      resolve(last);
    };
    const crash = () => {
      reject(new Error(CRASHED));
    };
    port.addEventListener('error', crash);
    port.addEventListener('messageerror', crash);
    port.addEventListener('message', (event) => {
      // What was on its way when the signal came is not shown.
      if (signal.aborted) return;
      const message = (event as MessageEvent<TsneMessage>).data;
      switch (message.kind) {
        case 'progress':
          last = message.progress;
          onProgress(last);
          if (last.iteration === last.iterations) finish();
          return;
        case 'error':
          reject(new Error(message.message));
          return;
        default:
          unreachable(message);
      }
    });
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
    else port.postMessage(request);
  }).finally(() => {
    port.terminate();
  });
}

function openWorker(): Worker {
  return new Worker(new URL('./tsne.ts', import.meta.url), { type: 'module', name: 't-SNE' });
}
