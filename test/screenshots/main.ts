/**
 * `npm run screenshots`: every page of the console, of the portal, of signing in and of errors, light and dark, on a desk and
 * on a phone, of a network with something in it. Into `.manis-screenshots`, with `index.html` beside them. Takes
 * `--only console/overview,portal/sign-in`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { errorPage } from '../../src/pop/pages/error-page.ts';
import { PROBLEM_TEXTS } from '../../src/pop/pages/problem-texts.ts';
import { PROBLEM_STATUS, type Problem } from '../../src/pop/problems.ts';
import { openChromium } from '../e2e/chromium.ts';
import { freePortBase, Network } from '../e2e/network.ts';
import { EMAIL, makeLively, makeTraffic, PASSWORD, type Places } from './lively.ts';
import { consolePages, fileNameOf, VISITS } from './pages.ts';

const OUT = join(import.meta.dirname, '..', '..', '.manis-screenshots');
const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = { desk: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } } as const;
/** For what moves into place after a page is there. */
const SETTLE_MS = 150;
/** Some pages never rest: they listen for what happens. */
const IDLE_MS = 3_000;

interface Shot {
  readonly group: string;
  readonly name: string;
  readonly show: (page: Page) => Promise<unknown>;
}

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const only = values.only?.split(',') ?? [];
const folder = mkdtempSync(join(tmpdir(), 'manis-screenshots-'));
const said: string[] = [];
const warn = (text: string): void => {
  said.push(text);
  process.stderr.write(`${text}\n`);
};

const dataDir = join(folder, 'data');
const network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir]);
try {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  await shootAll();
} finally {
  await network.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function shootAll(): Promise<void> {
  const taken: string[] = [];
  const admin = await openChromium(network.ca, join(folder, 'admin'));
  const stranger = await openChromium(network.ca, join(folder, 'stranger'));
  const [ours, theirs] = [await admin.newPage(), await stranger.newPage()];
  ours.on('pageerror', (error) => warn(`the page failed: ${String(error).slice(0, 300)}`));
  const setUp = network.ready.admin.setupUrl ?? '';
  await take(theirs, [{ group: 'portal', name: 'set-up', show: (page) => page.goto(setUp) }], taken);
  await chooseFirstPassword(ours, setUp);
  const places = await makeLively(network, warn);
  await makeTraffic(network, dataDir);
  await take(ours, [...(await consoleShots()), ...visitShots(places, 'admin')], taken);
  await take(theirs, [...visitShots(places, 'stranger'), ...problemShots()], taken);
  await Promise.all([admin.close(), stranger.close()]);
  writeFileSync(join(OUT, 'index.html'), contactSheet(taken));
  console.log(`${taken.length} pictures: ${join(OUT, 'index.html')}`);
}

async function chooseFirstPassword(page: Page, setUp: string): Promise<void> {
  await page.goto(setUp);
  for (const input of await page.locator('input[type=password]').all()) await input.fill(PASSWORD);
  await page.locator('form button[type=submit], form button:not([type])').first().click();
  await page.waitForURL(/\/(console|sign-in|security|$)/).catch(() => undefined);
  await page.goto(`${network.ready.dashboard}/console/`);
  if (!/sign-in/.test(page.url())) return;
  await page.fill('#email', EMAIL);
  await page.fill('#password', PASSWORD);
  await page.press('#password', 'Enter');
  await page.waitForURL('**/console/**');
}

async function consoleShots(): Promise<Shot[]> {
  const shots: Shot[] = [];
  for (const { path, noun } of consolePages()) {
    const id = noun === undefined ? undefined : await firstOf(noun);
    if (noun !== undefined && id === undefined) {
      warn(`${path}: there is nothing in /${noun} to show`);
      continue;
    }
    const address = `${network.ready.dashboard}/console${path.replace(/\$\w+/, id ?? '')}`;
    shots.push({ group: 'console', name: fileNameOf(path), show: (page) => page.goto(address) });
  }
  return shots;
}

/** The first thing of a list with something to tell. */
async function firstOf(noun: string): Promise<string | undefined> {
  const { status, body } = await network.api('GET', `/${noun}`);
  const items = status === 200 ? (body as { items?: { id?: string; name?: string }[] }).items : undefined;
  return (items?.find(({ name }) => name === 'Grafana' || name === 'engineering') ?? items?.[0])?.id;
}

function visitShots(places: Places, as: 'admin' | 'stranger'): Shot[] {
  return VISITS.filter((visit) => visit.as === as && visit.name !== 'set-up').map(({ name, url }) => ({
    group: 'portal',
    name,
    show: (page) => page.goto(url.replace(/\{(\w+)\}/, (_, place: string) => places[place] ?? '')),
  }));
}

function problemShots(): Shot[] {
  return Object.entries(PROBLEM_TEXTS).map(([problem, { title, advice }]) => {
    const status = PROBLEM_STATUS[problem as Problem];
    const known = { organisation: 'Acme', host: 'wiki.example.com', requestId: 'req_01m8b3c49x' };
    const text = errorPage({ ...known, status, title, advice, reason: problem, actions: [] });
    return { group: 'problems', name: problem, show: (page) => page.setContent(text) };
  });
}

async function take(page: Page, shots: readonly Shot[], taken: string[]): Promise<void> {
  for (const { group, name, show } of shots) {
    if (only.length > 0 && !only.includes(`${group}/${name}`)) continue;
    // Loaded once: pages follow the window and the scheme by themselves.
    await page.setViewportSize(WIDTHS.desk);
    const isShown = await show(page).then(
      () => true,
      (error: Error) => warn(`${group}/${name}: ${error.message.split('\n')[0]}`),
    );
    if (!isShown) continue;
    await page.waitForLoadState('networkidle', { timeout: IDLE_MS }).catch(() => undefined);
    for (const [width, size] of Object.entries(WIDTHS))
      for (const colorScheme of SCHEMES) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.waitForTimeout(SETTLE_MS);
        const file = `${group}-${name}-${width}-${colorScheme}.png`;
        await page.screenshot({ path: join(OUT, file), fullPage: group !== 'console' || width === 'phone' });
        taken.push(file);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (Number(overflow) > 0) warn(`${file}: ${overflow} px wider than the window`);
      }
  }
}

function contactSheet(taken: readonly string[]): string {
  const figures = taken.map(
    (file) =>
      `<figure><a href="${file}"><img loading="lazy" src="${file}" alt="${file}"></a><figcaption>${file.replace('.png', '')}</figcaption></figure>`,
  );
  const notes = said.map((text) => `<li>${text.replaceAll('<', '&lt;')}</li>`);
  return `<!doctype html><meta charset="utf-8"><title>Manis, every page</title><style>
    body { font: 14px system-ui; margin: 24px; background: #8884 } main { display: grid; gap: 20px; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)) }
    figure { margin: 0 } img { width: 100%; max-height: 420px; object-fit: cover; object-position: top; border: 1px solid #8888; border-radius: 6px } figcaption { padding: 4px 0 }
  </style><h1>${taken.length} pictures</h1><ul>${notes.join('')}</ul><main>${figures.join('\n')}</main>`;
}
