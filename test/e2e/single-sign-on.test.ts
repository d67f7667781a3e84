// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** heavy: single sign-on in a browser, against a real OpenID provider. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { requireTools } from '../interop/requirements.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { RealProvider } from './identity-provider.ts';
import { freePortBase, manis, Network, remove, temporaryFolder, untilLive } from './network.ts';
import { Visitor } from './visitor.ts';

describe('single sign-on', { timeout: 300_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  let network: Network;
  let provider: RealProvider;
  let browser: BrowserContext;
  let page: Page;
  let demo = '';

  before(async (context) => {
    if (!requireTools(context as never, [CHROMIUM])) return;
    network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir]);
    demo = network.ready.apps[0]?.url ?? '';
    provider = await RealProvider.start(network.ca);
    const secretFile = join(folder, 'secret');
    writeFileSync(secretFile, `${provider.clientSecret}\n`);
    manis(dataDir, 'role', 'add', 'engineering');
    const added = manis(
      ...[dataDir, 'provider', 'add', 'generic', '--name', 'work', '--label', 'Northwind', '--issuer', provider.issuer],
      ...['--client-id', provider.clientId, '--client-secret-file', secretFile, '--allow-private', 'true'],
      ...['--scope', 'openid', '--scope', 'profile', '--scope', 'email', '--scope', 'groups'],
      ...['--roles', 'groups', '--sign-out', 'true', '--json'],
    );
    assert.ok(!added.includes(provider.clientSecret));
    await provider.serve(JSON.parse(added));
    browser = await openChromium(network.ca, join(folder, 'profile'));
    page = await browser.newPage();
    page.setDefaultTimeout(30_000);
  });
  after(async () => {
    await browser?.close();
    await provider?.stop();
    await network?.stop();
    remove(folder);
  });

  const alert = () => page.getByRole('alert').textContent();

  /** From the application to the provider's own page. */
  async function toProvider(): Promise<void> {
    await page.goto(demo);
    await page.getByRole('link', { name: 'Continue with Northwind' }).click();
    await page.waitForURL(`${provider.issuer}/**`);
  }

  async function signIn(name: string): Promise<void> {
    await toProvider();
    await page.fill('input[name=login]', name);
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL((url) => url.origin !== provider.issuer);
  }

  /** Forgets who is signed in, here and at the provider. */
  const afresh = () => browser.clearCookies();

  test('a person comes in through the provider and is known by name, with the role that the mapping gives', async () => {
    provider.groups = ['engineering', 'unheard-of'];
    await signIn('ann');
    await page.waitForURL(`${demo}/`);
    assert.equal(await page.locator('#name').textContent(), 'ann');
    const assertion = JSON.parse((await page.locator('#assertion').textContent()) ?? '');
    assert.deepEqual([assertion.email, assertion.roles ?? assertion.groups], ['ann@example.com', ['engineering']]);
    assert.doesNotMatch((await page.locator('#headers').textContent()) ?? '', /__Host-manis/i);
  });

  test('consent denied is said calmly, and signs nobody in', async () => {
    await afresh();
    await toProvider();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.waitForURL(`${network.ready.dashboard}/**`);
    assert.match((await alert()) ?? '', /did not let you in, or you did not agree/);
  });

  const hour = () => Math.floor(Date.now() / 1000) - 3_600;
  const tampered: [what: string, claims: () => Record<string, unknown>][] = [
    ['of another issuer', () => ({ iss: 'https://evil.example' })],
    ['for another audience', () => ({ aud: 'somebody-else' })],
    ['with another nonce', () => ({ nonce: 'replayed' })],
    ['that has expired', () => ({ iat: hour(), exp: hour() + 60 })],
  ];
  for (const [what, claims] of tampered)
    test(`a token ${what} is refused`, async () => {
      await afresh();
      provider.tampered = claims();
      await signIn('ann');
      assert.match((await alert()) ?? '', /cannot be trusted/);
      provider.tampered = undefined;
    });

  test('clocks may be apart a little', async () => {
    await afresh();
    const now = Math.floor(Date.now() / 1000);
    provider.tampered = { iat: now + 30, nbf: now + 30 };
    await signIn('ann');
    await page.waitForURL(`${demo}/`);
    provider.tampered = undefined;
  });

  test('a state that was used, or was made for another browser, is refused', async () => {
    await afresh();
    const callbacks: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/sign-in/provider/work/callback')) callbacks.push(request.url());
    });
    await signIn('ann');
    const [used] = callbacks;
    assert.ok(used);
    await page.goto(used);
    assert.match((await alert()) ?? '', /begun somewhere else/);
  });

  test('the provider changes its keys, and nobody has to do anything', async () => {
    await provider.rotateKeys();
    const deadline = Date.now() + 30_000;
    for (;;) {
      await afresh();
      await signIn('ann');
      if (page.url() === `${demo}/`) break;
      assert.ok(Date.now() < deadline, 'the new keys were not taken up');
    }
  });

  test('a sign-out at the provider ends the session on every PoP', async () => {
    await page.goto(demo);
    const cookies = await browser.cookies(demo);
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    for (const { https } of network.ready.pops) {
      const before = await new Visitor({ ca: network.ca, via: https }).ask(new URL(demo), undefined, { cookie });
      assert.equal(before.status, 200, `the session does not live at ${https} to begin with`);
    }
    // The provider's own sign-out page; the portal is told in the back, and nobody sees it.
    await page.goto(`${provider.issuer}/session/end`);
    await page.getByRole('button', { name: /yes/i }).click();
    await page.waitForURL(`${provider.issuer}/**`);
    for (const { https } of network.ready.pops) {
      const visitor = new Visitor({ ca: network.ca, via: https });
      const deadline = Date.now() + 20_000;
      for (;;) {
        const { status } = await visitor.ask(new URL(demo), undefined, { cookie });
        if (status === 302) break;
        assert.ok(Date.now() < deadline, `the session lives at ${https} (${status})`);
      }
    }
  });

  test('a known device proves itself on the way over the provider', async () => {
    const policy = (when: object): void => {
      const file = join(folder, 'policy.json');
      const then = { kind: 'authenticate', anyOf: 'signed-in' };
      writeFileSync(file, JSON.stringify({ rules: [{ id: 'r', name: 'R', when, then }] }));
      manis(dataDir, 'resource', 'update', 'demo', '--policy', file);
      untilLive(dataDir);
    };
    await afresh();
    await signIn('ann');
    await page.waitForURL(`${demo}/`);
    policy({ knownDevice: 'known' });
    await page.goto(demo);
    assert.equal(await page.locator('#name').count(), 0, 'this browser is not known yet');
    await page.goto(`${network.ready.dashboard}/security`);
    await page.fill('#device-name', 'Desk');
    await page.getByRole('button', { name: 'Register this browser' }).click();
    await page.locator('.lines b', { hasText: 'Desk' }).waitFor();
    untilLive(dataDir);
    await afresh();
    await page.goto(demo);
    await page.waitForFunction('document.cookie.includes("__Host-manis_device")');
    await signIn('ann');
    await page.waitForURL(`${demo}/`);
    assert.equal(await page.locator('#name').textContent(), 'ann');
    policy({ all: [] });
  });

  test('signing out leads to the provider and back', async () => {
    await afresh();
    await signIn('ann');
    await page.waitForURL(`${demo}/`);
    await page.goto(network.ready.dashboard);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${provider.issuer}/session/end**`);
    await page.getByRole('button', { name: /yes/i }).click();
    await page.waitForURL(`${network.ready.dashboard}/signed-out**`);
    assert.equal(await page.locator('h1').textContent(), 'You are signed out');
  });

  test('a provider that is down is said to be', async () => {
    await afresh();
    provider.isDown = true;
    await signIn('ann');
    assert.match((await alert()) ?? '', /cannot be reached/);
    provider.isDown = false;
  });

  test('with control stopped, who is known still signs in', async () => {
    await afresh();
    const { pid } = network.ready.control;
    process.kill(pid, 'SIGSTOP');
    try {
      page.setDefaultTimeout(90_000);
      await signIn('ann');
      await page.waitForURL(`${demo}/`);
      assert.equal(await page.locator('#name').textContent(), 'ann');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
