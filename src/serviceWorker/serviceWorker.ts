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
  event.waitUntil(keepAll().catch(leaveNothing));
});

self.addEventListener('activate', (event) => {
  // The tab of the first visit, too, keeps its version when the server gets another.
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const path = keptPath(event.request);
  if (path !== undefined) event.respondWith(serve(path, event.request));
});

/**
 * A tab asks whether its entry script, whose address it sends, is of this version; the port brings true or false. Or it
 * sends nothing and asks for this version to take over; the port brings how many other tabs keep it from that.
 */
self.addEventListener('message', (event) => {
  const entry: unknown = event.data;
  const [port] = event.ports;
  if (typeof entry === 'string') port?.postMessage(Object.hasOwn(FILES, entry.slice(scope.length)));
  else event.waitUntil(takeOver(port));
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
    const response = await fetchChecked(path, hash);
    if (!response.ok) throw new Error(`${path}: the server answers ${response.status}`);
    await cache.put(key, response);
  }
}

/** Where no version could be kept so far, as for want of room, what was fetched is of no use to anybody. */
async function leaveNothing(error: unknown): Promise<never> {
  const { active, waiting } = self.registration;
  if (active === null && waiting === null) await caches.delete(NAME);
  throw error;
}

/** A version that is being fetched, or that waits, drops the others itself when its time comes. */
async function dropOthers(): Promise<void> {
  const cache = await caches.open(NAME);
  const own = new Set(Object.entries(FILES).map(([path, hash]) => keyOf(path, hash)));
  for (const { url } of await cache.keys()) {
    const { installing, waiting } = self.registration;
    if (installing !== null || waiting !== null) return;
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

/** What the browser has thrown away comes from the server, where by now another version may be. */
async function serve(path: string, request: Request): Promise<Response> {
  const hash = FILES[path] ?? '';
  const cache = await caches.open(NAME);
  const response = await cache.match(keyOf(path, hash));
  return response ?? (await (request.mode === 'navigate' ? fetch(request) : fetchChecked(path, hash)));
}

/** Rejects if the server has another content. */
function fetchChecked(path: string, hash: string): Promise<Response> {
  return fetch(scope + path, { cache: 'no-cache', integrity: `sha256-${hash}` });
}

function keyOf(path: string, hash: string): string {
  return `${scope}${path}?${encodeURIComponent(hash)}`;
}

export {};
