/**
 * A browser that has the addresses of two PoPs in its cache, from the PoPs' own DNS, and a connection to one of them, when
 * that PoP goes silent: how long until the page loads again. The person presses "reload" when nothing has come for a
 * while, as people do. A new connection tries the second address after 0.3 s; what takes time is Chromium's belief in those
 * that it has. Over HTTP/1.1 each reload that is given up closes one of them; over HTTP/2 all go over the same one, until
 * nothing was read for 30 s and a ping was not answered for 10 s more (its network log says "Failed ping").
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { CHROMIUM, openChromium } from '../../test/e2e/chromium.ts';
import type { World } from '../../test/netlab/world.ts';

export const BROWSER_REQUIREMENTS = [CHROMIUM, 'dig'] as const;

const FLAGS: Readonly<Record<HttpVersion, string>> = { 'http/1.1': '--disable-http2', h2: '' };
const NAMED_WITHIN_MS = 60_000;
const LOOK_MS = 250;
const PATIENCE_MS = 2_000;
const GIVEN_UP_MS = 60_000;

export type HttpVersion = 'http/1.1' | 'h2';

/** Milliseconds until the page was there again, one for each repetition. */
export async function browserRecovers(world: World, version: HttpVersion, repetitions: number): Promise<number[]> {
  const results: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    await bothAreNamed(world);
    results.push(await once(world, version));
  }
  return results;
}

/** Until every PoP answers with the addresses of all: one that was cut off is left out for a while. */
async function bothAreNamed(world: World): Promise<void> {
  const { hostname } = new URL(world.network.appOrigin);
  const addresses = world.pops.map(({ address }) => address);
  const isNamed = (): boolean =>
    addresses.every((server) => {
      const answer = world.peopleHost
        .execute('dig', `@${server}`, '+short', '+time=1', '+tries=3', hostname)
        .split('\n');
      return addresses.every((address) => answer.includes(address));
    });
  for (let waitedMs = 0; waitedMs < NAMED_WITHIN_MS && !isNamed(); waitedMs += LOOK_MS) await sleep(LOOK_MS);
}

async function once(world: World, version: HttpVersion): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'manis-chromium-'));
  const url = new URL('/item?id=1', world.network.appOrigin);
  const people = world.peopleHost;
  people.askNameServers(world.pops.map(({ address }) => address));
  const script = join(folder, 'chromium');
  writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${people.namespace} ${CHROMIUM} ${FLAGS[version]} "$@"\n`);
  chmodSync(script, 0o755);
  const browser = await openChromium(world.network.ca, join(folder, 'profile'), script);
  try {
    await browser.addCookies(cookiesOf(await world.network.cookie(people), url));
    const page = await browser.newPage();
    const before = await page.goto(url.href);
    if (before?.status() !== 200) throw new Error(`the page answered ${before?.status()}`);
    const { ipAddress } = (await before.serverAddr()) ?? {};
    const used = world.pops.find(({ address }) => address === ipAddress);
    if (!used) throw new Error(`Chromium used ${ipAddress}, which is no PoP`);
    const cut = world.internet.cut(used.line);
    try {
      return await untilLoaded(page, url);
    } finally {
      cut.heal();
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilLoaded(page: Page, url: URL): Promise<number> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < GIVEN_UP_MS) {
    const response = await page.goto(url.href, { timeout: PATIENCE_MS }).catch(() => undefined);
    if (response?.status() === 200) break;
  }
  return performance.now() - startedMs;
}

function cookiesOf(field: string, url: URL) {
  return field.split('; ').map((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    return { name, value, url: url.origin, secure: true };
  });
}
