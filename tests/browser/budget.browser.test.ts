import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { recordTasks, type Task } from '../support/mainThread';
import { openQuietPage } from '../support/quietPage';
import { readRecordingFile, stretched } from '../support/recording';

/** Most that a task of the main thread may take, in milliseconds of processor time. */
const MOST = 100;
const STEPS_PER_SECOND = 50;
/** The recorded run once after the other: more than 1,000 steps. */
const ROUNDS = 13;

/**
 * The page replays recorded events in place of training: a software adapter owns both cores, so a real run would
 * measure the adapter. All else is the page as it is: picture, charts, texts, accuracy, drawer.
 */
describePage('the main thread, while a run says 50 steps a second', () => {
  let open: OpenPage;
  let tasks: readonly Task[];
  let complaints: readonly string[];

  beforeAll(async () => {
    // Whether the browser cannot train because of this test or by itself is the same to the page.
    open = await openChromium(false);
    const recorder = await recordTasks(open.browser);
    let page: Page;
    ({ page, complaints } = await openQuietPage(open, () => undefined, {
      prepare: async (opened) => {
        const recording = stretched(readRecordingFile(), ROUNDS, STEPS_PER_SECOND);
        await opened.route(/clerk-[^/]*\.json$/, (route) => route.fulfill({ json: recording }));
      },
    }));
    const press = (selector: string) =>
      page.locator(selector).evaluate((element: HTMLElement) => {
        element.click(); // as a click, without the waiting of a test's mouse on a busy machine
      });
    const reached = (step: number) =>
      page.waitForFunction(
        (wanted) => {
          const found = /step (\d+) of|Done/.exec(
            document.querySelector('.progress-line')?.textContent ?? '',
          );
          return found !== null && (found[1] === undefined || Number(found[1]) >= wanted);
        },
        step,
        { timeout: 300_000 },
      );
    await page.getByRole('button', { name: 'Replay', exact: true }).and(page.locator(':enabled')).waitFor();
    await recorder.mark(page, 'replaying');
    await press('.run-buttons .primary');
    await reached(300);
    await recorder.mark(page, 'opening the runs');
    await press('[role=tab]:text-is("Runs")');
    await reached(500);
    await recorder.mark(page, 'opening the log');
    await press('[role=tab]:text-is("Log")');
    await reached(Infinity);
    await recorder.mark(page, 'done');
    await page.waitForTimeout(500);
    await recorder.mark(page, 'busy');
    await page.evaluate(() => {
      let sum = 0;
      for (let count = 0; count < 5e8; count++) sum = (sum + count) % 7;
      return sum;
    });
    await recorder.mark(page, 'over');
    tasks = await recorder.stop();
    await page.close();
  });

  afterAll(async () => {
    await open.close();
  });

  it('has no task that takes longer than 100 ms of processor time, from the opening of the page to the end', () => {
    const parts = ['opening', 'replaying', 'opening the runs', 'opening the log', 'done'];
    const longest = parts.map((part) => ({ part, task: tasks.find(({ after }) => after === part) }));
    console.info(longest.map(({ part, task }) => `${part}: ${task?.cpu.toFixed(0) ?? '?'} ms`).join(', '));
    expect(longest.filter(({ task }) => task === undefined)).toEqual([]);
    expect(longest.filter(({ task }) => task !== undefined && task.cpu > MOST)).toEqual([]);
  });

  it('would have seen one: a loop that the test itself runs on the page', () => {
    expect(tasks.find(({ after }) => after === 'busy')?.cpu).toBeGreaterThan(MOST);
  });

  it('has measured a page that was drawn as it should be', () => {
    expect(complaints).toEqual([]);
  });
});
