import { afterAll, beforeAll, expect, it } from 'vitest';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openQuietPage } from '../support/quietPage';

describePage('a browser that cannot train', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openChromium(false);
  });

  afterAll(async () => {
    await open.close();
  });

  it('because it has no WebGPU gets a page that says what to do in this browser', async () => {
    const { page, complaints } = await openQuietPage(open, () => {
      // As in a browser from before WebGPU.
      Reflect.deleteProperty(Navigator.prototype, 'gpu');
    });
    await page.getByRole('heading', { name: 'Chrome does not offer WebGPU here' }).waitFor();
    expect(await page.getByRole('listitem').allInnerTexts()).toContainEqual(
      expect.stringContaining('Update Chrome'),
    );
    expect(await page.getByRole('button', { name: 'Train' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('because no adapter is given gets the reason in one sentence, and what to do', async () => {
    const { page, complaints } = await openQuietPage(open);
    await page.getByRole('heading', { name: 'The GPU cannot be used' }).waitFor();
    expect(await page.getByRole('alert').innerText()).toMatch(/^WebGPU: no adapter was found .+; .+\.$/);
    expect(await page.getByRole('listitem').count()).toBeGreaterThanOrEqual(3);
    expect(complaints).toEqual([]);
  });
});
