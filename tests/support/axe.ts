import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Text to be evaluated: the page's policy lets no script in, but the debugger is not the page. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Every rule that a part of the page breaks, with the elements that break it. */
export async function violations(page: Page, part: string): Promise<string[]> {
  const { violations: found } = await page.evaluate<AxeResults>(`${AXE}; axe.run('${part}')`);
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' ')}`);
}

/** Elements that stick out of the page to the right. */
export async function overhang(page: Page): Promise<string[]> {
  return await page.evaluate(() =>
    document.documentElement.scrollWidth <= innerWidth
      ? []
      : [...document.querySelectorAll('body *')]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
          .map((element) => element.outerHTML.slice(0, 120)),
  );
}
