/**
 * Keeps one whole version of the page in the browser, so that it works offline and never mixes files of two versions:
 * every file is kept under its content, is checked against it when it is fetched, and is served by the worker of its own
 * version alone. A newer version waits until no tab shows this one, or the only one that does asks for it.
 */
declare const self: ServiceWorkerGlobalScope;
/** Paths below the page's own address, '' being the page itself, and the SHA-256 of each; the build writes it. */
declare const FILES: Readonly<Record<string, string>>;

const { scope } = self.registration;
/** Pages of one origin share their caches. */
const NAME = `masa ${scope}`;

self.addEventListener('install', (event) => {
  event.waitUntil(keepAll());
});

self.addEventListener('activate', (event) => {
  // The tab of the first visit, too, keeps its version when the server gets another.
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const path = keptPath(event.request);
  if (path !== undefined) event.respondWith(serve(path, event.request));
});

/** A tab asks for this version to take over. Answers through its port how many other tabs keep it from that. */
self.addEventListener('message', (event) => {
  event.waitUntil(takeOver(event.ports[0]));
});

async function takeOver(port: MessagePort | undefined): Promise<void> {
  const tabs = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const others = tabs.filter(({ url }) => url.startsWith(scope)).length - 1;
  port?.postMessage(others);
  if (others < 1) await self.skipWaiting();
}

/** What is there already, from an earlier version or an attempt that was cut short, is not fetched again. */
async function keepAll(): Promise<void> {
  const cache = await caches.open(NAME);
  // One after the other: whoever uses the page meanwhile comes first.
  for (const [path, hash] of Object.entries(FILES)) {
    const key = keyOf(path, hash);
    if ((await cache.match(key)) !== undefined) continue;
    const response = await fetch(scope + path, { cache: 'no-cache', integrity: `sha256-${hash}` });
    if (!response.ok) throw new Error(`${path}: the server answers ${response.status}`);
    await cache.put(key, response);
  }
}

/** A version that is being fetched drops the others itself when its time comes. */
async function dropOthers(): Promise<void> {
  if (self.registration.installing !== null) return;
  const cache = await caches.open(NAME);
  const own = new Set(Object.entries(FILES).map(([path, hash]) => keyOf(path, hash)));
  for (const { url } of await cache.keys()) {
    if (!own.has(url)) await cache.delete(url);
  }
}

function keptPath({ method, url }: Request): string | undefined {
  const { origin, pathname } = new URL(url);
  const address = origin + pathname;
  if (method !== 'GET' || !address.startsWith(scope)) return undefined;
  const path = address.slice(scope.length).replace(/^index\.html$/, '');
  return Object.hasOwn(FILES, path) ? path : undefined;
}

async function serve(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  return (await cache.match(keyOf(path, FILES[path] ?? ''))) ?? (await fetch(request));
}

function keyOf(path: string, hash: string): string {
  return `${scope}${path}?${encodeURIComponent(hash)}`;
}

export {};
