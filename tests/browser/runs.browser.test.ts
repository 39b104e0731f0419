import { unzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { chooseNumbers } from '../support/numbers';
import { openQuietPage, type QuietPage } from '../support/quietPage';

const STEPS = 30; // so many that a run is far from done when its first snapshots are seen

/** Short rows, and a snapshot after every other step. */
function chooseSettings(): void {
  history.replaceState(null, '', '#max_steps=30&max_length=32&val_size=0.02&save_steps=2&eval_steps=0');
}

describePage('a run that is kept', () => {
  let open: OpenPage;
  let quiet: QuietPage;
  let page: Page;
  let undisturbed: Uint8Array;

  beforeAll(async () => {
    open = await openChromium();
    quiet = await openQuietPage(open, chooseSettings);
    page = quiet.page;
    page.on('dialog', (dialog) => void dialog.accept());
    await chooseNumbers(page);
  });

  afterAll(async () => {
    await open.close();
  });

  it('ends undisturbed, to be compared with', async () => {
    undisturbed = await trained(() => Promise.resolve());
  });

  it('goes on by itself after a reload in the middle, to the same bits', async () => {
    const adapter = await trained(async () => {
      await page.reload();
    });
    expect(Buffer.compare(adapter, undisturbed)).toBe(0);
    expect((await marks()).map(({ kind }) => kind)).toContain('continued');
  });

  it('goes on by itself after its worker was killed, to the same bits', async () => {
    const adapter = await trained(killWorker);
    expect(Buffer.compare(adapter, undisturbed)).toBe(0);
    expect((await marks()).map(({ kind }) => kind)).toContain('continued');
  });

  it('has made no error and asked nobody else for anything', () => {
    expect(quiet.complaints).toEqual([]);
  });

  /** Trains to the end, with what happens once a snapshot is kept and the run is not done. Gives the adapter's file. */
  async function trained(disturb: () => Promise<void>): Promise<Uint8Array> {
    const before = (await kept()).length;
    await page.getByRole('button', { name: /^Train( again)?$/ }).click();
    await expect.poll(async () => (await kept()).length, { timeout: 60_000 }).toBe(before + 1);
    await expect
      .poll(async () => (await newest()).steps, { timeout: 200_000, interval: 50 })
      .toBeGreaterThanOrEqual(2);
    const { steps, status } = await newest();
    expect([steps < STEPS, status]).toEqual([true, 'running']);
    await disturb();
    await expect.poll(async () => (await newest()).status, { timeout: 200_000 }).toBe('done');
    expect(await newest()).toMatchObject({ steps: STEPS, status: 'done' });
    const exporting = page.getByRole('button', { name: 'Export the adapter' });
    if (!(await exporting.isVisible())) await page.getByRole('tab', { name: 'Export' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), exporting.click()]);
    return unzipSync(readFileSync(await download.path()))['adapter_native.safetensors']!;
  }

  async function newest(): Promise<Kept> {
    return (await kept()).toSorted((a, b) => b.createdAt - a.createdAt)[0]!;
  }

  async function marks(): Promise<Kept['marks']> {
    return (await newest()).marks;
  }

  /** The kept runs, as they lie in the browser's database. */
  async function kept(): Promise<Kept[]> {
    return await page.evaluate(
      () =>
        new Promise<Kept[]>((resolve) => {
          const opening = indexedDB.open('masa runs');
          opening.onsuccess = () => {
            const database = opening.result;
            const all = database.transaction('runs').objectStore('runs').getAll();
            all.onsuccess = () => {
              database.close();
              resolve(all.result as Kept[]);
            };
          };
        }),
    );
  }

  /** Ends the worker from inside, without a word to the page, as when a browser needs its memory. */
  async function killWorker(): Promise<void> {
    const [worker] = page.workers();
    const gone = new Promise((resolve) => worker?.on('close', resolve));
    void worker?.evaluate('close()').catch(() => undefined); // nobody is left to answer
    await gone;
  }
});

interface Kept {
  readonly createdAt: number;
  readonly steps: number;
  readonly status: string;
  readonly marks: readonly { readonly kind: string }[];
}
