import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openQuietPage, type QuietPage } from '../support/quietPage';
import { hasSharedData, sharedData } from '../support/sharedData';

describePage('files that are given to the page', () => {
  let open: OpenPage;
  let quiet: QuietPage;
  let page: Page;

  beforeAll(async () => {
    open = await openChromium();
    quiet = await openQuietPage(open);
    page = quiet.page;
    await page.getByTestId('trainable').waitFor();
  });

  afterAll(async () => {
    await open.close();
  });

  const card = (name: string) => page.getByRole('region', { name });
  const chooser = (name: string) => page.locator(`input[type=file][aria-label="${name}"]`);

  it('are shown with the trained part marked and the bad lines named', async () => {
    const good = '{"prompt":"Say hello.","completion":" Hello!"}';
    await chooser('Choose a file').setInputFiles({
      name: 'mine.jsonl',
      mimeType: 'application/json',
      buffer: Buffer.from(`${good}\n{"prompt":\n${good}\n`),
    });
    const data = card('Teach it with');
    await data.getByText('2 records').waitFor();
    expect(await data.locator('mark').first().innerText()).toContain('Hello!');
    await data.getByText('1 line was skipped').click();
    expect(await data.locator('.problems').innerText()).toMatch(/^Line 2: not valid JSON/);
    expect(await page.getByLabel('Prompt to continue').inputValue()).toBe('Say hello.');
    // A scenario has its own sizes; a file follows the machine, and the page says so.
    expect(await page.getByText('A processor plays the GPU here').count()).toBe(1);
  });

  it('may name their fields otherwise: the page reads them again under a column mapping', async () => {
    await chooser('Choose a file').setInputFiles({
      name: 'odd.jsonl',
      mimeType: 'application/json',
      buffer: Buffer.from('{"ask":"Say hello.","reply":"Hello, you!"}\n'.repeat(2)),
    });
    const data = card('Teach it with');
    await data.getByText(/odd\.jsonl: it has no usable record/).waitFor();
    await data.getByText('mine.jsonl').waitFor(); // the one of before is still there
    await data.getByLabel('Which of its columns to use').fill('question=ask,answer=reply');
    await data.getByRole('button', { name: 'Read odd.jsonl with these columns' }).click();
    await data.getByText('odd.jsonl', { exact: true }).waitFor();
    expect(await data.locator('mark').first().innerText()).toContain('Hello, you!');
  });

  it('may hold questions, which are asked without a run', async () => {
    const question = (answer: string) => `Who bakes the bread?,the baker,the smith,a goat,nobody,${answer}\n`;
    await chooser('Choose a file').setInputFiles({
      name: 'bread_test.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(question('A') + question('B')),
    });
    const data = card('Teach it with');
    await data.getByText('Questions found in bread_test.csv: 2, multiple choice.').waitFor();
    expect(await data.getByRole('alert').count()).toBe(0);
    await data.getByText('odd.jsonl', { exact: true }).waitFor(); // what is learnt stays
    await data.getByRole('button', { name: 'Ask these questions' }).click();
    const table = card('Accuracy on held-out questions').locator('table');
    await table.waitFor({ timeout: 200_000 });
    // Two equal questions with different answers: one is right, or none.
    expect(await table.locator('tbody tr').innerText()).toMatch(
      /^bread\s+2\s+(0|50) %\s+–\s+\d+ to \d+ %\s+25 %$/,
    );
  });

  it('are taken wherever they are dropped', async () => {
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['Once upon a time there was a mill.'], 'tale.txt'));
      const event = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
      document.querySelector('.results')?.dispatchEvent(event);
    });
    await card('Teach it with').getByText('tale.txt').waitFor();
    await card('Teach it with').getByText('1 record', { exact: true }).waitFor();
  });

  it.skipIf(!hasSharedData)('may be a Hugging Face folder or a llama2.c file', async () => {
    const model = card('Start from');
    await chooser('Choose a folder').setInputFiles(sharedData('checkpoints/story-llama-hf'));
    await model.getByText('story-llama-hf').waitFor();
    await model.getByText('656 k weights').waitFor();
    const folder = sharedData('checkpoints/stories260K');
    await chooser('Choose files').setInputFiles([
      join(folder, 'stories260K.bin'),
      join(folder, 'tok512.bin'),
    ]);
    await model.getByText('stories260K.bin').waitFor();
    await model.getByText('5 layers').waitFor();
  });

  it('cause no error, and nothing about them leaves the page', () => {
    expect(quiet.complaints).toEqual([]);
  });
});
