/** heavy: what a person sees. Chromium against a network that was started as people start it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { requireTools } from '../interop/requirements.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { freePortBase, Network, remove, temporaryFolder } from './network.ts';
import { Visitor } from './visitor.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'admin@manis.localhost';

describe('a person with a browser', { timeout: 180_000 }, () => {
  const folder = temporaryFolder();
  let network: Network;
  let browser: BrowserContext;
  let page: Page;
  let demo = '';

  before(async (context) => {
    if (!requireTools(context as never, [CHROMIUM])) return;
    network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', join(folder, 'data')]);
    demo = network.ready.apps[0]?.url ?? '';
    browser = await openChromium(network.ca, join(folder, 'profile'));
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
  });
  after(async () => {
    await browser?.close();
    await network?.stop();
    remove(folder);
  });

  async function signOut(): Promise<void> {
    await page.goto(network.ready.dashboard);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  }

  test('is asked to sign in and sees nothing of the application before', async () => {
    await page.goto(demo);
    assert.equal(new URL(page.url()).origin, network.ready.dashboard);
    assert.equal(await page.locator('h1').textContent(), 'Sign in');
    assert.doesNotMatch(await page.content(), /Hello,/);
  });

  test('chooses a password by the link of the first start, once, and is signed in', async () => {
    const { setupUrl } = network.ready.admin;
    assert.ok(setupUrl);
    await page.goto(setupUrl);
    await page.fill('#password', PASSWORD);
    await page.fill('#repeat', PASSWORD);
    await page.getByRole('button', { name: 'Save and continue' }).click();
    await page.waitForURL('**/console/start');
    const stranger = new Visitor({ ca: network.ca });
    const again = await stranger.open(setupUrl);
    assert.equal(again.status, 404);
    assert.match(again.text, /This set-up link is no longer valid/);
    assert.doesNotMatch(again.text, /<form/);
  });

  test('is refused with a wrong password', async () => {
    await signOut();
    await page.goto(demo);
    await page.fill('#email', EMAIL);
    await page.fill('#password', 'not the password');
    await page.click('button[type=submit]');
    await page.getByRole('alert').waitFor();
    assert.doesNotMatch(await page.content(), /Hello,/);
  });

  test('signs in and sees the application, by name', async () => {
    await page.goto(demo);
    await page.fill('#email', EMAIL);
    await page.fill('#password', PASSWORD);
    await page.click('button[type=submit]');
    await page.waitForURL(`${demo}/`);
    assert.equal(await page.locator('#name').textContent(), 'Administrator');
    assert.match(await page.content(), new RegExp(EMAIL));
  });

  test('the application gets a signed assertion and none of the cookies of Manis', async () => {
    const assertion = JSON.parse((await page.locator('#assertion').textContent()) ?? '');
    assert.equal(assertion.email, EMAIL);
    assert.ok(assertion.exp > assertion.iat);
    assert.doesNotMatch((await page.locator('#headers').textContent()) ?? '', /__Host-manis/i);
  });

  test('a WebSocket echoes and events arrive', async () => {
    await page.locator('#echo', { hasText: 'connected' }).waitFor();
    await page.fill('#words', 'through the tunnel');
    await page.click('#speak button');
    await page.locator('#echo', { hasText: 'through the tunnel' }).waitFor();
    const clock = page.locator('#clock');
    await clock.filter({ hasText: /^\d\d:\d\d:\d\d UTC$/ }).waitFor();
    const first = (await clock.textContent()) ?? '';
    await clock.filter({ hasNotText: first }).waitFor();
  });

  test('a download arrives whole', async () => {
    const arriving = page.waitForEvent('download');
    await page.click('a[download]');
    const bytes = readFileSync(await (await arriving).path());
    assert.equal(bytes.length, 10 * 1024 * 1024);
    assert.ok(bytes.every((byte, i) => byte === i % 251));
  });

  test('finds the application on the portal', async () => {
    await page.goto(network.ready.dashboard);
    const link = page.locator('.apps a', { hasText: 'demo' });
    await link.click();
    await page.locator('#name', { hasText: 'Administrator' }).waitFor();
  });

  test('signs out and is refused again', async () => {
    await signOut();
    await page.goto(demo);
    assert.equal(await page.locator('h1').textContent(), 'Sign in');
  });

  test('everything ends in order', async () => {
    await browser.close();
    assert.equal(await network.stop(), 0);
  });
});
