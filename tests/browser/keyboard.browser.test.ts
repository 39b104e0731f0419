import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openFakePage } from '../support/fakeWorker';

describePage('the page by keyboard alone', () => {
  let open: OpenPage;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    open = await openChromium();
    ({ page, complaints } = await openFakePage(open, { stepMs: 20, hash: '#max_steps=100000' }));
    await page.getByRole('button', { name: 'Train', exact: true }).and(page.locator(':enabled')).waitFor();
  });

  afterAll(async () => {
    await open.close();
  });

  const press = (key: string) => page.keyboard.press(key);
  const rank = () => page.getByRole('textbox', { name: 'Rank (r)' });
  const line = () => page.locator('.progress-line').first().innerText();

  /** Opens the palette and types. */
  async function find(text: string): Promise<void> {
    await press('Control+k');
    await page.getByRole('combobox', { name: 'Find a command' }).waitFor();
    await page.keyboard.type(text);
  }

  it('chooses a method by its number, and takes that back and brings it again', async () => {
    await press('1');
    expect(await page.getByRole('radio', { name: /^LoRA / }).isChecked()).toBe(true);
    await press('Control+z');
    expect(await page.getByRole('radio', { name: /^MASA / }).isChecked()).toBe(true);
    await press('Control+Shift+z');
    expect(await page.getByRole('radio', { name: /^LoRA / }).isChecked()).toBe(true);
    await press('r');
    expect(await page.getByRole('radio', { name: /^MASA / }).isChecked()).toBe(true);
    await press('Control+z'); // the link's number of steps comes back
    expect(await page.getByRole('textbox', { name: 'Steps' }).inputValue()).toBe('100000');
  });

  it('comes to a setting with Tab, types into it, and its letters are no commands there', async () => {
    for (let at = 0; at < 60; at++) {
      await press('Tab');
      if (await rank().evaluate((input) => input === document.activeElement)) break;
    }
    await press('Control+a');
    await page.keyboard.type('4r1');
    expect(await rank().inputValue()).toBe('4r1');
    await press('Control+a');
    await page.keyboard.type('4');
    expect(await rank().inputValue()).toBe('4');
    await page.evaluate(() => {
      (document.activeElement as HTMLElement).blur();
    });
  });

  it('starts, pauses, takes single steps and goes on', async () => {
    await press('Space');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await expect.poll(line).toMatch(/^Training/);
    expect(await page.title()).toMatch(/^\d+ % · MASA playground$/);
    await press('Space');
    await expect.poll(line).toMatch(/^Paused/);
    const at = async () => Number(/step (\d+) of/.exec(await line())?.[1]);
    const before = await at();
    await press('s');
    // Only a run that has come to rest again takes another step.
    await expect.poll(line).toMatch(new RegExp(`^Paused.*step ${before + 1} of`, 's'));
    await press('s');
    await expect.poll(line).toMatch(new RegExp(`^Paused.*step ${before + 2} of`, 's'));
    expect(await page.getByTestId('spoken').innerText()).toMatch(/^Paused/);
    await press('Space');
    await expect.poll(line).toMatch(/^Training/);
    await find('stop the run');
    await press('Enter');
    await page
      .getByText(/^Stopped after \d+ of/)
      .first()
      .waitFor();
    expect(await page.title()).toBe('MASA playground');
  });

  it('finds a command by a few letters and exports', async () => {
    await find('expo ada');
    const [download] = await Promise.all([page.waitForEvent('download'), press('Enter')]);
    expect(download.suggestedFilename()).toBe('adapter.zip');
    const drawer = page.getByRole('tabpanel', { name: 'Export' });
    await drawer.waitFor();
    await press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await press('e');
    await drawer.waitFor();
    // As when a button is disabled that has the focus.
    await page.evaluate(() => {
      (document.activeElement as HTMLElement).blur();
    });
    await press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await press('e');
    const button = page.getByRole('button', { name: 'Export the adapter' });
    for (let at = 0; at < 4; at++) {
      if (await button.evaluate((found) => found === document.activeElement)) break;
      await press('Tab');
    }
    const [again] = await Promise.all([page.waitForEvent('download'), press('Enter')]);
    expect(again.suggestedFilename()).toBe('adapter.zip');
    expect(complaints).toEqual([]);
  });

  it('opens a link ready to run, and the drawer as it was left', async () => {
    await page.goto(`${open.address}#v=1&scenario=recipes&method=lora&r=3`);
    await page.reload();
    await page.getByRole('button', { name: 'Train', exact: true }).and(page.locator(':enabled')).waitFor();
    expect(await rank().inputValue()).toBe('3');
    expect(await page.getByRole('combobox', { name: 'Scenario' }).inputValue()).toBe('recipes');
    await page.getByRole('tabpanel', { name: 'Export' }).waitFor();
  });
});
