import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensurePage } from '../../src/setup/build.mjs';
import { serveDist } from '../../src/setup/serve.mjs';
import { describePage, launchChromium } from '../support/chromium';
import { openQuietPage, type QuietPage } from '../support/quietPage';

const OFFLINE = 'The page also works offline.';
const NEWER = 'A newer version of this page is here.';

/** A build of its own on a server of its own, which can go away or get another version. */
class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'masa-site-'));
  address = '';
  #close: () => Promise<void> = () => Promise.resolve();

  async open(): Promise<void> {
    await ensurePage();
    cpSync('dist', this.folder, { recursive: true });
    const server = await serveDist({ folder: this.folder });
    this.address = server.address;
    this.#close = server.close;
  }

  async goAway(): Promise<void> {
    await this.#close();
    this.#close = () => Promise.resolve();
  }

  async end(): Promise<void> {
    await this.goAway();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the service worker keeps, by path, with its hash. */
  get files(): Record<string, string> {
    return JSON.parse(/^const FILES=(\{.*?\});/.exec(this.#worker)![1]!) as Record<string, string>;
  }

  set files(files: Record<string, string>) {
    const code = this.#worker.replace(/^const FILES=\{.*?\};/, `const FILES=${JSON.stringify(files)};`);
    writeFileSync(join(this.folder, 'serviceWorker.js'), code);
  }

  get #worker(): string {
    return readFileSync(join(this.folder, 'serviceWorker.js'), 'utf8');
  }
}

let browser: Browser;
const allowed = { context: { serviceWorkers: 'allow' as const } };
const nothing = () => undefined;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const usable = (page: Page) => button(page, 'Train').and(page.locator(':enabled')).waitFor();
const opened = (site: Site) =>
  openQuietPage({ browser, address: site.address, close: () => Promise.resolve() }, nothing, allowed);

/** Addresses, below that of the page, of what is kept. */
const kept = (page: Page) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return keys.flat().map(({ url }) => decodeURIComponent(url.slice(document.baseURI.length)));
  });

describePage('the page without a connection', () => {
  const site = new Site();
  let quiet: QuietPage;

  beforeAll(async () => {
    browser = await launchChromium(true);
    await site.open();
    quiet = await opened(site);
    await quiet.page.getByText(OFFLINE).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await site.end();
  });

  it('keeps every file of the build on the first visit, but the pictures of its readme', async () => {
    const all = readdirSync(site.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(site.folder.length + 1))
      .filter((path) => !/^serviceWorker\.js$|^screenshot[^/]*\.png$/.test(path))
      .map((path) => (path === 'index.html' ? '' : path));
    const paths = (await kept(quiet.page)).map((url) => url.replace(/\?.*$/, ''));
    expect(paths.toSorted()).toEqual(all.toSorted());
    expect(paths.filter((path) => path.endsWith('model.safetensors'))).toHaveLength(2);
  });

  it('comes up again when the server is gone, and trains', async () => {
    const { page } = quiet;
    await page.context().setOffline(true);
    await site.goAway();
    await page.goto(`${site.address}index.html?from=a-bookmark#max_steps=2&val_size=0.02&eval_steps=0`);
    await usable(page);
    await button(page, 'Train').click();
    await page.getByText('Done: 2 steps').first().waitFor({ timeout: 300_000 });
  });

  it('has every part that is loaded later, and the other model', async () => {
    const { page } = quiet;
    for (const name of ['Runs', 'Experts', 'Compare', 'Chat', 'Export', 'Log']) {
      await page.getByRole('tab', { name }).click();
      await page.getByRole('tabpanel').locator('h2').first().waitFor();
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('combobox', { name: 'Scenario' }).selectOption('domains');
    await page.getByRole('region', { name: 'Start from' }).getByText('world', { exact: true }).waitFor();
    const ready = page.getByRole('button', { name: /^(Train|Run)/ }).and(page.locator(':enabled'));
    await ready.waitFor({ timeout: 120_000 });
    expect(quiet.complaints).toEqual([]);
  });
});

describePage('a page whose server changed while it was read', () => {
  const site = new Site();
  let files: Record<string, string>;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium(true);
    await site.open();
    files = site.files;
    site.files = { ...files, 'manifest.webmanifest': files['']! };
    ({ page } = await opened(site));
    await usable(page);
  });

  afterAll(async () => {
    await browser.close();
    await site.end();
  });

  it('leaves nothing behind where no version can be kept', async () => {
    const outcome = await page.evaluate(async () => {
      const { installing } = await navigator.serviceWorker.register('./serviceWorker.js');
      return await new Promise((resolve) => {
        installing!.addEventListener('statechange', () => {
          resolve(installing!.state);
        });
      });
    });
    expect(outcome).toBe('redundant');
    await expect.poll(() => page.evaluate(() => caches.keys())).toEqual([]);
    expect(await page.getByText(OFFLINE).count()).toBe(0);
  });

  it('says that the version that is kept is another, and loads it', async () => {
    const isEntry = (path: string) => /^assets\/index-.*\.js$/.test(path);
    site.files = Object.fromEntries(Object.entries(files).filter(([path]) => !isEntry(path)));
    await page.reload();
    await page.getByText(NEWER).waitFor();
    expect(await page.getByText(OFFLINE).count()).toBe(0);
    const again = page.waitForEvent('load');
    await button(page, 'Reload').click();
    await again;
  });

  it('takes no file of another version for one that the browser has thrown away', async () => {
    const path = 'manifest.webmanifest';
    const ask = () => page.evaluate((url) => fetch(url).then((got) => got.ok, String), path);
    await page.evaluate(async () => {
      for (const name of await caches.keys()) await caches.delete(name);
    });
    expect(await ask()).toBe(true);
    writeFileSync(join(site.folder, path), '{}');
    expect(await ask()).toContain('Failed to fetch');
  });
});

describePage('a newer version of the page', () => {
  const site = new Site();
  let quiet: QuietPage;
  let other: Page;

  beforeAll(async () => {
    browser = await launchChromium(true);
    await site.open();
    quiet = await opened(site);
    await quiet.page.getByText(OFFLINE).waitFor();
    other = await quiet.page.context().newPage();
    await other.goto(site.address);
    await usable(other);
  });

  afterAll(async () => {
    await browser.close();
    await site.end();
  });

  it('is not taken from a server that has only a part of it', async () => {
    const { page } = quiet;
    const wrong = createHash('sha256').update('the page of the newer version').digest('base64');
    site.files = { ...site.files, '': wrong };
    const outcome = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const gone = new Promise((resolve) => {
        registration.addEventListener('updatefound', () => {
          const { installing } = registration;
          installing!.addEventListener('statechange', () => {
            resolve(installing!.state);
          });
        });
      });
      await registration.update();
      return await gone;
    });
    expect(outcome).toBe('redundant');
    expect(await page.getByText(NEWER).count()).toBe(0);
  });

  it('is announced, and leaves the open tabs as they are', async () => {
    const { page } = quiet;
    const html = readFileSync(join(site.folder, 'index.html'), 'utf8').replace('</title>', ', newer</title>');
    writeFileSync(join(site.folder, 'index.html'), html);
    const later = Object.keys(site.files).find((path) => path.startsWith('assets/KeysHelp-'))!;
    rmSync(join(site.folder, later));
    const hash = createHash('sha256').update(html).digest('base64');
    const others = Object.entries(site.files).filter(([path]) => path !== later);
    site.files = { ...Object.fromEntries(others), '': hash };
    await page.reload();
    await page.getByText(NEWER).waitFor();
    expect(await page.title()).toBe('MASA playground');
    await other.getByText(NEWER).waitFor();
    await other.keyboard.press('?'); // what the server does not have any more
    await other.getByRole('dialog').waitFor();
    await other.keyboard.press('Escape');
  });

  it('waits for the other tabs, and then comes as a whole when it is asked for', async () => {
    const { page } = quiet;
    await button(page, 'Reload').click();
    await page.getByText('Close the other tabs with this page, then reload.').waitFor();
    await other.close();
    await button(page, 'Reload').click();
    await expect.poll(() => page.title(), { timeout: 30_000 }).toBe('MASA playground, newer');
    await usable(page);
    await page.getByText(OFFLINE).waitFor();
    expect(await page.getByText(NEWER).count()).toBe(0);
    const own = Object.entries(site.files).map(([path, hash]) => `${path}?${hash}`);
    await expect.poll(async () => (await kept(page)).toSorted()).toEqual(own.toSorted());
  });

  it('can be installed', async () => {
    const session = await quiet.page.context().newCDPSession(quiet.page);
    const { errors, data } = await session.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    expect(JSON.parse(data!)).toMatchObject({ name: 'MASA playground', display: 'standalone' });
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
    expect(quiet.complaints).toEqual([]);
  });
});
