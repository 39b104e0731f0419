import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { chooseNumbers } from '../support/numbers';
import { openQuietPage, type QuietPage } from '../support/quietPage';

const STEPS = 12;
/** For how long Chromium's IndexedDB spends what it was told is left before it asks again, in milliseconds. */
const REMEMBERED = 31_000;
/** A run as it is kept when it is over. */
const WHOLE = { steps: STEPS, status: 'done', hasSnapshot: true };
const SENTENCE =
  /^This run: the browser has no room left for this page, so nothing of it is kept yet; it trains on; delete runs or snapshots that you no longer need\.\n/;

/** Short rows, and a snapshot after every other step. */
function chooseSettings(): void {
  history.replaceState(null, '', '#max_steps=12&max_length=32&val_size=0.02&save_steps=2&eval_steps=0');
}

describePage('a browser without room', () => {
  let open: OpenPage;
  let quiet: QuietPage;
  let page: Page;
  let session: CDPSession;
  let first: Kept | undefined;

  beforeAll(async () => {
    open = await openChromium();
    quiet = await openQuietPage(open, chooseSettings);
    page = quiet.page;
    session = await page.context().newCDPSession(page);
    await chooseNumbers(page);
  });

  afterAll(async () => {
    await open.close();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const complaint = () => page.getByRole('alert').filter({ hasText: 'This run' });
  const end = () => page.getByText(`Done: ${STEPS} steps`).first().waitFor({ timeout: 300_000 });

  it('keeps a run while there is room, and lets the page go without asking', async () => {
    await button('Train').click();
    const steps = async () => (await kept())[0]?.steps ?? 0;
    await expect.poll(steps, { timeout: 200_000, interval: 100 }).toBeGreaterThanOrEqual(2);
    expect(await asksBeforeLeaving()).toBe(false);
    await end();
    await expect.poll(kept, { timeout: 30_000 }).toMatchObject([WHOLE]);
    [first] = await kept();
  });

  it('trains on when there is too little, says so in one sentence, and loses nothing that was kept', async () => {
    await giveRoom((await usage()) + 20_000); // for a few lines
    await button('Train again').click();
    await complaint().waitFor({ timeout: 200_000 });
    expect(await complaint().locator('> span').innerText()).toMatch(SENTENCE);
    await end();
    expect(await asksBeforeLeaving()).toBe(true);
    expect(await kept()).toMatchObject([{ steps: 0, hasSnapshot: false }, first!]);
  });

  it('keeps it after all when room is made with the button of the message', async () => {
    await complaint()
      .getByRole('button', { name: /^Delete an older snapshot, \d+ kB$/ })
      .click();
    await expect
      .poll(kept, { timeout: 60_000 })
      .toMatchObject([WHOLE, { id: first!.id, hasSnapshot: false }]);
    await complaint().waitFor({ state: 'detached' });
    expect(await asksBeforeLeaving()).toBe(false);
  });

  it('lets runs be deleted where there is none at all, and keeps the new one when there is again', async () => {
    const before = await kept();
    await giveRoom(1);
    await button('Train again').click();
    await complaint().waitFor({ timeout: 200_000 });
    await end();
    expect(await kept()).toEqual(before);
    await complaint().getByRole('button', { name: 'Show the runs' }).click();
    const row = page.getByRole('listitem', { name: 'MASA on numbers.jsonl', exact: true });
    await row.getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
    expect((await kept()).map(({ id }) => id)).not.toContain(first!.id);
    expect(await kept()).toContainEqual(before[0]);
    await giveRoom(1e9);
    await expect.poll(kept, { timeout: 60_000 }).toMatchObject([WHOLE, before[0]!]);
    await complaint().waitFor({ state: 'detached' });
  });

  it('has made no error and asked nobody else for anything', () => {
    expect(quiet.complaints).toEqual([]);
  });

  /** @param quotaSize what the browser gives the page in all, in bytes */
  async function giveRoom(quotaSize: number): Promise<void> {
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(open.address).origin, quotaSize });
    await page.waitForTimeout(REMEMBERED);
  }

  const usage = () => page.evaluate(async () => (await navigator.storage.estimate()).usage!);

  /** Whether the page wants to be asked for before it goes; it stays. */
  async function asksBeforeLeaving(): Promise<boolean> {
    return await page.evaluate(() => {
      const event = new Event('beforeunload', { cancelable: true });
      dispatchEvent(event);
      return event.defaultPrevented;
    });
  }

  /** The kept runs, newest first, as they lie in the browser's database, with the bytes of their snapshots. */
  async function kept(): Promise<Kept[]> {
    return await page.evaluate(
      () =>
        new Promise<Kept[]>((resolve) => {
          const opening = indexedDB.open('masa runs');
          opening.onsuccess = () => {
            const database = opening.result;
            const transaction = database.transaction(['runs', 'snapshots']);
            const runs = transaction.objectStore('runs').getAll();
            const keys = transaction.objectStore('snapshots').getAllKeys();
            transaction.oncomplete = () => {
              database.close();
              const all = (runs.result as Kept[]).toSorted((a, b) => b.createdAt - a.createdAt);
              resolve(
                all.map(({ id, createdAt, steps, status, snapshotBytes }) => ({
                  ...{ id, createdAt, steps, status, snapshotBytes },
                  hasSnapshot: keys.result.includes(id),
                })),
              );
            };
          };
        }),
    );
  }
});

interface Kept {
  readonly id: string;
  readonly createdAt: number;
  readonly steps: number;
  readonly status: string;
  readonly snapshotBytes: number;
  readonly hasSnapshot: boolean;
}
