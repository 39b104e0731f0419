import { chromium, type Browser } from 'playwright-core';
import { describe, test } from 'vitest';
import { ensurePage } from '../../src/setup/build.mjs';
import { findChromium } from '../../src/setup/browser.mjs';
import { serveDist } from '../../src/setup/serve.mjs';

/** WebGPU on the SwiftShader inside Chromium; no connection to anything but the page. */
const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const FLAGS = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath = findChromium();

/** A running browser and the address of the built page. */
export interface OpenPage {
  readonly browser: Browser;
  /** Ends with a slash. */
  readonly address: string;
  /** Ends the browser and the server. */
  close(): Promise<void>;
}

/**
 * Builds the page if its sources have changed, serves it on this machine and starts a headless Chromium.
 *
 * @param adapter false: WebGPU is there but finds no adapter, as on a machine without a usable GPU
 */
export async function openChromium(adapter = true): Promise<OpenPage> {
  await ensurePage();
  const server = await serveDist();
  const browser = await launchChromium(adapter);
  const close = async (): Promise<void> => {
    await browser.close();
    await server.close();
  };
  return { browser, address: server.address, close };
}

/** Starts a headless Chromium; see openChromium. */
export async function launchChromium(adapter: boolean): Promise<Browser> {
  // Chromium brings its own software driver: the one that Dawn uses in Node must not reach it.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name, value]) => name !== 'VK_DRIVER_FILES' && value !== undefined),
  ) as Record<string, string>;
  return await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    headless: true,
    // Root cannot have a sandbox; the only page visited is our own.
    chromiumSandbox: process.getuid?.() !== 0,
    args: adapter ? [...FLAGS, ...WEBGPU_FLAGS] : FLAGS,
    env,
  });
}

/** `describe` for tests in the browser: skipped visibly where there is none, failing in continuous integration. */
export function describePage(name: string, body: () => void): void {
  if (executablePath !== undefined) describe(name, body);
  else if (process.env.CI === 'true') {
    test(`${name}: a Chromium is required`, () => {
      throw new Error('There is no Chromium; run `npm test`, which installs one or says how.');
    });
  } else describe.skip(`${name} (skipped: no Chromium; \`npm test\` says how to get one)`, body);
}
