import react from '@vitejs/plugin-react';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build, preview } from 'vite';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describePage, launchChromium } from '../support/chromium';
import type { Harness } from './charts/harness';

declare const harness: Harness;

const ROOT = join(import.meta.dirname, 'charts');
/** Rounds of either size, taken in turns; a median of that many hardly moves with what else the machine does. */
const ROUNDS = 7;
/** How much longer a hundred times as many points may take to redraw: the requirement. */
const MOST_RATIO = 4;

describePage('the charts', () => {
  let page: Page;
  const closing: (() => Promise<unknown>)[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    const outDir = await mkdtemp(join(tmpdir(), 'charts-'));
    closing.push(() => rm(outDir, { recursive: true }));
    const shared = { root: ROOT, configFile: false, logLevel: 'warn' } as const;
    await build({ ...shared, base: './', plugins: [react()], build: { outDir, target: 'es2023' } });
    const server = await preview({
      ...shared,
      build: { outDir },
      preview: { host: 'localhost', port: 4273 },
    });
    closing.push(() => server.close());
    const browser = await launchChromium(false);
    closing.push(() => browser.close());
    page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.getByRole('figure', { name: 'Loss' }).waitFor();
  });

  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  beforeEach(async () => {
    await page.evaluate(() => {
      harness.view({
        logX: false,
        logY: false,
        xAxis: 'step',
        bands: 'none',
        ignoreOutliers: true,
        smoothing: 0.6,
      });
      harness.show(300, 0);
    });
  });

  const loss = () => page.getByRole('figure', { name: 'Loss' });

  it('redraws ten runs of 20,000 steps in at most four times the time of ten runs of 200', async () => {
    const times = await page.evaluate((rounds) => {
      const [few, many]: [number[], number[]] = [[], []];
      const spikes = [3_333, 9_999, 15_000];
      for (let round = 0; round < rounds; round++) {
        harness.show(200, 9);
        few.push(harness.redraw());
        harness.show(20_000, 9, spikes);
        many.push(harness.redraw());
      }
      return { few, many };
    }, ROUNDS);
    const ratio = median(times.many) / median(times.few);
    console.info(
      `redraw of ten runs: ${median(times.few).toFixed(1)} ms with 200 steps, ` +
        `${median(times.many).toFixed(1)} ms with 20,000 (${ratio.toFixed(2)} times)`,
    );
    expect(ratio).toBeLessThanOrEqual(MOST_RATIO);
  });

  it('keeps every spike of every run, as a peak of its line and an arrow at the edge', async () => {
    const spikes = [3_333, 9_999, 15_000];
    await page.evaluate((at) => {
      harness.view({ ignoreOutliers: false, smoothing: 0 });
      harness.show(20_000, 9, at);
    }, spikes);
    const peaks = await loss()
      .locator('.chart-line')
      .evaluateAll((paths) =>
        paths.map((path) => {
          const tops = [...(path.getAttribute('d') ?? '').matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)];
          const highest = tops.filter(([, , top]) => Number(top) < 110); // of 300: only spikes come that high
          return { points: tops.length, peaks: highest.length };
        }),
      );
    const lines = peaks.filter(({ points }) => points > 100);
    expect(lines).toHaveLength(10);
    for (const { points, peaks } of lines) {
      expect(peaks).toBe(spikes.length);
      expect(points).toBeLessThanOrEqual(962);
    }
    await page.evaluate(() => {
      harness.view({ ignoreOutliers: true, smoothing: 0.6 });
    });
    // Ten runs spike at the same places: one arrow each.
    await expect.poll(() => loss().locator('.chart-beyond').count()).toBe(spikes.length);
  });

  it('has one cursor on all charts, tells the step, and reads the values themselves', async () => {
    await loss()
      .locator('.recharts-surface')
      .first()
      .hover({ position: { x: 500, y: 120 } });
    await expect.poll(() => page.locator('.chart-cursor').count()).toBe(4);
    const step = await page.evaluate(() => harness.cursor());
    expect(step).toBeGreaterThan(50);
    expect(await loss().locator('.tooltip').innerText()).toContain(`step\n${step}`);
    // An update in mid-hover leaves the readout where it is.
    await page.evaluate(() => harness.redraw());
    expect(await loss().locator('.tooltip').count()).toBe(1);
    await page.mouse.move(5, 5);
    await expect.poll(() => page.locator('.chart-cursor').count()).toBe(0);
  });

  it('is walked through with the arrow keys', async () => {
    await loss().locator('.recharts-surface').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => loss().locator('.tooltip').count()).toBe(1);
    const before = await page.evaluate(() => harness.cursor());
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.evaluate(() => harness.cursor())).toBeGreaterThan(before ?? 0);
  });

  it('has logarithmic axes with ticks at true values, and says what has no place on them', async () => {
    await page.evaluate(() => {
      harness.zero(301);
    });
    await page.getByRole('checkbox', { name: 'Log y' }).check({ force: true });
    await page.getByRole('checkbox', { name: 'Log x' }).check({ force: true });
    await loss()
      .getByText('Not on a logarithmic axis: 1 value at or below zero, 1 point before the first step.')
      .waitFor();
    const ticks = await loss()
      .locator('.recharts-xAxis-tick-labels .recharts-cartesian-axis-tick-value')
      .allTextContents();
    expect(ticks).toContain('10');
    expect(ticks).toContain('100');
  });

  it('counts along x in tokens and in time too', async () => {
    await page.getByRole('radio', { name: 'Tokens' }).check({ force: true });
    await loss().getByText('counted tokens', { exact: true }).waitFor();
    await page.getByRole('radio', { name: 'Time' }).check({ force: true });
    await loss().getByText('training time', { exact: true }).waitFor();
    const ticks = await loss()
      .locator('.recharts-xAxis-tick-labels .recharts-cartesian-axis-tick-value')
      .allTextContents();
    expect(ticks.some((tick) => tick.endsWith(' s'))).toBe(true);
  });

  it('draws the run before as a ghost, marks what happened, and seeds as a band', async () => {
    await page.evaluate(() => {
      harness.show(300, 5);
      harness.ghost(240);
      harness.mark(120, 'paused');
      harness.view({ bands: 'range' });
    });
    const legend = loss().locator('.legend');
    await legend.getByText('run before').waitFor();
    await legend.getByText('3 seeds of LoRA, seed 0').first().waitFor();
    expect(await loss().locator('.chart-band').count()).toBe(1);
    expect(await loss().locator('.chart-marks text').allTextContents()).toEqual(['paused']);
    const dashes = await loss()
      .locator('.legend .swatch path')
      .evaluateAll((paths) => paths.map((path) => path.getAttribute('stroke-dasharray')));
    expect(new Set(dashes).size).toBeGreaterThanOrEqual(5);
  });

  it('shows its numbers as a table, and gives them and its picture away', async () => {
    const menu = loss().locator('.menu summary');
    const choose = async (name: string) => {
      await menu.click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        loss().getByRole('button', { name, exact: true }).click(),
      ]);
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    };
    const csv = await choose('Save as CSV');
    expect(csv.name).toBe('loss.csv');
    const lines = csv.bytes.toString().trimEnd().split('\n');
    expect(lines[0]).toBe('chart,run,curve,step,value,smoothed');
    expect(lines.filter((line) => line.startsWith('loss,run,,'))).toHaveLength(300);
    const svg = (await choose('Save as SVG')).bytes.toString();
    expect(svg).toContain('method masa, num_experts');
    expect(svg).not.toContain('var(--');
    const png = await choose('Save as PNG');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(png.bytes.length).toBeGreaterThan(20_000);
    await menu.click();
    await loss().getByRole('button', { name: 'Show as a table' }).click();
    expect(await loss().getByRole('row').count()).toBe(25);
  });

  it('has made no error', () => {
    expect(complaints).toEqual([]);
  });
});

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}
