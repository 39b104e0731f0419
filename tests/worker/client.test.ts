import { describe, expect, it, vi } from 'vitest';
import { createClient, type Port } from '../../src/worker/client';
import type { Message, Request, RunEvent } from '../../src/worker/protocol';

/** A worker's end of the wire. */
function fakePort() {
  const target = new EventTarget();
  const requests: Request[] = [];
  let terminated = false;
  const port = {
    postMessage: (request: Request) => requests.push(request),
    addEventListener: target.addEventListener.bind(target),
    terminate: () => {
      terminated = true;
    },
  } as unknown as Port;
  const say = (data: Message) => target.dispatchEvent(new MessageEvent('message', { data }));
  return {
    ...{ port, requests, say },
    crash: () => target.dispatchEvent(new Event('error')),
    isTerminated: () => terminated,
  };
}

const DEVICE = { name: 'gpu', fallback: false, maxBinding: 1 };

describe('the client', () => {
  it('gives each answer to the command that asked, in whatever order they come', async () => {
    const { port, requests, say } = fakePort();
    const client = createClient(() => port);
    const device = client.call({ type: 'openDevice' });
    const stop = client.call({ type: 'stop', runId: 1 });
    expect(requests.map((request) => request.command.type)).toEqual(['openDevice', 'stop']);
    say({ kind: 'error', id: requests[1]!.id, message: 'Run: it is no longer there; train again.' });
    say({ kind: 'result', id: requests[0]!.id, result: DEVICE });
    await expect(device).resolves.toEqual(DEVICE);
    await expect(stop).rejects.toThrow('Run: it is no longer there; train again.');
  });

  it('passes events on in order', () => {
    const { port, say } = fakePort();
    const heard: RunEvent[] = [];
    createClient(() => port).onEvent((event) => heard.push(event));
    const events: RunEvent[] = [
      { type: 'running', runId: 1, step: 0 },
      { type: 'validation', runId: 1, step: 0, loss: 2 },
    ];
    for (const event of events) say({ kind: 'event', event });
    expect(heard).toEqual(events);
  });

  it('answers everything that waits with one sentence when the worker dies', async () => {
    const { port, crash } = fakePort();
    const client = createClient(() => port);
    const heard: unknown[] = [];
    client.onCrash((message, restarted) => heard.push([message, restarted]));
    const waiting = client.call({ type: 'openDevice' });
    crash();
    crash();
    await expect(waiting).rejects.toThrow(/^The training worker stopped: .*reload the page.*\.$/);
    expect(heard).toEqual([[expect.stringMatching(/stopped/), false]]);
  });

  it('starts another worker when the lock of one that was alive is free, and talks to that', async () => {
    const workers = [fakePort(), fakePort()] as const;
    let opened = 0;
    let release: () => void = () => undefined;
    const released = vi.fn((lock: string) =>
      lock === 'first'
        ? new Promise<void>((resolve) => (release = resolve))
        : new Promise<void>(() => undefined),
    );
    const client = createClient(() => workers[opened++]!.port, released);
    const crashed = new Promise<boolean>((resolve) => {
      client.onCrash((_message, restarted) => {
        resolve(restarted);
      });
    });
    workers[0].say({ kind: 'alive', lock: 'first' });
    const lost = client.call({ type: 'openDevice' });
    release();
    expect(await crashed).toBe(true);
    await expect(lost).rejects.toThrow(/stopped/);
    expect(workers[0].isTerminated()).toBe(true);
    const again = client.call({ type: 'openDevice' });
    const [request] = workers[1].requests;
    // What the dead one had still to say is not heard.
    workers[0].say({ kind: 'error', id: request!.id, message: 'late' });
    workers[1].say({ kind: 'alive', lock: 'second' });
    workers[1].say({ kind: 'result', id: request!.id, result: DEVICE });
    await expect(again).resolves.toEqual(DEVICE);
  });
});
