/** What axe finds wrong with a page, and whether the page is wider than the window. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Of what is well nothing is told: finding a selector for each node takes longer than the rules. */
const RUN = `axe.run({ resultTypes: ['violations'], preload: false })`;
/**
 * A colour that is on its way to another one is neither. What inherits a colour that changes begins to change after it,
 * so that it is looked again until nothing does. What always moves, as a live list does, is not waited for.
 */
const COLOURS_REST = `(async () => {
  const isChange = ({ playState, effect }) => playState === 'running' && effect.getComputedTiming().endTime < 1_000;
  const changes = () => document.getAnimations().filter(isChange);
  for (let rounds = 0; rounds === 0 || (rounds < 5 && changes().length > 0); rounds++) {
    const late = new Promise((resolve) => setTimeout(resolve, 300));
    await Promise.race([late, Promise.allSettled(changes().map(({ finished }) => finished))]);
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_000 }));
  }
})()`;
const HEIGHT_PX = 860;

/** Wide and light, narrow and dark: every rule of the look is in one of them. */
const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 390 },
] as const;

export async function faultsOfPage(page: Page): Promise<string[]> {
  await page.evaluate(COLOURS_REST);
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE);
  const results = (await page.evaluate(RUN)) as AxeResults;
  const found = results.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`),
  );
  const overflow = (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number;
  return overflow > 0 ? [...found, `the page is ${overflow} pixels too wide`] : found;
}

/** The same of each look, without loading it anew: pages follow the window and the scheme by themselves. */
export async function faultsInEveryLook(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { colorScheme, width } of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: HEIGHT_PX });
    found.push(...(await faultsOfPage(page)).map((fault) => `${colorScheme}, ${width} px: ${fault}`));
  }
  return found;
}
