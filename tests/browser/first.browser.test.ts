import type { Page, Response, Route } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findScenario } from '../../src/scenarios/table';
import { formatCount } from '../../src/ui/shared/format';
import { describePage, openChromium, type OpenPage } from '../support/chromium';

/** All that a first visit may take before the first step. */
const MOST_BYTES = 12e6;

/** Counts, in the worker, the pipelines that are made: it stands in front of the worker's own code. */
const COUNTER = `
self.pipelines = 0;
for (const name of ['createComputePipeline', 'createComputePipelineAsync']) {
  const make = GPUDevice.prototype[name];
  GPUDevice.prototype[name] = function (...args) {
    self.pipelines++;
    return make.apply(this, args);
  };
}
`;

describePage('the first visit', () => {
  let open: OpenPage;
  let page: Page;
  const responses: Response[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    open = await openChromium();
    page = await open.browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('response', (response) => responses.push(response));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.route(/trainingWorker[^/]*\.js$/, async (route: Route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: COUNTER + (await response.text()) });
    });
    await page.goto(open.address);
    await button('Train').and(page.locator(':enabled')).waitFor();
  });

  afterAll(async () => {
    await open.close();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const knob = (label: string) => page.getByRole('textbox', { name: label });
  const scenario = () => page.getByRole('combobox', { name: 'Scenario' });
  const accuracy = () => page.getByRole('region', { name: 'Accuracy on held-out questions' });
  const pipelines = () =>
    page.workers()[0]?.evaluate(() => (globalThis as unknown as { pipelines: number }).pipelines);

  it('finds a model, a scenario with its examples, and every control in use before a shader is compiled', async () => {
    expect(await scenario().inputValue()).toBe('clerk');
    expect(await page.locator('.example').count()).toBe(3);
    expect(await page.locator('.example mark').count()).toBeGreaterThanOrEqual(3);
    // The curve of a run is the only thing that cannot be had yet.
    expect(await page.locator(':is(button, input, select, textarea):disabled:visible').count()).toBe(0);
    await knob('Rank (r)').fill('4');
    await page.getByRole('button', { name: 'Reset Rank (r)' }).click();
    await page.getByRole('radio', { name: /^LoRA / }).check({ force: true });
    await page.getByRole('radio', { name: /^MASA / }).check({ force: true });
    await page.getByRole('button', { name: /^Match at r \d+ ?: LoRA-MoE would train / }).click();
    expect(await page.getByRole('radio', { name: /^LoRA-MoE / }).isChecked()).toBe(true);
    expect(await knob('Rank (r)').inputValue()).not.toBe('8');
    await page.getByRole('region', { name: 'Method' }).getByRole('button', { name: 'Undo' }).click();
    expect(await page.getByRole('radio', { name: /^MASA / }).isChecked()).toBe(true);
    expect(await knob('Rank (r)').inputValue()).toBe('8');
    expect(await pipelines()).toBe(0);
  });

  it('has asked its own origin alone, for less than 12 MB', async () => {
    const urls = responses.map((response) => response.url());
    expect(urls.filter((url) => !url.startsWith(open.address))).toEqual([]);
    expect(urls.some((url) => url.endsWith('model.safetensors'))).toBe(true);
    const sizes = await Promise.all(responses.map(async (response) => (await response.body()).length));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(100_000);
    expect(total).toBeLessThan(MOST_BYTES);
  });

  it('can look at the twelve reasoning tasks, whose settings come along, and go back', async () => {
    await scenario().selectOption('reasoning');
    await page.getByText('12 labels, one a task').waitFor();
    const labels = await page.locator('.example-label').allInnerTexts();
    expect(new Set(labels).size).toBe(3);
    expect(await page.locator('.example mark').count()).toBe(3);
    const { model, settings } = findScenario('reasoning')!;
    expect(await page.getByRole('region', { name: 'Start from' }).locator('.card-title').innerText()).toBe(
      model,
    );
    expect(await knob('Steps').inputValue()).toBe(String(settings.max_steps));
    await scenario().selectOption('clerk');
    await page.getByText(`${formatCount(findScenario('clerk')!.records)} records`, { exact: true }).waitFor();
    expect(await page.locator('.example-label').count()).toBe(0);
    expect(await pipelines()).toBe(0);
  });

  it('shows the accuracy before and after a short run, in numbers and with chance', async () => {
    await knob('Steps').fill('2');
    await button('Train').and(page.locator(':enabled')).click();
    await page
      .getByText(/^Done: 2 steps$/)
      .first()
      .waitFor({ timeout: 500_000 });
    expect(await pipelines()).toBeGreaterThan(0);
    const cells = await accuracy().locator('tbody tr').first().locator('th, td').allInnerTexts();
    const share = expect.stringMatching(/^\d+ %$/) as string;
    const interval = expect.stringMatching(/\d+ to \d+ %$/) as string;
    expect(cells).toEqual(['clerk', '20', share, share, interval, '25 %']);
    expect(await button('Measure on all held-out questions').isEnabled()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('can ask all held-out questions after the run, and stop that', async () => {
    await button('Measure on all held-out questions').click();
    await button('Stop asking').click();
    await button('Measure on all held-out questions').waitFor({ timeout: 300_000 });
    expect(await accuracy().locator('tbody td').first().innerText()).toBe('20');
    expect(await button('Train again').isEnabled()).toBe(true);
  });
});
