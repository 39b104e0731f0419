import type { BrowserContextOptions, Page } from 'playwright-core';
import type { OpenPage } from './chromium';

/** A page of the product, and everything about it that should not have happened. */
export interface QuietPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, policy violations, requests to other hosts. */
  readonly complaints: readonly string[];
}

/** Remarks on what the test does: on the adapter of its flags, and on the service worker that it does without. */
const EXPECTED = /WebGPU is experimental on this platform|Service Worker registration blocked by Playwright/;

/**
 * Opens the built page in a new context and listens from the start. A service worker, whose requests no test can
 * answer, has to be allowed by the context.
 *
 * @param before runs in the page before its own scripts
 * @param options.hash of the address, with its #
 * @param options.prepare is done with the page before it is opened
 */
export async function openQuietPage(
  { browser, address }: OpenPage,
  before: () => void = () => undefined,
  options: {
    readonly context?: BrowserContextOptions;
    readonly hash?: string;
    readonly prepare?: (page: Page) => Promise<void>;
  } = {},
): Promise<QuietPage> {
  const { viewport = { width: 1440, height: 900 }, ...context } = options.context ?? {};
  const opened = await browser.newContext({ serviceWorkers: 'block', viewport, ...context });
  const page = await opened.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(text)) complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(address) && !url.startsWith(`blob:${address}`)) complaints.push(`request: ${url}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.addInitScript(before);
  await options.prepare?.(page);
  await page.goto(address + (options.hash ?? ''));
  return { page, complaints };
}
