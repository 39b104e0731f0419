import { useEffect, useMemo, useRef, useState } from 'react';
import { barsOf, between, type Bars } from './banks';
import type { Picture } from './geometry';

const MOVE = 320; // milliseconds

/**
 * The bars of a picture, which slide to their new places when E, S or the method change. A picture of another width or
 * another model is just drawn, and so is every picture for those who want no motion.
 */
export function useMoving(picture: Picture): Bars {
  const target = useMemo(() => barsOf(picture), [picture]);
  const [moving, setMoving] = useState({ picture, bars: target });
  /** What was drawn last. */
  const last = useRef(moving);
  const moves = isSameSheet(moving.picture, picture);
  useEffect(() => {
    const from = last.current;
    if (from.bars === target) return;
    const started = performance.now();
    const isStill = !isSameSheet(from.picture, picture) || wantsNoMotion();
    let frame = requestAnimationFrame(function draw(now) {
      const share = isStill ? 1 : Math.min(1, (now - started) / MOVE);
      const bars = share === 1 ? target : between(from.bars, target, eased(Math.max(0, share)));
      last.current = { picture, bars };
      setMoving(last.current);
      if (share < 1) frame = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [picture, target]);
  return moves ? moving.bars : target;
}

/** Whether two pictures have the same layers in the same columns. */
function isSameSheet(a: Picture, b: Picture): boolean {
  return a.width === b.width && a.layers === b.layers;
}

function wantsNoMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

function eased(share: number): number {
  return share < 0.5 ? 2 * share ** 2 : 1 - 2 * (1 - share) ** 2;
}
