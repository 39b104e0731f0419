import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { build } from 'vite';
import { ROOT } from '../../src/setup/support.mjs';
import { REASONING_TASKS } from '../../src/world/tasks';
import { SPECIAL_DOMAINS } from '../../src/world/domains';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { digestWorld } from './digests';
import type {} from './inPage';

const SEEDS = [1, 20, -7];
/** Below the address of the served page, where the browser offers SHA-256 as it does to the page. */
const PLACE = 'world-test/';

describePage('the generators in Chromium', () => {
  let open: OpenPage;
  let page: Page;

  beforeAll(async () => {
    const code = await bundle();
    open = await openChromium();
    page = await open.browser.newPage();
    await page.route(`${open.address}${PLACE}`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
    );
    await page.goto(`${open.address}${PLACE}`);
    await page.addScriptTag({ content: code, type: 'module' });
    await page.waitForFunction(() => 'digestWorld' in globalThis);
  });

  afterAll(async () => {
    await open.close();
  });

  it.each(SEEDS)('make from seed %i, run after run, what they make in Node', async (seed) => {
    const inPage = (asked: number) => page.evaluate((given) => globalThis.digestWorld(given), asked);
    const inNode = await digestWorld(seed);
    expect(await inPage(seed)).toEqual(inNode);
    expect(await inPage(seed)).toEqual(inNode);
    expect(await digestWorld(seed)).toEqual(inNode);
  });

  it('make something, and from another seed something else', async () => {
    const [one, other] = await Promise.all([digestWorld(1), digestWorld(2)]);
    const tasks = [...REASONING_TASKS, ...SPECIAL_DOMAINS.map(({ task }) => task)];
    const levels = tasks.reduce((sum, task) => sum + task.levels.length, 0);
    const digests = [...Object.values(one), ...Object.values(other)];
    expect(digests).toHaveLength(2 * (levels + SPECIAL_DOMAINS.length + 1));
    expect(new Set(digests).size).toBe(digests.length);
  });
});

/** The code of `inPage.ts` and all it imports, as one module. */
async function bundle(): Promise<string> {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      copyPublicDir: false,
      target: 'es2023',
      rolldownOptions: { input: join(ROOT, 'tests/world/inPage.ts') },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    'output' in one ? one.output : [],
  );
  return outputs.flatMap((file) => (file.type === 'chunk' ? [file.code] : [])).join('\n');
}
