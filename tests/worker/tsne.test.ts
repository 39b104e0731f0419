import { describe, expect, it } from 'vitest';
import { embedInWorker, type TsnePort } from '../../src/worker/tsneClient';
import { embed, type TsneMessage, type TsneProgress, type TsneRequest } from '../../src/worker/tsneJob';
import { randomValues } from '../support/random';

const POINTS = { rows: 20, cols: 3, values: randomValues(60, 1) };
const REQUEST: TsneRequest = { points: POINTS, options: { perplexity: 5, seed: 1, iterations: 60 } };

/** A worker that computes only when it is told to. */
function fakeWorker() {
  const target = new EventTarget();
  const requests: TsneRequest[] = [];
  let ended = 0;
  const port = {
    postMessage: (request: TsneRequest) => requests.push(request),
    addEventListener: target.addEventListener.bind(target),
    terminate: () => ended++,
  } as unknown as TsnePort;
  const say = (data: TsneMessage) => target.dispatchEvent(new MessageEvent('message', { data }));
  const crash = () => target.dispatchEvent(new Event('error'));
  return { port, requests, say, crash, ended: () => ended };
}

/** An embedding that was asked for, and what was heard of it. */
function asked(signal = new AbortController().signal) {
  const worker = fakeWorker();
  const heard: TsneProgress[] = [];
  const result = embedInWorker(
    REQUEST,
    { onProgress: (progress) => heard.push(progress), signal },
    worker.port,
  );
  return { ...worker, heard, result };
}

function progress(iteration: number): TsneMessage {
  return {
    kind: 'progress',
    progress: { iteration, iterations: 60, klDivergence: 1, embedding: new Float64Array(40) },
  };
}

describe('the t-SNE worker', () => {
  it('reports the start, every 25 steps and the end, each with an embedding of its own', () => {
    const messages: TsneMessage[] = [];
    embed(REQUEST, (message) => messages.push(message));
    const heard = messages.map((message) => {
      if (message.kind === 'error') throw new Error(message.message);
      return message.progress;
    });
    expect(heard.map(({ iteration, iterations }) => [iteration, iterations])).toEqual(
      [0, 25, 50, 60].map((iteration) => [iteration, 60]),
    );
    expect(new Set(heard.map(({ embedding }) => embedding.join())).size).toBe(4);
    for (const { embedding, klDivergence } of heard) {
      expect(embedding).toHaveLength(40);
      expect(klDivergence).toBeGreaterThan(0);
    }
  });

  it('says in one sentence why it does not start', () => {
    const messages: TsneMessage[] = [];
    embed({ ...REQUEST, options: { perplexity: 7, seed: 1 } }, (message) => messages.push(message));
    expect(messages).toEqual([
      {
        kind: 'error',
        message: 'perplexity: 7 is not below a third of the 20 points; lower it or take more points.',
      },
    ]);
  });

  it('names itself where the fault is ours', () => {
    const messages: TsneMessage[] = [];
    embed({ ...REQUEST, options: { perplexity: 5, seed: 1, iterations: 1 } }, (message) => {
      messages.push(message);
      if (message.kind === 'progress') throw new Error('the message could not be sent.');
    });
    expect(messages.at(-1)).toEqual({
      kind: 'error',
      message: 't-SNE met a fault: the message could not be sent; your model, data and settings are kept.',
    });
  });
});

describe('the client of the t-SNE worker', () => {
  it('sends the request, passes progress on, and ends the worker with the last step', async () => {
    const { requests, say, heard, result, ended } = asked();
    expect(requests).toEqual([REQUEST]);
    for (const iteration of [0, 25, 50]) say(progress(iteration));
    expect(ended()).toBe(0);
    say(progress(60));
    await expect(result).resolves.toBe(heard.at(-1));
    expect(heard.map(({ iteration }) => iteration)).toEqual([0, 25, 50, 60]);
    expect(ended()).toBe(1);
  });

  it('stops at once, keeps what was reported last and hears no more', async () => {
    const abort = new AbortController();
    const { say, heard, result, ended } = asked(abort.signal);
    say(progress(25));
    abort.abort();
    say(progress(50));
    await expect(result).resolves.toBe(heard[0]);
    expect(heard).toHaveLength(1);
    expect(ended()).toBe(1);
  });

  it('has nothing to show where it is stopped before the start', async () => {
    const { requests, result, ended } = asked(AbortSignal.abort());
    await expect(result).resolves.toBeUndefined();
    expect(requests).toHaveLength(0);
    expect(ended()).toBe(1);
  });

  it('rejects with the sentence of the worker, or with one of its own when the worker dies', async () => {
    const refused = asked();
    refused.say({ kind: 'error', message: 'perplexity: 7 is too high; lower it.' });
    await expect(refused.result).rejects.toThrow(/^perplexity: 7 is too high; lower it\.$/);
    const dead = asked();
    dead.crash();
    await expect(dead.result).rejects.toThrow(/^t-SNE stopped: .*choose fewer points\.$/);
    expect([refused.ended(), dead.ended()]).toEqual([1, 1]);
  });
});
