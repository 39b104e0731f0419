import { unzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adapterLayout } from '../../src/engine/adapters/layout';
import { memorySource } from '../../src/engine/formats/byteSource';
import { openSafetensors } from '../../src/engine/formats/safetensors';
import { readNativeAdapter } from '../../src/engine/export/nativeAdapter';
import { findScenario } from '../../src/scenarios/table';
import { formatCount } from '../../src/ui/shared/format';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openQuietPage, type QuietPage } from '../support/quietPage';

const CLERK = findScenario('clerk')!;
/** The first scenario must come this far down from where it started, within its own steps. */
const ENOUGH = 0.8;

describePage('the page on a software adapter', () => {
  let open: OpenPage;
  let quiet: QuietPage;
  let page: Page;

  beforeAll(async () => {
    open = await openChromium();
    quiet = await openQuietPage(open);
    page = quiet.page;
    await button('Train').and(page.locator(':enabled')).waitFor();
  });

  afterAll(async () => {
    await open.close();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const progress = () => page.getByRole('region', { name: 'Progress' }).innerText();
  const knob = (label: string) => page.getByRole('textbox', { name: label });

  it('begins with the small bundled model and the first scenario', async () => {
    await page.getByText('world-small', { exact: true }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Scenario' }).inputValue()).toBe('clerk');
    expect(await page.locator('.example').count()).toBe(3);
    expect(await page.locator('.example mark').count()).toBeGreaterThanOrEqual(3);
  });

  it('shows weights and memory of a run and changes both as a knob moves', async () => {
    const weights = page.getByTestId('trainable');
    const memory = page.getByTestId('memory');
    const before = { weights: await weights.innerText(), memory: await memory.innerText() };
    await knob('Rank (r)').fill('16');
    await page.waitForFunction(
      (text) => document.querySelector('[data-testid=trainable]')?.textContent !== text,
      before.weights,
    );
    expect(count(await weights.innerText())).toBe(2 * count(before.weights));
    expect(await memory.innerText()).not.toBe(before.memory);
    expect(page.url()).toContain('#v=1&r=16');
    await page.getByRole('button', { name: 'Reset Rank (r)' }).click();
    await page.waitForFunction(
      (text) => document.querySelector('[data-testid=trainable]')?.textContent === text,
      before.weights,
    );
    expect(page.url()).not.toContain('#');
  });

  it('names a knob that is out of range, at the knob, and does not start', async () => {
    await knob('Group size (S)').fill('99');
    const problem = page.getByText(/^group_size: 99 is more than the model’s \d+ layers/).first();
    await problem.waitFor();
    expect(await button('Train').isEnabled()).toBe(false);
    await page.getByRole('button', { name: 'Reset Group size (S)' }).click();
    await button('Train').and(page.locator(':enabled')).waitFor();
  });

  it('trains, pauses and resumes, and the validation loss falls to 0.8 of its start within its steps', async () => {
    expect(await knob('Steps').inputValue()).toBe(String(CLERK.settings.max_steps));
    await button('Train').click();
    await button('Pause').waitFor({ timeout: 200_000 }); // the model and its kernels come first
    await expect.poll(progress, { timeout: 200_000 }).toMatch(/Training\s+step [2-9]/);
    await button('Pause').click();
    await button('Resume').waitFor();
    // The seen line only: the one for screen readers comes some seconds later.
    const line = () => page.locator('.progress-line').innerText();
    const paused = await line();
    await page.waitForTimeout(1500);
    expect(await line()).toBe(paused);
    expect(paused).toContain('Paused');
    await knob('Learning rate').fill('0.004');
    await button('Take learning rate 0.004 from here on').click();
    await button('Take learning rate 0.004 from here on').waitFor({ state: 'hidden' });
    const marks = page.getByRole('figure', { name: 'Loss' }).locator('.chart-marks');
    await expect
      .poll(() => marks.evaluateAll((all) => all.map((mark) => mark.textContent).join(' ')))
      .toContain(`learning rate ${CLERK.settings.learning_rate} → 0.004`);
    await button('Resume').click();
    await expect
      .poll(validation, { timeout: 500_000, interval: 500 })
      .toSatisfy(({ first, last }: Losses) => last <= ENOUGH * first);
    expect(await page.locator('.voice').first().innerText()).toContain('Base model');
    expect((await page.locator('.voice.after .voice-text').innerText()).length).toBeGreaterThan(0);
  });

  it('refuses a broken checkpoint and broken data with one sentence each and loses nothing', async () => {
    const status = await progress();
    const cut = Buffer.from('not a checkpoint at all');
    await page.locator('input[type=file][aria-label="Choose files"]').setInputFiles([
      { name: 'config.json', mimeType: 'application/json', buffer: Buffer.from('{"model_type":"gpt2"}') },
      { name: 'model.safetensors', mimeType: 'application/octet-stream', buffer: cut },
    ]);
    const model = page.getByRole('region', { name: 'Start from' });
    expect(await model.getByRole('alert').innerText()).toMatch(/^[^\n]+: [^\n]+; [^\n]+\.$/);
    await page.locator('input[type=file][aria-label="Choose a file"]').setInputFiles({
      name: 'empty.jsonl',
      mimeType: 'application/json',
      buffer: Buffer.from(''),
    });
    const data = page.getByRole('region', { name: 'Teach it with' });
    expect(await data.getByRole('alert').innerText()).toMatch(/^empty\.jsonl: .+; .+\.$/);
    expect(await model.innerText()).toContain('world-small');
    expect(await data.innerText()).toContain(`${formatCount(CLERK.records)} records`);
    expect(await knob('Steps').inputValue()).toBe(String(CLERK.settings.max_steps));
    expect(status).toMatch(/step \d+/);
    await model.getByRole('button', { name: 'Dismiss' }).click();
    expect(await model.getByRole('alert').count()).toBe(0);
  });

  it('stops, and exports what PEFT reads, with the run beside it', async () => {
    if (await button('Stop').isVisible()) await button('Stop').click();
    await expect.poll(progress, { timeout: 200_000 }).toMatch(/^(Stopped after|Done)/);
    await page.getByRole('tab', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button('Export the adapter').click(),
    ]);
    const files = unzipSync(readFileSync(await download.path()));
    expect(download.suggestedFilename()).toMatch(/^world-small-masa-\d+-steps\.zip$/);
    expect(await page.locator('.code').innerText()).toContain('PeftModel.from_pretrained(base, "adapter")');

    const config = json(files['adapter/adapter_config.json']);
    expect(config).toMatchObject({ peft_type: 'LORA', task_type: 'CAUSAL_LM', r: 8, lora_alpha: 16 });
    const native = await readNativeAdapter(memorySource('native', files['adapter_native.safetensors']!));
    const peft = await openSafetensors(memorySource('peft', files['adapter/adapter_model.safetensors']!));
    const { layers, hiddenSize } = native.base.config;
    expect(peft.tensors.size).toBe(layers * 7 * 2);
    const query = 'base_model.model.model.layers.0.self_attn.q_proj';
    expect(peft.tensors.get(`${query}.lora_A.weight`)?.shape).toEqual([8, hiddenSize]);
    expect(peft.tensors.get(`${query}.lora_B.weight`)?.shape).toEqual([hiddenSize, 8]);
    // Something was learned: B starts at zero everywhere.
    const ups = adapterLayout(native.config, native.base.config).tensors.filter(({ role }) => role === 'B');
    for (const { offset, shape } of ups) {
      expect(native.values.subarray(offset, offset + shape[0] * shape[1]).some((value) => value !== 0)).toBe(
        true,
      );
    }

    const lines = new TextDecoder()
      .decode(files['metrics.jsonl'])
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    expect(lines.map(({ step }) => step)).toEqual(lines.map((_, index) => index));
    const losses = lines.flatMap(({ val_loss }) => (val_loss === undefined ? [] : [val_loss]));
    expect(losses.at(-1)).toBeLessThanOrEqual(ENOUGH * losses[0]!);
    expect(json(files['run.json'])).toMatchObject({
      config: { method: 'masa', max_steps: CLERK.settings.max_steps },
      base: { name: 'world-small' },
      scenario: 'clerk',
      data: { name: 'clerk' },
    });
  });

  it('lets the base model and the adapter write side by side, each from the same seed', async () => {
    await page.getByRole('tab', { name: 'Chat' }).click();
    const write = async (sides: number) => {
      await page.getByRole('button', { name: 'Write', exact: true }).click();
      const texts = page.locator('.chat-voice[aria-busy=false] .chat-text');
      await expect.poll(() => texts.count(), { timeout: 100_000 }).toBe(sides);
      return await texts.allInnerTexts();
    };
    await page.locator('summary', { hasText: 'Sampling' }).click();
    await page.getByRole('spinbutton', { name: 'New tokens' }).fill('6');
    const [base, adapted] = await write(2);
    expect(base).not.toBe(adapted);
    expect(await write(2)).toEqual([base, adapted]);
    await page.getByRole('radio', { name: 'Adapter' }).check({ force: true });
    expect(await write(1)).toEqual([adapted]);
  });

  it('has made no error, broken no rule of its policy, and asked nobody else for anything', () => {
    expect(quiet.complaints).toEqual([]);
  });

  interface Losses {
    readonly first: number;
    readonly last: number;
  }

  async function validation(): Promise<Losses> {
    const legend = await page.getByRole('figure', { name: 'Loss' }).locator('.legend').innerText();
    const [, first, last] = /validation ([\d.e-]+) → ([\d.e-]+)/.exec(legend) ?? [];
    return { first: Number(first), last: Number(last) };
  }
});

interface Line {
  readonly step: number;
  readonly val_loss?: number;
}

function count(text: string): number {
  return Number(text.replaceAll(',', ''));
}

function json(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
