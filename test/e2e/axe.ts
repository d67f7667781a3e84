/** What axe finds wrong with a page, and whether the page is wider than the window. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function faultsOfPage(page: Page): Promise<string[]> {
  // A change of colours, however short, ends with the next frame.
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(0))))');
  await page.evaluate(AXE);
  const results = (await page.evaluate('axe.run()')) as AxeResults;
  const found = results.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
  const overflow = (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number;
  return overflow > 0 ? [...found, `the page is ${overflow} pixels too wide`] : found;
}

/** Wide and light, narrow and dark: every rule of the look is in one of them. */
export const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 390 },
] as const;
