/**
 * A browser that has the addresses of two PoPs in its cache, from the PoPs' own DNS, and a connection to one of them, when
 * that PoP goes silent: how long until the page loads again. The person presses "reload" when nothing has come for a
 * while, as people do.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { CHROMIUM, openChromium } from '../../test/e2e/chromium.ts';
import type { World } from '../../test/netlab/world.ts';

export const BROWSER_REQUIREMENTS = [CHROMIUM] as const;

const PATIENCE_MS = 2_000;
const GIVEN_UP_MS = 60_000;

/** Milliseconds until the page was there again, one for each repetition. */
export async function browserRecovers(world: World, repetitions: number): Promise<number[]> {
  const results: number[] = [];
  for (let i = 0; i < repetitions; i++) results.push(await once(world));
  return results;
}

async function once(world: World): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'manis-chromium-'));
  const url = new URL('/item?id=1', world.network.appOrigin);
  const people = world.peopleHost;
  people.askNameServers(world.pops.map(({ address }) => address));
  const script = join(folder, 'chromium');
  writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${people.namespace} ${CHROMIUM} "$@"\n`);
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
