import { gzipSync } from 'node:zlib';
import type { Response } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openQuietPage } from '../support/quietPage';

/** Bytes after gzip of all that is asked for before the page can be used, its data (model, recorded run) aside. */
const MOST_SHELL = 300_000;
/** The same of the training worker, which is loaded beside it. */
const MOST_WORKER = 200_000;

describePage('the first load', () => {
  let open: OpenPage;
  const responses: Response[] = [];

  beforeAll(async () => {
    open = await openChromium();
    const { page } = await openQuietPage(open, () => undefined, {
      prepare: (opened) => {
        // What is really asked for, parts that are imported at once included: a list of chunks could miss some.
        opened.on('response', (response) => responses.push(response));
        return Promise.resolve();
      },
    });
    await page.getByRole('button', { name: 'Train', exact: true }).and(page.locator(':enabled')).waitFor();
  });

  afterAll(async () => {
    await open.close();
  });

  const isWorker = (url: string) => /\/trainingWorker[^/]*\.js$/.test(url);

  it('is under 300 kB without its data', async () => {
    const isData = (response: Response) => response.request().resourceType() === 'fetch';
    const shell = responses.filter((response) => !isData(response) && !isWorker(response.url()));
    expect(shell.map((response) => response.url())).toContain(open.address);
    const bytes = await zipped(shell);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(MOST_SHELL);
  });

  it('leaves the engine to a worker of at most 200 kB', async () => {
    const worker = responses.filter((response) => isWorker(response.url()));
    expect(worker).toHaveLength(1);
    expect(await zipped(worker)).toBeLessThan(MOST_WORKER);
  });
});

async function zipped(responses: readonly Response[]): Promise<number> {
  const sizes = await Promise.all(responses.map(async (response) => gzipSync(await response.body()).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}
