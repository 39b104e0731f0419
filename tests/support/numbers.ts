import type { Page } from 'playwright-core';

const LINES = Array.from({ length: 40 }, (_, line) =>
  JSON.stringify({ prompt: `Say ${line}.`, completion: ` It is ${line} and then ${line * 7 + 1}.` }),
);

/** Gives the page a small data set of its own, numbers.jsonl, as soon as it can train, and waits until it can again. */
export async function chooseNumbers(page: Page): Promise<void> {
  const train = page.getByRole('button', { name: 'Train', exact: true }).and(page.locator(':enabled'));
  await train.waitFor();
  await page.locator('input[type=file][aria-label="Choose a file"]').setInputFiles({
    name: 'numbers.jsonl',
    mimeType: 'application/json',
    buffer: Buffer.from(LINES.join('\n')),
  });
  await page.getByText('numbers.jsonl').first().waitFor();
  await train.waitFor();
}
