import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overhang, violations } from '../support/axe';
import { describePage, openChromium, type OpenPage } from '../support/chromium';
import { openQuietPage } from '../support/quietPage';
import { readRecordingFile } from '../support/recording';

const recording = readRecordingFile();
const STEPS = recording.run.max_steps;
const CURE = 'for that, open this page in a browser with WebGPU.';

/** The share of right answers that is said last, as the page says it. */
const right = recording.moments
  .flatMap(({ event }) => (event.type === 'accuracy' ? [`${Math.round(100 * event.mean.acc)} %`] : []))
  .at(-1);

/** What the page writes last into one of the two boxes of texts. */
function written(when: 'before' | 'after'): string {
  const last = recording.moments.findLast(({ event }) => event.type === 'sample' && event.when === when);
  return last?.event.type === 'sample' ? last.event.text.trim() : '';
}

describePage('a browser that cannot train', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openChromium(false);
  });

  afterAll(async () => {
    await open.close();
  });

  describe.each([
    [
      'because it has no WebGPU',
      'This page cannot train here, because Chrome offers it no WebGPU.',
      (): void => {
        Reflect.deleteProperty(Navigator.prototype, 'gpu'); // as in a browser from before WebGPU
      },
      { width: 1440, height: 900 },
      'light',
    ],
    [
      'because no adapter is given',
      'This page cannot train here, because it gets no GPU.',
      (): void => undefined,
      { width: 320, height: 640 },
      'dark',
    ],
  ] as const)('%s', (_, reason, before, viewport, colorScheme) => {
    let page: Page;
    let complaints: readonly string[];
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const said = (text: string | RegExp) => page.getByText(text).first().waitFor();

    beforeAll(async () => {
      const context = { viewport, colorScheme, reducedMotion: 'reduce' } as const;
      ({ page, complaints } = await openQuietPage(open, before, { context }));
      await button('Replay').and(page.locator(':enabled')).waitFor();
    });

    afterAll(async () => {
      await page.close();
    });

    it('says why, that a recording is shown and from where, and what to do in this browser', async () => {
      const banner = page.getByRole('region', { name: reason });
      expect(await banner.innerText()).toContain(`Recorded on ${recording.device.name}, `);
      expect(await banner.getByRole('listitem').count()).toBe(0);
      await banner.getByText('What to do in Chrome').click();
      expect(await banner.getByRole('listitem').allInnerTexts()).toContainEqual(
        expect.stringContaining('Update Chrome'),
      );
      const alerts = await banner.getByRole('alert').allInnerTexts();
      const isRefused = reason.includes('no GPU');
      expect(alerts).toEqual(
        isRefused ? [expect.stringMatching(/^WebGPU: no adapter was found .+; .+\.$/)] : [],
      );
      expect(await violations(page, 'html')).toEqual([]);
      expect(await overhang(page)).toEqual([]);
      await banner.getByText('What to do in Chrome').click();
    });

    it('plays the recorded run to its end, with its texts, its curves and its answers', async () => {
      await button('Replay').click();
      await said(/^Recording · Training$/);
      await button('Pause').click();
      await said(/^Recording · Paused$/);
      await button('Step').click();
      await button('Resume').click();
      await said(`Recording · Done: ${STEPS} steps`);
      const texts = page.getByRole('region', { name: 'Before and after' });
      expect(await texts.locator('.voice-text').allInnerTexts()).toEqual([
        written('before'),
        written('after'),
      ]);
      await expect.poll(() => page.locator('[data-chart=loss] path').count()).toBeGreaterThan(0);
      // By its name alone: narrow screens fold it away.
      const accuracy = page.locator('[aria-label="Accuracy on held-out questions"] .chart-latest');
      expect(await accuracy.textContent()).toContain(right);
      expect(await violations(page, 'html')).toEqual([]);
      expect(await overhang(page)).toEqual([]);
    });

    it('says in one sentence what cannot be done, and how it could', async () => {
      const tab = async (name: string, act: () => Promise<void>) => {
        await page.getByRole('tab', { name, exact: true }).click();
        await act();
        await page.keyboard.press('Escape');
      };
      await tab('Export', async () => {
        await button('Export the adapter').click();
        await said(`Export: the adapter of the recorded run was not kept; ${CURE}`);
      });
      await tab('Chat', async () => {
        await page.getByRole('textbox', { name: 'Text to continue' }).fill('Once');
        await page.keyboard.press('Control+Enter');
        await said(`Chat: a recording does not answer; ${CURE}`);
      });
      await tab('Compare', () => said('A recorded run is compared with nothing; that needs WebGPU.'));
      await page.getByRole('textbox', { name: 'Prompt to continue' }).fill('Once');
      await button('Try it').click();
      await said(`Prompt: the recorded run continued another one, and cannot write anew; ${CURE}`);
    });

    it('reads other data all the same, and goes back to the recorded run with one button', async () => {
      if (viewport.width < 940) await page.getByText(/^Set-up/).click();
      await page.getByRole('combobox', { name: 'Scenario' }).selectOption('recipes');
      await said('Only the recorded run can be replayed: clerk on world-small');
      expect(await button('Replay again').count()).toBe(0);
      await button('Back to the recorded run').click();
      await button('Replay again').and(page.locator(':enabled')).waitFor();
      expect(await page.getByRole('textbox', { name: 'Prompt to continue' }).inputValue()).toBe(
        recording.prompt,
      );
    });

    it('has nothing to complain of', () => {
      expect(complaints).toEqual([]);
    });
  });
});
