/**
 * `npm run screenshots`: trains on the built page in a headless Chromium and takes the pictures of the README
 * (docs/screenshots). What is seen on them are real runs of the real engine, on Chromium's software adapter.
 *
 *     npm run screenshots -- --out some/folder --address http://localhost:6272/
 *
 * With an address the page that is served there is taken as it is; without one the page is built and served.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../../src/setup/browser.mjs';
import { ensurePage } from '../../src/setup/build.mjs';
import { serveDist } from '../../src/setup/serve.mjs';
import { ROOT, SetupError, runMain, step } from '../../src/setup/support.mjs';

/** @import { Locator, Page } from 'playwright-core' */

const FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--no-first-run'];
const WIDE = { width: 1440, height: 930 };
/** With a drawer beside the page. */
const WIDEST = { width: 1600, height: 900 };
/** With a drawer, and the legend of the loss in sight. */
const HIGHEST = { width: 1600, height: 1040 };
/** Around a part that has no edge of its own, in pixels. */
const EDGE = 16;
const NARROW = { width: 390, height: 844 };
/** The bundled scenario that is learnt in 80 steps. */
const SETTINGS = '#scenario=clerk';
/** Of each run of the comparison, which is there to show what a comparison looks like. */
const COMPARED_STEPS = 20;
const PATIENCE = 600_000; // a software adapter on a busy machine

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: join(ROOT, 'docs', 'screenshots') },
      address: { type: 'string' },
    },
  });
  const found = await ensureChromium();
  if ('missing' in found) throw new SetupError(found.missing);
  if (values.address === undefined) await ensurePage();
  const server = values.address === undefined ? await serveDist() : undefined;
  const folder = resolve(values.out);
  mkdirSync(folder, { recursive: true });
  // Chromium brings its own software driver: the one of this machine must not reach it.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'VK_DRIVER_FILES'));
  const browser = await chromium.launch({
    executablePath: found.path,
    chromiumSandbox: process.getuid?.() !== 0,
    args: FLAGS,
    env,
  });
  try {
    const page = await browser.newPage({ viewport: WIDE, reducedMotion: 'reduce', acceptDownloads: true });
    page.setDefaultTimeout(PATIENCE);
    await page.goto((server?.address ?? values.address ?? '') + SETTINGS);
    await takeAll(page, folder);
  } finally {
    await browser.close();
    await server?.close();
  }
});

/**
 * @param {Page} page
 * @param {string} folder
 */
async function takeAll(page, folder) {
  const button = (/** @type {string | RegExp} */ name) => page.getByRole('button', { name, exact: true });
  const tab = (/** @type {string} */ name) => page.getByRole('tab', { name, exact: true });
  const region = (/** @type {string} */ name) => page.getByRole('region', { name, exact: true });
  const drawer = page.getByRole('complementary', { name: 'Drawer' });
  /**
   * @param {string} name of the file
   * @param {{ viewport?: typeof WIDE, dark?: boolean, of?: Locator, framed?: boolean }} [how] of: a part of the page
   *   instead of all of it; framed: with what is around it
   */
  const take = async (name, { viewport = WIDE, dark = false, of, framed = false } = {}) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
    await page.mouse.move(1, 1);
    await toTop(page);
    await page.waitForTimeout(600); // charts are laid out again after a change of width
    const path = join(folder, `${name}.png`);
    const box = framed ? await of?.boundingBox() : undefined;
    const clip = box && { x: box.x - EDGE, y: box.y, width: box.width + 2 * EDGE, height: box.height + EDGE };
    const look = /** @type {const} */ ({ path, animations: 'disabled', caret: 'hide' });
    if (clip) await page.screenshot({ ...look, clip });
    else await (of ?? page).screenshot(look);
  };

  await step('The first visit', async () => {
    await button('Train').and(page.locator(':enabled')).waitFor();
    await page
      .getByText(/^recorded run/)
      .first()
      .waitFor();
    await take('first-visit');
    await take('first-visit-narrow', { viewport: NARROW });
  });
  await step('A run of MASA', async () => {
    await page.setViewportSize(WIDE);
    await button('Train').click();
    await page.getByText(/^step [4-9]\d of /).waitFor();
    await button('Pause').click();
    await button('Resume').waitFor();
    const picture = region('The method in this model');
    await picture.scrollIntoViewIfNeeded(); // sizes are asked for while it is seen
    await page.getByText(/gradient of step/i).waitFor();
    await take('blocks', { of: picture });
    await button('Resume').click();
    await button('Train again').waitFor();
    await take('finished');
    await take('finished-dark', { dark: true });
    await take('finished-narrow', { viewport: NARROW });
  });
  await step('Its experts', async () => {
    await page.setViewportSize(WIDEST);
    await tab('Experts').click();
    await button('Look at the experts').click();
    await button('Look again').waitFor();
    await take('experts', { viewport: WIDEST, of: drawer });
  });
  await step('A chat', async () => {
    await tab('Chat').click();
    await button('Write').click();
    await button('Clear').waitFor();
    await take('chat', { viewport: WIDEST, of: page.getByRole('tabpanel'), framed: true });
  });
  await step('Its export', async () => {
    await tab('Export').click();
    await button('Export the adapter').click();
    await page.locator('pre.code').waitFor();
    await take('export', { viewport: WIDEST, of: page.getByRole('tabpanel'), framed: true });
  });
  await step('A run of LoRA over it', async () => {
    await button('Close the drawer').click();
    await page.getByRole('radio', { name: /^LoRA / }).check({ force: true });
    await button('Run with changes').click();
    await button('Pause').waitFor();
    await button('Train again').waitFor();
    await tab('Runs').click();
    await page
      .getByRole('listitem', { name: /^MASA/ })
      .getByRole('button', { name: 'On the charts' })
      .click();
    await take('runs', { viewport: HIGHEST });
    await button('Close the drawer').click();
  });
  await step('The commands', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find a command' }).fill('teach');
    await take('palette', { of: page.getByRole('dialog') });
    await page.keyboard.press('Escape');
  });
  await step('A comparison', async () => {
    await page.setViewportSize(WIDEST);
    await page.getByRole('textbox', { name: 'Steps', exact: true }).fill(String(COMPARED_STEPS));
    await tab('Compare').click();
    for (const name of ['HydraLoRA', 'LoRA-MoE']) await drawer.getByRole('checkbox', { name }).uncheck();
    await drawer.getByLabel('Seeds').selectOption('2');
    await drawer.getByLabel('Questions a task').selectOption('20');
    await drawer.getByRole('button', { name: /^Start \d+ runs/ }).click();
    await button('Stop comparing').waitFor();
    await button('Stop comparing').waitFor({ state: 'hidden' });
    await drawer.getByText('Training loss', { exact: true }).click();
    await take('compare', { viewport: { ...WIDEST, height: 1180 }, of: drawer });
  });
}

/**
 * Scrolls every column to its beginning.
 * @param {Page} page
 */
async function toTop(page) {
  await page.evaluate(() => {
    scrollTo(0, 0);
    for (const column of document.querySelectorAll('.setup-scroll, .results, .drawer')) column.scrollTop = 0;
  });
}
