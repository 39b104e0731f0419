import type { BrowserContextOptions, Page } from 'playwright-core';
import type { OpenPage } from './chromium';

/** A page of the product, and everything about it that should not have happened. */
export interface QuietPage {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, policy violations, requests to other hosts. */
  readonly complaints: readonly string[];
}

/** Chromium's own remark about an experimental adapter on Linux; it comes with the test's flags. */
const EXPECTED = /WebGPU is experimental on this platform/;

/**
 * Opens the built page in a new context and listens from the start.
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
  const page = await browser.newPage(options.context ?? { viewport: { width: 1440, height: 900 } });
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
