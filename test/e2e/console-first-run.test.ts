/** heavy: a newcomer's whole way, from the one link that `npm start` prints to a page of an application of their own. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { faultsInEveryLook } from './axe.ts';
import { PASSWORD, type Visit, visitConsole } from './console-visit.ts';
import type { Network } from './network.ts';
import { openSettled } from './settled.ts';

/** What the whole way may cost: a person who never saw it types this in two minutes. */
const CLICKS_MAX = 12;
const KEYS_MAX = 130;

describe('a newcomer', { timeout: 400_000 }, () => {
  let visit: Visit | undefined;
  const application = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<h1>My wiki</h1>');
  });
  let network: Network;
  let browser: BrowserContext;
  let page: Page;
  let clicks = 0;
  let keys = 0;
  let startedMs = 0;

  before(async (context) => {
    application.listen(0, '127.0.0.1');
    visit = await visitConsole(context, { isNew: true });
    if (visit) ({ network, browser, page } = visit);
    startedMs = performance.now();
  });
  after(async () => {
    await visit?.close();
    application.close();
  });

  async function click(what: Locator): Promise<void> {
    clicks += 1;
    await what.click();
  }

  /** Into the field that has the focus already, or that is clicked first. */
  async function type(field: Locator, text: string): Promise<void> {
    if (!(await field.evaluate('(element) => element === document.activeElement'))) await click(field);
    keys += text.length;
    await page.keyboard.type(text);
  }

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const current = () => page.locator('[aria-current=step]');

  test('follows the link, chooses a password and is in the console', async () => {
    await page.goto(network.ready.admin.setupUrl ?? '');
    await page.getByText('You sign in with this address. It can be changed later').waitFor();
    await type(page.getByLabel('New password'), PASSWORD);
    await type(page.getByLabel('The same password again'), PASSWORD);
    await click(button('Save and continue'));
    await page.getByRole('heading', { level: 1, name: 'First steps' }).waitFor();
    await current().getByRole('heading', { name: 'Protect your account' }).waitFor();
    await page.getByText('1 of 5 done').waitFor();
  });

  test('puts the second factor off, and names the organisation', async () => {
    await click(button('Skip'));
    await type(page.getByLabel('Name of the organisation'), 'Heron Bikes');
    await click(button('Save the name'));
    await page.getByText('It is called Heron Bikes.').waitFor();
  });

  test('finds the site of the local network connected, and publishes an application', async () => {
    await page.getByText('home is connected.').waitFor();
    await current().getByRole('heading', { name: 'Publish an application' }).waitFor();
    await type(page.getByLabel('Name', { exact: true }), 'Wiki');
    await type(page.getByLabel('Address behind the site'), `localhost:${(application.address() as AddressInfo).port}`);
    await click(button('Publish an application'));
    await page.getByText('Wiki is published.').waitFor();
  });

  test('opens it, and needed little for all of this', async (context) => {
    const opening = browser.waitForEvent('page');
    await click(page.getByRole('link', { name: 'Open Wiki' }));
    const opened = await opening;
    await opened.getByRole('heading', { name: 'My wiki' }).waitFor();
    const seconds = (performance.now() - startedMs) / 1000;
    assert.equal(new URL(opened.url()).hostname, 'wiki.manis.localhost');
    context.diagnostic(`${clicks} clicks, ${keys} keys, ${seconds.toFixed(1)} s of the machine`);
    assert.ok(clicks <= CLICKS_MAX, `${clicks} clicks`);
    assert.ok(keys <= KEYS_MAX, `${keys} keys`);
    await opened.close();
  });

  test('is told that it is done; then nothing speaks of it any more', async () => {
    await page.getByRole('heading', { level: 1, name: 'You are set up' }).waitFor();
    await page.getByRole('link', { name: 'To the overview' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    assert.equal(await page.getByRole('link', { name: /First steps/ }).count(), 0);
  });

  test('finds the console at once after signing in at the portal', async () => {
    await page.goto(network.ready.dashboard);
    await page.getByRole('link', { name: 'Console' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  test('can leave the guide and take it up again', async () => {
    await page.evaluate("localStorage.removeItem('manis-guide')");
    const resources = (await network.api('GET', '/resources')).body as { items: { id: string; name: string }[] };
    const wiki = resources.items.find(({ name }) => name === 'Wiki');
    await network.api('DELETE', `/resources/${wiki?.id}`);
    await page.goto(`${network.ready.dashboard}/console/`);
    await page.getByRole('link', { name: /First steps/ }).click();
    await button('I know my way: hide this').click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    assert.equal(await page.getByRole('link', { name: /First steps/ }).count(), 0);
    await page.getByRole('button', { name: /Your account/ }).click();
    await page.getByRole('menuitem', { name: 'First steps' }).click();
    await page.getByRole('heading', { level: 1, name: 'First steps' }).waitFor();
  });

  test('can do all of it with a screen reader, on a phone, in the dark', async () => {
    const { dashboard } = network.ready;
    const paths = ['/console/start', '/security', '/', '/set-up/unknown'];
    for (const path of paths) {
      await openSettled(page, `${dashboard}${path}`);
      assert.deepEqual(await faultsInEveryLook(page), [], path);
    }
  });
});

describe('a newcomer with a passkey', { timeout: 120_000 }, () => {
  let visit: Visit | undefined;
  let network: Network;
  let browser: BrowserContext;
  let page: Page;

  before(async (context) => {
    visit = await visitConsole(context, { isNew: true });
    if (!visit) return;
    ({ network, browser, page } = visit);
    const keys = await browser.newCDPSession(page);
    await keys.send('WebAuthn.enable');
    const options = { hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const;
    await keys.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true }, ...options },
    });
  });
  after(() => visit?.close());

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  test('is in the console after one click and a look at recovery codes, and has no password', async () => {
    await page.goto(network.ready.admin.setupUrl ?? '');
    await button('Continue with a passkey').click();
    await page.getByRole('heading', { name: 'Keep these recovery codes' }).waitFor();
    await page.getByRole('link', { name: 'I have kept them' }).click();
    await page.getByRole('heading', { level: 1, name: 'First steps' }).waitFor();
  });

  test('signs in with it the next time', async () => {
    await page.goto(network.ready.dashboard);
    await button('Sign out').click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.goto(network.ready.dashboard);
    // An authenticator that is there may answer the browser's own list before the button is reached.
    const clicked = button('Sign in with a passkey').click({ timeout: 3_000 });
    await Promise.all([page.getByRole('heading', { name: 'Applications' }).waitFor(), clicked.catch(() => undefined)]);
  });
});
