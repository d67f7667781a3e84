// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** heavy: second factors as people meet them: Chromium with a virtual authenticator, a network as people start it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { totpCodeAt } from '../../src/io/factors/totp.ts';
import { requireTools } from '../interop/requirements.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { freePortBase, manis, Network, remove, temporaryFolder, untilLive } from './network.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'owner@example.com';
const DAY_MS = 86_400_000;

describe('a person with second factors', { timeout: 240_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  let network: Network;
  let browser: BrowserContext;
  let page: Page;
  let keys: CDPSession;
  let portal = '';
  let demo = '';
  let secret = '';
  let codes: string[] = [];

  before(async (context) => {
    if (!requireTools(context as never, [CHROMIUM])) return;
    writeFileSync(join(folder, 'password'), PASSWORD, { mode: 0o600 });
    const flags = ['--admin-email', EMAIL, '--admin-password-file', join(folder, 'password')];
    network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir, ...flags]);
    portal = network.ready.dashboard;
    demo = network.ready.apps[0]?.url ?? '';
    browser = await openChromium(network.ca, join(folder, 'profile'));
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    keys = await browser.newCDPSession(page);
    await keys.send('WebAuthn.enable');
  });
  after(async () => {
    await browser?.close();
    await network?.stop();
    remove(folder);
  });

  const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor();
  const button = (name: string) => page.getByRole('button', { name, exact: true }).click();

  async function password(): Promise<void> {
    await page.goto(`${portal}/sign-in`);
    await page.fill('#email', EMAIL);
    await page.fill('#password', PASSWORD);
    await button('Sign in');
  }

  async function signOut(): Promise<void> {
    await page.goto(portal);
    await button('Sign out');
    await heading('You are signed out');
  }

  /** Chromium's own virtual authenticator. While there is one that is present, it answers at once. */
  async function plugIn(): Promise<string> {
    const { authenticatorId } = await keys.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
        ...{ isUserVerified: true, automaticPresenceSimulation: false },
      },
    });
    return authenticatorId;
  }
  const presence = (authenticatorId: string, enabled: boolean) =>
    keys.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  let key = '';

  /** By the button, unless the browser's own list under the email address was quicker: an authenticator that is there answers. */
  async function passkey(url: string, timeout = 20_000): Promise<void> {
    await presence(key, true);
    const clicked = page.getByRole('button', { name: 'Sign in with a passkey' }).click({ timeout: 3000 });
    await Promise.all([page.waitForURL(url, { timeout }), clicked.catch(() => undefined)]);
    await presence(key, false);
  }

  function policy(then: object): void {
    const file = join(folder, 'policy.json');
    const rule = { id: 'r', name: 'R', enabled: true, when: { all: [] }, then: { kind: 'authenticate', ...then } };
    writeFileSync(file, JSON.stringify({ rules: [rule] }));
    manis(dataDir, 'resource', 'update', 'demo', '--policy', file);
    untilLive(dataDir);
  }

  test('sets up an authenticator app by the QR code, and gets recovery codes once', async () => {
    await password();
    await heading('Applications');
    await page.getByRole('link', { name: 'My security' }).click();
    await heading('My security');
    await page.getByRole('link', { name: 'Add an authenticator app' }).click();
    await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    secret = ((await page.locator('#secret').textContent()) ?? '').replaceAll(' ', '');
    await page.fill('#code', '000000');
    await button('Confirm');
    await page.getByRole('alert').waitFor();
    assert.equal(((await page.locator('#secret').textContent()) ?? '').replaceAll(' ', ''), secret, 'the same code');
    await page.fill('#code', totpCodeAt(secret, Date.now()));
    await page.fill('#name', 'Phone');
    await button('Confirm');
    await heading('Keep these recovery codes');
    codes = await page.locator('.codes code').allTextContents();
    assert.equal(codes.length, 10);
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await heading('My security');
    await page.getByText('10 of 10 are left.').waitFor();
    await page.reload();
    assert.doesNotMatch(await page.content(), new RegExp(codes[0] ?? 'x'));
  });

  test('signs in with the next code, which is good once', async () => {
    await signOut();
    await page.goto(demo);
    await page.fill('#email', EMAIL);
    await page.fill('#password', PASSWORD);
    await button('Sign in');
    await heading('Confirm it is you');
    // The code of the next half minute is taken already, for clocks that are fast.
    const code = totpCodeAt(secret, Date.now() + 30_000);
    await page.fill('#code', code);
    await page
      .locator('form', { has: page.locator('#code') })
      .getByRole('button')
      .click();
    await page.waitForURL(`${demo}/`);
    await signOut();
    await password();
    await page.fill('#code', code);
    await page
      .locator('form', { has: page.locator('#code') })
      .getByRole('button')
      .click();
    await page.getByRole('alert').waitFor();
  });

  test('signs in with a recovery code, once', async () => {
    const use = async (): Promise<void> => {
      await page.getByText('Use a recovery code').click();
      await page.fill('#recovery', codes[0] ?? '');
      await page
        .locator('form', { has: page.locator('#recovery') })
        .getByRole('button')
        .click();
    };
    await use();
    await heading('Applications');
    await signOut();
    await password();
    await use();
    await page.getByRole('alert').waitFor();
  });

  test('adds a passkey, and signs in with it alone', async () => {
    await page.getByText('Use a recovery code').click();
    await page.fill('#recovery', codes[1] ?? '');
    await page
      .locator('form', { has: page.locator('#recovery') })
      .getByRole('button')
      .click();
    await heading('Applications');
    key = await plugIn();
    await page.goto(`${portal}/security`);
    await page.fill('#passkey-name', 'Laptop');
    await presence(key, true);
    await button('Add a passkey');
    await page.locator('.lines b', { hasText: 'Laptop' }).waitFor();
    await presence(key, false);
    await signOut();
    await page.goto(demo);
    await passkey(`${demo}/`);
    await page.goto(`${portal}/security`);
    await page
      .getByText(/last used \d{4}/)
      .first()
      .waitFor();
  });

  test('uses the passkey as second factor, and has the browser remembered', async () => {
    await signOut();
    await password();
    await heading('Confirm it is you');
    await presence(key, true);
    await page.locator('#remember-passkey').check();
    await button('Use a passkey');
    await heading('Applications');
    await presence(key, false);
    await signOut();
    await password();
    await heading('Applications');
  });

  test('is asked for just the factor where a rule wants one; the remembered browser does not count', async () => {
    policy({ anyOf: 'signed-in', mfa: true });
    await page.goto(demo);
    await heading('Confirm it is you');
    assert.match(page.url(), /\/second-step\?why=mfa/);
    assert.equal(await page.locator('#password').count(), 0);
    await presence(key, true);
    await button('Use a passkey');
    await page.waitForURL(`${demo}/`);
    await presence(key, false);
  });

  test('is asked again when the proof is too old, without signing in anew', async () => {
    policy({ anyOf: 'signed-in', maximumSessionAgeMs: 1 });
    await page.goto(demo);
    await heading('Confirm it is you');
    assert.match(page.url(), /\/second-step\?why=age/);
    await page.locator('#password').waitFor();
    policy({ anyOf: 'signed-in', maximumSessionAgeMs: DAY_MS });
    await page.fill('#password', PASSWORD);
    await page
      .locator('form', { has: page.locator('#password') })
      .getByRole('button')
      .click();
    await page.waitForURL(`${demo}/`);
  });

  test('registers the browser as a known device, which an administrator approves', async () => {
    await page.goto(`${portal}/security`);
    await page.fill('#device-name', 'Desk');
    await button('Register this browser');
    if ((await page.locator('h1').textContent()) === 'Confirm it is you') {
      await presence(key, true);
      await button('Use a passkey');
      await heading('My security');
      await presence(key, false);
      await page.fill('#device-name', 'Desk');
      await button('Register this browser');
    }
    await page.locator('.lines b', { hasText: 'Desk' }).waitFor();
    await page.locator('em', { hasText: 'this browser' }).first().waitFor();
    policy({ anyOf: 'signed-in' });
    const file = join(folder, 'device.json');
    const when = { knownDevice: 'approved' };
    const rule = { id: 'd', name: 'D', enabled: true, when, then: { kind: 'authenticate', anyOf: 'signed-in' } };
    writeFileSync(file, JSON.stringify({ rules: [rule] }));
    manis(dataDir, 'known-device', 'approve', 'Desk');
    manis(dataDir, 'resource', 'update', 'demo', '--policy', file);
    untilLive(dataDir);
    await signOut();
    await page.goto(demo);
    await page.fill('#email', EMAIL);
    await page.fill('#password', PASSWORD);
    await button('Sign in');
    await page.waitForURL(`${demo}/`);
    manis(dataDir, 'known-device', 'disapprove', 'Desk');
    untilLive(dataDir);
    await page.goto(demo);
    assert.equal(await page.locator('#name').count(), 0);
    policy({ anyOf: 'signed-in' });
  });

  test('signs in with the passkey while control is stopped', async () => {
    await signOut();
    process.kill(network.ready.control.pid, 'SIGSTOP');
    try {
      await page.goto(demo);
      await passkey(`${demo}/`, 60_000);
      assert.match(await page.content(), new RegExp(EMAIL));
    } finally {
      process.kill(network.ready.control.pid, 'SIGCONT');
    }
  });

  test('an administrator takes the factors away; where one is required a new one is set up at the next sign-in', async () => {
    manis(dataDir, 'user', 'reset-mfa', EMAIL);
    manis(dataDir, 'mfa', 'update', '--required', 'true');
    await password();
    await heading('Add a second factor');
    await presence(key, true);
    await button('Add a passkey');
    await heading('Keep these recovery codes');
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await heading('Applications');
  });
});
