import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { FIXTURES_FOLDER } from '../support/fixture';
import { bundleParity } from './bundle';
import type {} from './inPage';
import { CHOSEN, PINNED, stepsOnly } from './variants';

/** Below the address of the served page, so that the browser takes it for as trustworthy. */
const PLACE = 'parity-test/';
const HTML = '<!doctype html><script type="module" src="inPage.js"></script>';

describePage('ten steps as PyTorch does them, in Chromium on SwiftShader', () => {
  const bundle = bundleParity();
  let open: OpenPage;
  let page: Page;

  beforeAll(async () => {
    const folders = [await bundle, FIXTURES_FOLDER];
    open = await openChromium();
    page = await open.browser.newPage();
    await page.route(`${open.address}${PLACE}**`, async (route) => {
      const path = new URL(route.request().url()).pathname.replace(`/${PLACE}`, '');
      if (path === '') return route.fulfill({ contentType: 'text/html', body: HTML });
      const file = folders.map((folder) => join(folder, path)).find((one) => existsSync(one));
      if (file === undefined) return route.abort();
      const contentType = file.endsWith('.js') ? 'text/javascript' : 'application/octet-stream';
      return route.fulfill({ contentType, body: readFileSync(file) });
    });
    await page.goto(`${open.address}${PLACE}`);
  });

  afterAll(async () => {
    await open.close();
  });

  it.for([CHOSEN, ...PINNED].map(stepsOnly).map((variant) => [variant.name, variant] as const))(
    '%s',
    async ([, variant], { skip }) => {
      const report = await page.evaluate((asked) => globalThis.parity(asked), variant);
      if (report.skipped !== undefined) skip(report.skipped);
      expect(report.failures).toEqual([]);
      expect(report.checks).toBeGreaterThan(130); // every figure of ten steps, in each of four runs
      expect(report.adapter).toMatch(/swiftshader/i);
    },
  );
});
