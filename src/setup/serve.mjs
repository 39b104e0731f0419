/** Serves the built page on this machine only. */
import { join } from 'node:path';
import { ROOT, SetupError } from './support.mjs';

/** What a `<meta>` policy in the page cannot say, and what costs nothing to add. */
const HEADERS = {
  'Content-Security-Policy': "frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  'Cache-Control': 'no-cache',
};

/**
 * Away from the defaults of other tools: the service worker would answer for whatever is served on the port later. On a
 * telephone's keys it reads MASA.
 */
const PORT = 6272;

/**
 * @param {{ port?: number, folder?: string }} [options] port: exactly this one, or a complaint; default: the first free
 *   one from 6272. folder: another build than the one in dist
 * @returns {Promise<{ address: string, close: () => Promise<void> }>}
 */
export async function serveDist({ port, folder = join(ROOT, 'dist') } = {}) {
  const { preview } = await import('vite');
  const server = await preview({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    build: { outDir: folder },
    preview: { host: 'localhost', port: port ?? PORT, strictPort: port !== undefined, headers: HEADERS },
  }).catch((error) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(`The page cannot be served: ${reason}; choose another port with --port.`);
  });
  const address = server.resolvedUrls?.local[0] ?? `http://localhost:${port ?? PORT}/`;
  return { address, close: () => server.close() };
}
