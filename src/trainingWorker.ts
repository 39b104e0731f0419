import { openFeatureReader } from './engine/analysis/features/reader';
import { openChoiceScorer } from './engine/eval/choices';
import { openExactMatcher } from './engine/eval/exact';
import { openDevice } from './engine/gpu/device';
import { loadBaseModel } from './engine/model/baseModel';
import { createGenerator } from './engine/model/generate';
import { createTrainer } from './engine/train/trainer';
import type { openExpertInspector as open } from './engine/analysis/features/inspect';
import { browserArchive } from './storage/runs/archive';
import { sentence } from './worker/faults';
import { chooseKernels } from './worker/kernels';
import type { Message, Request, RunEvent } from './worker/protocol';
import { Session } from './worker/session';

/** Entry of the worker: messages in, messages out. */
const gpu = (navigator as { readonly gpu?: GPU }).gpu;
const engine = {
  ...{ openDevice, loadBaseModel, createTrainer, createGenerator, chooseKernels },
  ...{ openChoiceScorer, openExactMatcher, openFeatureReader, openExpertInspector },
};
const post = (event: RunEvent) => {
  send({ kind: 'event', event });
};
const session = new Session(engine, gpu, post, browserArchive());

/** Never let go: that the lock is free tells the page that this worker was killed. */
const lock = `masa worker ${crypto.randomUUID()}`;
void navigator.locks.request(lock, () => {
  send({ kind: 'alive', lock });
  return new Promise(() => undefined);
});

/** Comes with a library for decompositions, which is loaded when somebody looks. */
async function openExpertInspector(...parameters: Parameters<typeof open>): ReturnType<typeof open> {
  const { openExpertInspector: open } = await import('./engine/analysis/features/inspect');
  return await open(...parameters);
}

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

function send(message: Message): void {
  // The zip moves instead of being copied.
  const bytes = message.kind === 'result' && message.result !== undefined && 'usage' in message.result;
  postMessage(
    message,
    bytes ? { transfer: [(message.result as { bytes: Uint8Array<ArrayBuffer> }).bytes.buffer] } : {},
  );
}
