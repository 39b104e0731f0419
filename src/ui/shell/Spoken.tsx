import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { runStore } from '../../state/run';
import { describeProgress } from '../live/progress';

const LEAST_INTERVAL = 10_000; // milliseconds

/**
 * The one place that speaks to screen readers while a run is under way: at once when it enters another phase, else every
 * ten seconds at most, so that it does not drown everything else.
 */
export function Spoken() {
  const [spoken, setSpoken] = useState('');
  const said = useRef({ phase: 'idle', at: -Infinity });
  useEffect(
    () =>
      runStore.subscribe((run) => {
        const { phase } = run.status;
        const now = performance.now();
        if (phase === said.current.phase && now - said.current.at < LEAST_INTERVAL) return;
        said.current = { phase, at: now };
        const { text, aside } = describeProgress(run);
        // A failure is an alert, which speaks for itself.
        setSpoken(phase === 'failed' ? '' : [text, aside].filter(Boolean).join(', '));
      }),
    [],
  );
  return (
    <p className="visually-hidden" aria-live="polite" data-testid="spoken">
      {spoken}
    </p>
  );
}

/** Shows in the tab how far a run is: in its title, and as a ring in its icon. */
export function useTabProgress(): void {
  const percent = useStore(runStore, (run) => {
    const { share } = describeProgress(run);
    return run.status.phase === 'done' || share === undefined ? undefined : Math.floor(share * 100);
  });
  useEffect(() => {
    document.title = percent === undefined ? 'MASA playground' : `${percent} % · MASA playground`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (icon !== null) icon.href = percent === undefined ? './icon.svg' : ringIcon(percent);
  }, [percent]);
}

/** A ring that closes as the run goes on, as the address of a picture. */
function ringIcon(percent: number): string {
  const around = 2 * Math.PI * 12;
  const ring = (colour: string, dash: string) =>
    `<circle cx="16" cy="16" r="12" fill="none" stroke="${colour}" stroke-width="7" stroke-dasharray="${dash}" transform="rotate(-90 16 16)"/>`;
  const drawn = ((percent / 100) * around).toFixed(1);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${ring('#c9c2b5', 'none')}${ring('#c2620f', `${drawn} 99`)}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
