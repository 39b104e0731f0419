import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openFakePage } from '../support/fakeWorker';

describePage('the picture of the method', () => {
  let open: OpenPage;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    open = await openChromium();
    ({ page, complaints } = await openFakePage(open, { hash: '#num_experts=2&group_size=2' }));
    await chosen().waitFor();
  });

  afterAll(async () => {
    await open.close();
  });

  const map = () => page.getByRole('group', { name: /^Blocks of the model/ });
  const chosen = () => map().getByRole('button');
  const name = () => chosen().getAttribute('aria-label');
  const readout = () => page.locator('.picture-readout').innerText();
  const hasFocus = () => chosen().evaluate((element) => element === document.activeElement);

  it('goes from block to block by the arrow keys, and tells each to screen readers', async () => {
    await chosen().focus();
    expect(await name()).toMatch(/^A₁ of q_proj, shared by layers 0 and 1, .* weights, trains$/);
    for (const [key, expected] of [
      ['ArrowRight', /^A₁ of q_proj, shared by layers 2 and 3/],
      ['ArrowDown', /^A₂ of q_proj, shared by layers 2 and 3/],
      ['ArrowDown', /^B of q_proj, of layer 2 alone/],
      ['PageDown', /^B of k_proj, of layer 2 alone/],
      ['End', /^B of k_proj, of layer 3 alone/],
      ['ArrowDown', /^W of k_proj, of layer 3 alone, .* frozen$/],
    ] as const) {
      await page.keyboard.press(key);
      expect(await name()).toMatch(expected);
      expect(await hasFocus()).toBe(true);
      expect(await readout()).toContain(String(await name()).split(',')[0]);
    }
  });

  it('shows what the pointer is over, without taking the focus, and chooses by a click', async () => {
    const before = await name();
    const box = await map().boundingBox();
    if (box === null) throw new Error('the picture is not drawn');
    const over = { x: box.width - 20, y: 22 }; // the first A of the last group
    await map().hover({ position: over });
    expect(await readout()).toMatch(/^A₁ of q_proj, shared by layers 2 and 3/);
    expect([await name(), await hasFocus()]).toEqual([before, true]);
    await map().click({ position: over });
    expect(await name()).toMatch(/^A₁ of q_proj, shared by layers 2 and 3/);
    await page.mouse.move(1, 1);
    expect(await readout()).toMatch(/^A₁ of q_proj, shared by layers 2 and 3/);
  });

  it('regroups with S and keeps every block', async () => {
    const rectangles = async () => {
      const paths = await map()
        .locator('path')
        .evaluateAll((found) => found.map((path) => path.getAttribute('d') ?? ''));
      return paths.join('').split('M').length - 1;
    };
    // 7 modules × (2 A's × groups + 4 B's + 4 W's)
    await expect.poll(rectangles).toBe(7 * (2 * 2 + 8));
    await page.getByRole('textbox', { name: 'Group size (S)' }).fill('4');
    await expect.poll(rectangles).toBe(7 * (2 + 8));
    expect(complaints).toEqual([]);
  });
});
