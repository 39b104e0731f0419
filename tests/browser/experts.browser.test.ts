import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openQuietPage, type QuietPage } from '../support/quietPage';

/** As little as shows routers over tasks: one module of each layer, one step of one short row. */
const ROUTED =
  '#v=1&scenario=reasoning&method=hydralora&num_experts=2&r=2&target_modules=q_proj&max_steps=1' +
  '&max_length=128&val_size=0.001&per_device_train_batch_size=1&gradient_accumulation_steps=1';

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

describePage('the look inside the experts of a routed method that learns several tasks', () => {
  let open: OpenPage;
  let quiet: QuietPage;
  let page: Page;

  beforeAll(async () => {
    open = await openChromium();
    quiet = await openQuietPage(open, undefined, { hash: ROUTED });
    page = quiet.page;
    await page.getByRole('button', { name: 'Train', exact: true }).and(page.locator(':enabled')).click();
    await page.getByRole('tab', { name: 'Experts' }).click();
    const look = page.getByRole('button', { name: 'Look at the experts' }).and(page.locator(':enabled'));
    await look.click({ timeout: 300_000 });
  });

  afterAll(async () => {
    await open.close();
  });

  const figure = (name: string | RegExp) => page.getByRole('figure', { name });
  const cells = async (map: string | RegExp) =>
    (await figure(map).locator('tbody tr').all()).reduce<Promise<number[][]>>(
      async (rows, row) => [...(await rows), (await row.locator('td').allInnerTexts()).map(Number)],
      Promise.resolve([]),
    );

  it('maps the load of each expert over the layers, and over the tasks in one layer', async () => {
    await figure('Load of each expert, q_proj').waitFor({ timeout: 300_000 });
    const byLayer = await cells('Load of each expert, q_proj');
    expect(byLayer.map((row) => row.length)).toEqual([8, 8]);
    byLayer[0]!.forEach((load, layer) => {
      expect(load + byLayer[1]![layer]!).toBeCloseTo(1, 1);
    });
    const byTask = await cells('Load by task, layer 4, q_proj');
    expect(byTask).toHaveLength(12);
    for (const [first, second] of byTask) expect(first! + second!).toBeCloseTo(1, 1);
    // The heads began as zero: there is no distance that they could have kept.
    expect(await figure('Distance kept').count()).toBe(0);
  });

  it('draws the same tokens by one A and by both experts, with a colour and a shape for each task', async () => {
    await page.getByLabel('Tokens at most').selectOption('500');
    await page.getByRole('button', { name: 'Draw t-SNE' }).click();
    for (const title of ['t-SNE: One A', 't-SNE: All 2 experts side by side']) {
      await figure(title).locator('.recharts-scatter').first().waitFor({ timeout: 300_000 });
      const points = await figure(title)
        .locator('.recharts-scatter')
        .evaluateAll((kinds) =>
          kinds.map((kind) => {
            const signs = [...kind.querySelectorAll('.recharts-scatter-symbol path')];
            return { count: signs.length, look: signs.map((sign) => sign.getAttribute('fill'))[0] };
          }),
        );
      expect(points).toHaveLength(12);
      for (const { count } of points) expect(count).toBeGreaterThan(10);
      const legend = await figure(title).locator('.legend li').allInnerTexts();
      expect(new Set(legend.map((text) => text.slice(1).trim())).size).toBe(12);
      const signs = legend.map((text, kind) => `${text[0]} ${points[kind]!.look}`);
      expect(new Set(signs).size).toBe(12);
    }
    const stop = page.getByRole('button', { name: 'Stop t-SNE' });
    if (await stop.isVisible()) await stop.click();
  });

  it('draws the load of each expert at every step', async () => {
    await page.getByRole('button', { name: 'Close the drawer' }).click();
    const load = figure('Load per expert');
    expect(await load.locator('.legend').innerText()).toMatch(/expert 1\s+expert 2\s+even load, 1\/2/);
    await load.locator('.menu summary').click();
    await load.getByRole('button', { name: 'Show as a table' }).click();
    const last = await load.locator('tbody tr').last().locator('td').allInnerTexts();
    expect(last.reduce((sum, text) => sum + Number(text), 0)).toBeCloseTo(1, 2);
  });

  it('has made no error and asked nobody else for anything', () => {
    expect(quiet.complaints).toEqual([]);
  });
});
