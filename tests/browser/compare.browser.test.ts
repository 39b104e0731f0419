import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openQuietPage, type QuietPage } from '../support/quietPage';

/** Small enough for a processor: two steps of short rows, a handful of examples held out. */
function chooseSettings(): void {
  history.replaceState(null, '', '#max_steps=2&max_length=64&val_size=0.001');
}

describePage('the comparison on the page', () => {
  let open: OpenPage;
  let quiet: QuietPage;
  let page: Page;

  beforeAll(async () => {
    open = await openChromium();
    quiet = await openQuietPage(open, chooseSettings);
    page = quiet.page;
    await page.getByRole('tab', { name: 'Compare' }).click();
  });

  afterAll(async () => {
    await open.close();
  });

  const card = () => page.getByRole('region', { name: 'Compare methods' });
  const button = (name: string | RegExp) => card().getByRole('button', { name });
  const states = () => card().getByRole('region', { name: 'Runs' }).locator('td:last-child').allInnerTexts();

  it('lists the runs with their weights before it starts, and says what to do', async () => {
    await card()
      .getByText(/Loss curves and the table appear here/)
      .waitFor();
    await button('Start 12 runs').waitFor();
    for (const name of ['HydraLoRA', 'LoRA-MoE']) await card().getByRole('checkbox', { name }).uncheck();
    await card().getByLabel('Seeds').selectOption('2');
    await card().getByLabel('Questions a task').selectOption('0');
    await button('Start 4 runs').waitFor();
    const runs = await card().getByRole('region', { name: 'Runs' }).locator('tbody tr').allInnerTexts();
    expect(runs.map((run) => run.split(/\s+/)[0])).toEqual(['LoRA', 'MASA', 'LoRA', 'MASA']);
    for (const run of runs) expect(run).toMatch(/\d,\d{3}/);
  });

  it('goes on after a reload in the middle, and does no finished run again', async () => {
    await button('Start 4 runs').click();
    await page.getByText('A comparison is running; stop it first.').waitFor();
    expect(await page.getByRole('button', { name: 'Train', exact: true }).isEnabled()).toBe(false);
    await expect.poll(done, { timeout: 200_000 }).toBeGreaterThanOrEqual(1);
    await page.reload();
    await button('Stop comparing').waitFor({ timeout: 60_000 });
    await expect.poll(done, { timeout: 60_000 }).toBeGreaterThanOrEqual(1);
    const kept = await written();
    expect(kept.length).toBeGreaterThanOrEqual(1);
    await button('Stop comparing').waitFor({ state: 'hidden', timeout: 300_000 });
    expect(await states()).toEqual(['done', 'done', 'done', 'done']);
    const after = await written();
    expect(after).toHaveLength(4);
    // A run that is done again writes its file again.
    for (const file of kept) expect(after).toContainEqual(file);
  });

  it('shows curves and the table, and hands them out', async () => {
    const table = card().getByRole('region', { name: 'Comparison' });
    expect((await table.locator('thead th').allInnerTexts()).slice(-2)).toEqual(['LoRA', 'MASA']);
    const rows = await table.locator('tbody tr').allInnerTexts();
    expect(rows[0]).toMatch(/^r\s.*8\s+8$/);
    expect(rows[2]).toMatch(/^validation loss(\s.*\d+\.\d{4} ± \d+\.\d{4}){2}$/);
    expect(rows[3]).toMatch(/^minus LoRA .*\s[+−]\d+\.\d{4} \([+−]\d+\.\d{4} to [+−]\d+\.\d{4}\)$/);
    expect(await table.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    expect(await card().locator('.chart-line').count()).toBe(2);
    const csv = (await downloaded('Runs (CSV)', 'results.csv')).trimEnd().split('\n');
    expect(csv).toHaveLength(1 + 4);
    expect(await page.getByRole('button', { name: 'Train', exact: true }).isEnabled()).toBe(true);
  });

  it('hands out everything as JSON, with what repeats it, and the table on the page as Markdown', async () => {
    const all = JSON.parse(await downloaded('Everything (JSON)', 'results.json')) as {
      readonly runs: readonly { readonly configuration: string; readonly curve: readonly unknown[] }[];
      readonly sweep: unknown;
    };
    expect(all.runs.map(({ configuration }) => configuration)).toEqual(['LoRA', 'MASA', 'LoRA', 'MASA']);
    for (const { curve } of all.runs) expect(curve.length).toBeGreaterThanOrEqual(2);
    expect(JSON.parse(await downloaded('Sweep file', 'sweep.json'))).toEqual(all.sweep);
    const markdown = await downloaded('Table (Markdown)', 'table.md');
    const cells = (line: string) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1);
    const rows = markdown
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map(cells);
    const shown = card().getByRole('region', { name: 'Comparison' });
    // The page has a column for each configuration, the file a row.
    const [titles, , ...configurations] = rows;
    const [, ...names] = await shown.locator('thead th').allInnerTexts();
    expect(configurations.slice(0, names.length).map(([name]) => name)).toEqual(names);
    for (const [index, row] of (await shown.locator('tbody tr').all()).entries()) {
      const texts = await row.locator('th, td').allInnerTexts();
      const column = [titles, ...configurations.slice(0, names.length)].map((cells) => cells?.[index + 1]);
      expect(texts.map((text) => (text === '–' ? '' : text))).toEqual(column);
    }
    expect(markdown).toContain('seeds 42, 43');
  });

  it('has made no error and asked nobody else for anything', () => {
    expect(quiet.complaints).toEqual([]);
  });

  /** What a button saves, as text. */
  async function downloaded(label: string, name: string): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download'), button(label).click()]);
    expect(download.suggestedFilename()).toBe(name);
    return readFileSync(await download.path(), 'utf8');
  }

  async function done(): Promise<number> {
    return (await states()).filter((state) => state === 'done').length;
  }

  /** Outcomes that the browser keeps, with the times of their last change. */
  async function written(): Promise<{ readonly name: string; readonly time: number }[]> {
    return await page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('sweeps');
      const files: { name: string; time: number }[] = [];
      for await (const handle of folder.values()) {
        if (handle.kind === 'file' && handle.name.includes('-seed')) {
          files.push({ name: handle.name, time: (await handle.getFile()).lastModified });
        }
      }
      return files;
    });
  }
});
