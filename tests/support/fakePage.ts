import { vi } from 'vitest';

/**
 * What the state of the page needs of a browser: an address, a history, a local store, and the list of bundled models
 * under models/index.json. Returns the address, which tests may set before they start the page.
 */
export function stubPage(models: readonly { readonly name: string; readonly size: number }[]): {
  hash: string;
  href: string;
} {
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
  const location = {
    hash: '',
    pathname: '/',
    search: '',
    get href() {
      return `http://page/${location.hash}`;
    },
  };
  vi.stubGlobal('location', location);
  vi.stubGlobal('history', {
    replaceState: (_state: unknown, _title: string, url: string) => {
      location.hash = url.startsWith('#') ? url : '';
    },
  });
  vi.stubGlobal('document', { baseURI: 'http://page/' });
  const index = models.map(({ name, size }) => ({ name, files: [{ name: 'model.safetensors', size }] }));
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(index)));
  return location;
}
