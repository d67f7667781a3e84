/** How tests of the console begin: a network of their own, and a browser in it that is listened to for errors. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { requireTools } from '../interop/requirements.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { freePortBase, Network, remove, temporaryFolder } from './network.ts';

export const ADMIN = 'admin@manis.localhost';
export const PASSWORD = 'seven quiet otters at noon';
const PATIENCE_MS = 20_000;

export interface VisitOptions {
  /** Where the administrator is led to sign in, and is after that. Left out: nobody signs in. */
  readonly path?: string;
  /** Nobody has chosen a password yet. */
  readonly isNew?: boolean;
  /** Of what Chromium reports as an error: what is refused or cut on purpose. */
  readonly expected?: RegExp;
}

export interface Visit {
  readonly folder: string;
  readonly dataDir: string;
  readonly portBase: number;
  readonly network: Network;
  readonly browser: BrowserContext;
  readonly page: Page;
  /** What went wrong in the browser, filled as it happens. */
  readonly faults: readonly string[];
  /** The address of a page of the console. */
  at(path: string): string;
  close(): Promise<void>;
}

/** Undefined where there is no browser: then the test is skipped. */
export async function visitConsole(context: unknown, options: VisitOptions = {}): Promise<Visit | undefined> {
  if (!requireTools(context as never, [CHROMIUM])) return undefined;
  const { path, expected, isNew = false } = options;
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const portBase = await freePortBase();
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  const places = ['--port-base', String(portBase), '--data-dir', dataDir];
  const network = await Network.start([...places, ...(isNew ? [] : ['--admin-password-file', passwordFile])]);
  const browser = await openChromium(network.ca, join(folder, 'profile'));
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  const at = (place: string) => `${network.ready.dashboard}/console${place}`;
  const close = async () => {
    await browser.close();
    await network.stop();
    remove(folder);
  };
  listen(page, faults, expected);
  if (path !== undefined) {
    await page.goto(at(path));
    await signIn(page, ADMIN);
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor({ state: 'hidden' });
  }
  return { folder, dataDir, portBase, network, browser, page, faults, at, close };
}

/** On the page that asks for it. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.fill('#email', email);
  await page.fill('#password', PASSWORD);
  await page.press('#password', 'Enter');
}

function listen(page: Page, faults: string[], expected: RegExp | undefined): void {
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // That nobody has signed in yet is told by a 401. What ends with a session or a PoP is cut, and so is everything when
    // an interface of the machine comes or goes, as tests beside this make them.
    if (message.type() !== 'error' || /status of 401|ERR_NETWORK_CHANGED/.test(message.text())) return;
    if (!expected?.test(message.text())) faults.push(`${message.text()} ${message.location().url}`);
  });
}

/** Keeps changes of a path of the API on their way until they are let go: meanwhile a page shows what it hopes for. */
export async function hold(page: Page, path: string): Promise<() => Promise<void>> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const pattern = `**/api/v1${path}`;
  await page.route(pattern, async (route) => {
    if (route.request().method() !== 'GET') await promise;
    await route.fallback();
  });
  return async () => {
    resolve();
    await page.unroute(pattern);
  };
}
