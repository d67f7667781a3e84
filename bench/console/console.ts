/**
 * `console`: a network with 10,000 applications, administered in Chromium: from a click to the list, from a key in the
 * search field to the list that fits, from a click on a head to the sorted list, and how evenly it scrolls. A moment
 * counts when the browser has drawn it. The search waits 120 ms for a pause in typing; that is within the figures.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { CHROMIUM, openChromium } from '../../test/e2e/chromium.ts';
import { missingRequirement } from '../../test/interop/requirements.ts';
import { type Network, startNetwork } from '../network.ts';
import { CannotRun, type Figures, figure, median } from '../report.ts';
import { publishMany } from './many.ts';
import { WATCH_SCRIPT } from './watch.ts';

const APPLICATIONS = 10_000;
const PORT_BASE = 28_543;
const REPETITIONS = 20;
const SCROLLED_FRAMES = 300;
/** Two rows in each frame, 120 a second: nobody reads faster. */
const FRAME_PX = 98;
const EMAIL = 'admin@manis.localhost';
const PASSWORD = 'seven quiet otters at noon';
/** What feels as if it were at once (100 ms), after the pause in typing (120 ms), and as much again for a slow machine. */
const SHOWN_WITHIN_MS = 320;
/** Two frames of a screen: one was missed, and nobody saw it. */
const FRAME_WITHIN_MS = 34;

export async function console(say: (line: string) => void): Promise<Figures> {
  const missing = missingRequirement([CHROMIUM]);
  if (missing !== undefined) throw new CannotRun(missing);
  const folder = await mkdtemp(join(tmpdir(), 'manis-bench-console-'));
  const options = { dataDir: join(folder, 'data'), portBase: PORT_BASE };
  let network: Network | undefined;
  try {
    const adminPasswordFile = join(folder, 'password');
    await writeFile(adminPasswordFile, PASSWORD);
    network = await startNetwork({ ...options, adminPasswordFile });
    await network.stop();
    await publishMany(join(options.dataDir, 'control'), APPLICATIONS);
    network = await startNetwork(options);
    say(`ready with ${APPLICATIONS} applications after ${network.startMs.toFixed(0)} ms`);
    const browser = await openChromium(await readFile(network.ready.caFile, 'utf8'), join(folder, 'profile'));
    try {
      return await measure(await browser.newPage(), network.ready.dashboard, say);
    } finally {
      await browser.close();
    }
  } finally {
    await network?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(page: Page, portal: string, say: (line: string) => void): Promise<Figures> {
  await page.addInitScript(WATCH_SCRIPT);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${portal}/console/sites`);
  await page.fill('#email', EMAIL);
  await page.fill('#password', PASSWORD);
  await page.press('#password', 'Enter');
  await page.getByRole('heading', { level: 1, name: 'Sites' }).waitFor();
  await page.waitForLoadState('networkidle').catch(() => undefined);

  const opened = await until(page, 'click', `${(APPLICATIONS + 1).toLocaleString('en')} applications`, () =>
    page.getByRole('link', { name: 'Applications', exact: true }).click(),
  );
  say(`the list after a click: ${opened.toFixed(0)} ms`);
  const searched = await searches(page);
  say(`a search: ${searched.map((ms) => ms.toFixed(0)).join(' ')} ms`);
  await page.getByLabel('Find an application').fill('');
  await page.getByText(`${(APPLICATIONS + 1).toLocaleString('en')} applications`).waitFor();
  const sorted = await sorts(page);
  say(`a click on a head: ${sorted.map((ms) => ms.toFixed(0)).join(' ')} ms`);
  const answers = (await page.evaluate('manisWatch.answers()')) as number[];
  const frames = await scrolls(page);
  const shown = { unit: 'ms', target: SHOWN_WITHIN_MS, better: 'less' } as const;
  return {
    listShown: figure(opened, { unit: 'ms', better: 'less' }),
    searchShownP50: figure(median(searched), shown),
    searchShownP95: figure(share(searched, 0.95), shown),
    sortShownP50: figure(median(sorted), shown),
    listAnswerP50: figure(median(answers), { unit: 'ms', better: 'less' }),
    scrollFrameP50: figure(median(frames), { unit: 'ms', better: 'less' }),
    scrollFrameP95: figure(share(frames, 0.95), { unit: 'ms', target: FRAME_WITHIN_MS, better: 'less' }),
    scrollFrameMost: figure(Math.max(...frames), { unit: 'ms', better: 'less' }),
  };
}

/** From the last key of a name, typed as people do, to the one row that it fits. */
async function searches(page: Page): Promise<number[]> {
  const all: number[] = [];
  const field = page.getByLabel('Find an application');
  for (let i = 0; i < REPETITIONS; i++) {
    const name = `Application ${String(1_235 + i * 390).padStart(5, '0')}`;
    await field.fill(name.slice(0, -1));
    await page.getByText(/^\d\d match$/).waitFor();
    await field.press('End');
    all.push(await until(page, 'keydown', name, () => page.keyboard.press(name.slice(-1))));
    await page.getByText('1 matches', { exact: true }).waitFor();
  }
  return all;
}

/** By name, forwards and backwards: the first row is the one or the other end. */
async function sorts(page: Page): Promise<number[]> {
  const all: number[] = [];
  const head = page.getByRole('columnheader', { name: 'Name' }).getByRole('button');
  for (let i = 0; i < REPETITIONS; i++) {
    const first = i % 2 === 0 ? 'Application 00000' : 'demo';
    all.push(await until(page, 'click', first, () => head.click()));
  }
  return all;
}

/** How long each frame took while rows went by and more were read. */
async function scrolls(page: Page): Promise<number[]> {
  await page.evaluate('scrollTo(0, 0)');
  return (await page.evaluate(`manisWatch.scroll(${SCROLLED_FRAMES}, ${FRAME_PX})`)) as number[];
}

/** From an event in the page to the frame in which a text is first in the list, or said of it. */
async function until(page: Page, event: string, text: string, act: () => Promise<void>): Promise<number> {
  await page.evaluate(`void (manisWatch.shown = manisWatch.until(${JSON.stringify(event)}, ${JSON.stringify(text)}))`);
  await act();
  return (await page.evaluate('manisWatch.shown')) as number;
}

function share(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
