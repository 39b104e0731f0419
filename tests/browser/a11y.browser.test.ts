import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overhang, violations } from '../support/axe';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openFakePage } from '../support/fakeWorker';

describePage('every view is accessible', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openChromium();
  });

  afterAll(async () => {
    await open.close();
  });

  describe.each([
    ['wide, light', { width: 1440, height: 900 }, 'light'],
    ['1,920 px, dark', { width: 1920, height: 1080 }, 'dark'],
    ['320 px', { width: 320, height: 640 }, 'light'],
  ] as const)('%s', (_, viewport, colorScheme) => {
    let page: Page;
    let complaints: readonly string[];
    /** @param part what is new since the last check, by its selector: a whole page takes axe seconds */
    const check = async (part = 'html') => {
      expect(await violations(page, part)).toEqual([]);
      expect(await overhang(page)).toEqual([]);
    };

    beforeAll(async () => {
      const look = { viewport, colorScheme, reducedMotion: 'reduce' } as const;
      ({ page, complaints } = await openFakePage(open, { ...look, hash: '#max_steps=300', stepMs: 20 }));
      await page.getByRole('button', { name: 'Train', exact: true }).and(page.locator(':enabled')).waitFor();
    });

    afterAll(async () => {
      await page.close();
    });

    it('before a run, and with all settings shown', async () => {
      await check();
      if (viewport.width < 940) await page.getByText(/^Set-up/).click(); // narrow screens fold it away
      await page.getByText(/^More: \d+ settings$/).click();
      await check();
    });

    it('during a run, in which nothing moves for who wants less motion', async () => {
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      const moving = () =>
        document.getAnimations().map(({ id, effect }) => [id, effect?.getTiming().duration]);
      expect(await page.evaluate(moving)).toEqual([]);
      await page.getByRole('button', { name: 'Pause' }).click();
    });

    it('after a run', async () => {
      await page.getByRole('button', { name: 'Resume', exact: true }).click();
      await page
        .locator('.progress-line')
        .getByText(/^Done: /)
        .waitFor();
      await check();
    });

    it('in every tab of the drawer, which gives the focus back when it closes', async () => {
      const names = await page.getByRole('tab').allInnerTexts();
      expect(names).toEqual(['Runs', 'Experts', 'Compare', 'Chat', 'Export', 'Log']);
      for (const name of names) {
        await page.getByRole('tab', { name }).click();
        await page.getByRole('tabpanel', { name }).getByRole('region').first().waitFor();
        await check('.drawer');
        await page.keyboard.press('Escape');
        expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(name);
      }
    });

    it('in the boxes: commands, keys, share', async () => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Find a command' }).waitFor();
      await check('dialog');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await check('dialog');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Share', exact: true }).click();
      await page.getByRole('dialog', { name: 'Share this set-up' }).waitFor();
      await check('.top-bar');
    });

    it('with no complaint of the browser', () => {
      expect(complaints).toEqual([]);
    });
  });
});
