import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openQuietPage, type QuietPage } from '../support/quietPage';

describePage('the look inside the experts on a software adapter', () => {
  let open: OpenPage;
  let quiet: QuietPage;
  let page: Page;

  beforeAll(async () => {
    open = await openChromium();
    quiet = await openQuietPage(open, () => {
      history.replaceState(null, '', '#num_experts=2&max_steps=2&eval_steps=0');
    });
    page = quiet.page;
    await button('Train').and(page.locator(':enabled')).waitFor();
    await page.getByRole('tab', { name: 'Experts' }).click();
  });

  afterAll(async () => {
    await open.close();
  });

  const card = () => page.getByRole('region', { name: 'Inside the experts' });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const figure = (name: string | RegExp) => card().getByRole('figure', { name });

  it('says what to do before a run, and which case its settings give', async () => {
    expect(await card().innerText()).toContain('Train first');
    expect(await card().locator('.experts-case').getAttribute('data-case')).toBe('tied');
  });

  it('shows similarity over depth, ranks and distances after a run of two steps', async () => {
    await button('Train').click();
    await button('Look at the experts').and(page.locator(':enabled')).waitFor({ timeout: 300_000 });
    await button('Look at the experts').click();
    await figure('CKA of A-outputs over depth').waitFor({ timeout: 300_000 });
    expect(await card().innerText()).toContain('not learned specialisation');
    // A line a module, each through the pairs of neighbouring layers.
    const lines = figure('CKA of A-outputs over depth').locator('.recharts-line-curve');
    expect(await lines.count()).toBe(7);
    for (const line of await lines.all()) expect(await line.getAttribute('d')).toMatch(/^M[\d.]+,[\d.]+[CL]/);
    const kept = figure('Distance kept').locator('td[data-cell="0 1"]');
    expect(Number(await kept.innerText())).toBeCloseTo(1, 2);
    await figure(/^CKA of each layer with each: A-outputs/)
      .locator('td[data-cell="0 0"]')
      .focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-cell'))).toBe('0 1');
  });

  it('draws the points of both experts by t-SNE, in a colour each', async () => {
    await button('Draw t-SNE').click();
    const picture = figure('t-SNE: Each expert by itself');
    await picture.getByText(/step 1000 of 1000, KL divergence \d/).waitFor({ timeout: 300_000 });
    const colours = await picture
      .locator('.recharts-scatter-symbol path')
      .evaluateAll((points) => points.map((point) => point.getAttribute('fill')));
    // The 200 held-out questions, once for each expert.
    expect(colours).toHaveLength(400);
    expect(new Set(colours).size).toBe(2);
  });

  it('has made no error, broken no rule of its policy, and asked nobody else for anything', () => {
    expect(quiet.complaints).toEqual([]);
  });
});
