import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openFakePage } from '../support/fakeWorker';

/** All of a curve's points stand in the address, and browsers take such a long one without a word. */
const MOST_LETTERS = 2000;

describePage('a shared link', () => {
  let open: OpenPage;
  let link: string;

  beforeAll(async () => {
    open = await openChromium();
  });

  afterAll(async () => {
    await open.close();
  });

  const ready = (page: Page) =>
    page.getByRole('button', { name: 'Train', exact: true }).and(page.locator(':enabled')).waitFor();
  const loss = (page: Page) => page.getByRole('figure', { name: 'Loss' });

  it('is made of the settings and the curve of the run on the page', async () => {
    const { page, complaints } = await openFakePage(open, { hash: '#v=1&scenario=recipes&method=lora&r=3' });
    await ready(page);
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page
      .locator('.progress-line')
      .getByText(/^Done: /)
      .waitFor();
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Share this set-up' });
    await dialog.getByRole('checkbox', { name: /^With the loss curve/ }).check();
    await dialog.getByRole('button', { name: 'Copy the link' }).click();
    await dialog.getByRole('status').filter({ hasText: /./ }).waitFor();
    await page.context().grantPermissions(['clipboard-read']);
    link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(/#v=1&.*curve=/);
    expect(link.length).toBeLessThan(MOST_LETTERS);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('opens ready to run with those settings and the curve to beat, and asks nobody for anything', async () => {
    const hash = link.slice(link.indexOf('#'));
    const { page, complaints } = await openFakePage(open, { hash });
    await ready(page);
    expect(await page.getByRole('textbox', { name: 'Rank (r)' }).inputValue()).toBe('3');
    expect(await page.getByRole('radio', { name: /^LoRA / }).isChecked()).toBe(true);
    expect(await page.getByRole('combobox', { name: 'Scenario' }).inputValue()).toBe('recipes');
    await expect
      .poll(() => loss(page).locator('.legend').innerText())
      .toContain('from the link: LoRA, r 3, recipes');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page
      .locator('.progress-line')
      .getByText(/^Done: /)
      .waitFor();
    expect(await loss(page).locator('.legend').innerText()).toContain('from the link: LoRA, r 3, recipes');
    expect(complaints).toEqual([]);
  });

  it('says in one sentence what of it cannot be used, and uses the rest', async () => {
    const { page } = await openFakePage(open, { hash: '#v=1&r=5&colour=red' });
    await ready(page);
    await page
      .getByText(/colour/)
      .first()
      .waitFor();
    expect(await page.getByRole('textbox', { name: 'Rank (r)' }).inputValue()).toBe('5');
  });
});
