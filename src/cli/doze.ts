let installed = false;

/**
 * Dawn in Node asks again and again whether the GPU is done and so takes a core from a driver that computes on the
 * CPU. Sleeping a moment between two such questions gives the core back. Needs WebGPU's classes on globalThis;
 * calling it twice changes nothing.
 */
export function dozeWhileWaiting(): void {
  if (installed) return;
  installed = true;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let waits = 0;
  let scheduled = false;
  const doze = () => {
    scheduled = false;
    if (waits === 0) return;
    Atomics.wait(cell, 0, 0, DOZE_MS);
    schedule();
  };
  // One doze a turn of the event loop, however many waits there are and were.
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(doze);
  };
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    waits++;
    schedule();
    try {
      return await promise;
    } finally {
      waits--;
    }
  };
  /* eslint-disable @typescript-eslint/unbound-method -- called with their objects */
  const map = GPUBuffer.prototype.mapAsync;
  const done = GPUQueue.prototype.onSubmittedWorkDone;
  /* eslint-enable @typescript-eslint/unbound-method */
  GPUBuffer.prototype.mapAsync = function (this: GPUBuffer, ...args) {
    return during(map.apply(this, args));
  };
  GPUQueue.prototype.onSubmittedWorkDone = function (this: GPUQueue) {
    return during(done.call(this));
  };
}

/** Length of a nap: short beside a step, long beside a question. */
const DOZE_MS = 0.2;
