import { useSyncExternalStore } from 'react';

const query = typeof matchMedia === 'function' ? matchMedia('(width < 940px)') : undefined;

function subscribe(listener: () => void): () => void {
  query?.addEventListener('change', listener);
  return () => {
    query?.removeEventListener('change', listener);
  };
}

/** Whether the page is too narrow for columns; the same width as in narrow.css. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => query?.matches === true,
    () => false,
  );
}
