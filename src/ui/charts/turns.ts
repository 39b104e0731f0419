import { useEffect, useState } from 'react';
import { metricsVersion } from '../../state/metrics';

/** What waits to be drawn, in the order in which it began to wait. */
const waiting = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * The version of the metrics that a chart is to draw; undefined before its first turn. The charts draw in turn, each in
 * a task of its own, and pause for as long as that took: all at once, or without a pause on a slow machine, they would
 * keep the page from hearing its user.
 */
export function useDrawnVersion(): number | undefined {
  const [version, setVersion] = useState<number>();
  useEffect(() => {
    const draw = () => {
      setVersion(metricsVersion.getState().version);
    };
    const wait = () => {
      waiting.add(draw);
      timer ??= setTimeout(drawNext);
    };
    wait();
    const unsubscribe = metricsVersion.subscribe(wait);
    return () => {
      unsubscribe();
      waiting.delete(draw);
    };
  }, []);
  return version;
}

/** Gives all that waits its turn at once. */
export function drawWaiting(): void {
  for (const draw of waiting) draw();
  waiting.clear();
}

function drawNext(): void {
  const [draw] = waiting;
  if (draw === undefined) {
    timer = undefined;
    return;
  }
  waiting.delete(draw);
  const began = performance.now();
  draw();
  // The first of the two waits for what has been set off to be drawn.
  timer = setTimeout(() => {
    timer = setTimeout(drawNext, performance.now() - began);
  });
}
