/** How each page comes to be seen. */
import type { Page } from 'playwright-core';
import { FRAME_TEXTS } from '../../src/dashboard/texts/frame.ts';
import { errorPage } from '../../src/pop/pages/error-page.ts';
import { PROBLEM_TEXTS } from '../../src/pop/pages/problem-texts.ts';
import { PROBLEM_STATUS, type Problem } from '../../src/pop/problems.ts';
import type { Network } from '../e2e/network.ts';
import type { Shot } from './camera.ts';
import { EMAIL, type Places } from './lively.ts';
import { OPENINGS } from './openings.ts';
import { consolePages, fileNameOf, VISITS } from './pages.ts';

/** What is looked for on a page is there by then, or not at all. */
const THERE_MS = 5_000;

export async function chooseFirstPassword(
  page: Page,
  network: Network,
  setUp: string,
  password: string,
): Promise<void> {
  await page.goto(setUp);
  for (const input of await page.locator('input[type=password]').all()) await input.fill(password);
  await page.locator('form button[type=submit], form button:not([type])').first().click();
  await page.waitForURL(/\/(console|sign-in|security|$)/).catch(() => undefined);
  await page.goto(`${network.ready.dashboard}/console/`);
  if (!/sign-in/.test(page.url())) return;
  await page.fill('#email', EMAIL);
  await page.fill('#password', password);
  await page.press('#password', 'Enter');
  await page.waitForURL('**/console/**');
}

/** Every page, and after it what can be opened on it. */
export async function consoleShots(network: Network, warn: (text: string) => void): Promise<Shot[]> {
  const shots: Shot[] = [];
  for (const { path, noun } of consolePages()) {
    const addressOf = async (of?: string, search = ''): Promise<string | undefined> => {
      const id = noun === undefined ? undefined : await oneOf(network, noun, of);
      if (noun === undefined || id !== undefined)
        return `${network.ready.dashboard}/console${path.replace(/\$\w+/, id ?? '')}${search}`;
      warn(`${path}: there is nothing in /${noun} to show`);
      return undefined;
    };
    const address = await addressOf();
    if (address !== undefined)
      shots.push({ group: 'console', name: fileNameOf(path), show: (page) => goTo(page, address) });
    for (const { name, search, click, of } of OPENINGS.filter((one) => one.path === path)) {
      const opened = await addressOf(of, search);
      if (opened === undefined) continue;
      const show = async (page: Page) => {
        await goTo(page, opened);
        for (const button of click ?? []) await press(page, button);
      };
      shots.push({ group: 'console', name: `${fileNameOf(path)}--${name}`, show });
    }
  }
  return shots;
}

async function goTo(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page
    .getByRole('heading', { level: 1 })
    .waitFor({ timeout: THERE_MS })
    .catch(() => undefined);
}

async function press(page: Page, name: string | RegExp): Promise<void> {
  const main = page.locator('#page');
  const button = main.getByRole('button', { name, exact: typeof name === 'string' });
  // Part of a text is meant where it is no whole name.
  const others = main.locator('summary, label').filter({ hasText: name });
  await (typeof name === 'string' ? button : button.or(others)).first().click({ timeout: THERE_MS });
}

/** What somebody sees who has just chosen a password. */
export function newcomerShots(network: Network): Shot[] {
  return ['start', 'overview', 'applications', 'requests', 'notices', 'domains', 'providers', 'credentials'].map(
    (name) => ({
      ...{ group: 'newcomer', name },
      show: (page) => goTo(page, `${network.ready.dashboard}/console/${name === 'overview' ? '' : name}`),
    }),
  );
}

/** What stands around every page: the drawer of a phone, and the menu of the account. */
export function frameShots(network: Network): Shot[] {
  const at = `${network.ready.dashboard}/console/sites`;
  return [
    {
      ...{ group: 'console', name: 'frame--account' },
      show: async (page) => {
        await goTo(page, at);
        await page.getByRole('button', { name: new RegExp(FRAME_TEXTS.account) }).click();
      },
    },
    {
      ...{ group: 'console', name: 'frame--drawer', isPhone: true },
      show: async (page) => {
        await goTo(page, at);
        await page.getByRole('button', { name: FRAME_TEXTS.openNavigation }).click();
      },
    },
    {
      ...{ group: 'console', name: 'frame--palette' },
      show: async (page) => {
        await goTo(page, at);
        await page.keyboard.press('Control+K');
        await page.getByRole('combobox').fill('re');
      },
    },
    {
      group: 'console',
      name: 'frame--not-found',
      show: (page) => goTo(page, `${network.ready.dashboard}/console/nowhere`),
    },
  ];
}

/** The one of that name, or the first with something to tell. */
async function oneOf(network: Network, noun: string, name?: string): Promise<string | undefined> {
  const query = noun === 'requests' && name !== undefined ? '?captured=true' : '';
  const { status, body } = await network.api('GET', `/${noun}${query}`);
  const items = status === 200 ? (body as { items?: { id?: string; name?: string }[] }).items : undefined;
  const wanted = name === undefined ? ['Grafana', 'engineering', 'night-shift', 'Operations channel'] : [name];
  return (items?.find((item) => wanted.includes(item.name ?? '')) ?? items?.[0])?.id;
}

export function visitShots(places: Places, as: 'admin' | 'stranger'): Shot[] {
  return VISITS.filter((visit) => visit.as === as && visit.name !== 'set-up').map(({ name, url, fill }) => ({
    group: 'portal',
    name,
    show: async (page) => {
      await page.goto(url.replace(/\{(\w+)\}/, (_, place: string) => places[place] ?? ''));
      for (const [field, value] of Object.entries(fill ?? {})) await page.fill(field, value);
      if (fill) await page.press(Object.keys(fill).at(-1) ?? '', 'Enter');
    },
  }));
}

export function problemShots(): Shot[] {
  return Object.entries(PROBLEM_TEXTS).map(([problem, { title, advice }]) => {
    const status = PROBLEM_STATUS[problem as Problem];
    const known = { organisation: 'Acme', host: 'wiki.example.com', requestId: 'req_01m8b3c49x' };
    const text = errorPage({ ...known, status, title, advice, reason: problem, actions: [] });
    return { group: 'problems', name: problem, show: (page) => page.setContent(text) };
  });
}
