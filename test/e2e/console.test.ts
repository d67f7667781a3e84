/** heavy: the console in Chromium, against a network that was started as people start it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { requireTools } from '../interop/requirements.ts';
import { faultsOfPage, LOOKS } from './axe.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { freePortBase, Network, remove, temporaryFolder } from './network.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'admin@manis.localhost';
/** What is transferred before the first page can be used, compressed. */
const FIRST_LOAD_BYTES = 200_000;

const PAGES = [
  ['/', 'Overview'],
  ['/applications', 'Applications'],
  ['/applications/new', 'Publish an application'],
  ['/sites', 'Sites'],
  ['/pops', 'Points of presence'],
  ['/users', 'Users'],
  ['/sessions', 'Sessions'],
  ['/audit', 'Audit'],
] as const;

describe('an administrator in the console', { timeout: 240_000 }, () => {
  const folder = temporaryFolder();
  let network: Network;
  let browser: BrowserContext;
  let page: Page;
  const faults: string[] = [];
  let loadedBytes = 0;
  let portBase = 0;

  const at = (path: string) => `${network.ready.dashboard}/console${path}`;

  /** Where the demo listens: the last of the seven ports. */
  const demoTarget = () => `http://127.0.0.1:${portBase + 6}`;

  before(async (context) => {
    if (!requireTools(context as never, [CHROMIUM])) return;
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD);
    portBase = await freePortBase();
    const ports = ['--port-base', String(portBase), '--data-dir', join(folder, 'data')];
    network = await Network.start([...ports, '--admin-password-file', passwordFile]);
    browser = await openChromium(network.ca, join(folder, 'profile'));
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      // That nobody has signed in yet is told by a 401, which Chromium reports as an error.
      if (message.type() === 'error' && !/401/.test(message.text())) faults.push(message.text());
    });
    page.on('response', async (response) => {
      if (!response.url().includes('/console/')) return;
      const { responseBodySize } = await response
        .request()
        .sizes()
        .catch(() => ({ responseBodySize: 0 }));
      loadedBytes += responseBodySize;
    });
  });
  after(async () => {
    await browser?.close();
    await network?.stop();
    remove(folder);
  });

  test('is led to sign in and back, and sees that everything is up', async () => {
    await page.goto(at('/'));
    await page.fill('#email', EMAIL);
    await page.fill('#password', PASSWORD);
    await page.press('#password', 'Enter');
    await page.getByText('Everything is up.').waitFor();
    await page.getByRole('img', { name: /map: Amsterdam, Frankfurt/ }).waitFor();
    assert.ok(loadedBytes > 10_000 && loadedBytes < FIRST_LOAD_BYTES, `${loadedBytes} bytes`);
  });

  test('publishes an application and opens it', async () => {
    await page.goto(at('/applications/new'));
    await page.getByLabel('Name', { exact: true }).fill('Second Demo');
    assert.equal(await page.getByLabel('Host name').inputValue(), 'second-demo.manis.localhost');
    await page.getByLabel('Address behind the site').fill(demoTarget());
    await page.getByRole('button', { name: 'Publish an application' }).click();
    await page.getByRole('heading', { level: 1, name: 'Second Demo' }).waitFor();
    await page.getByRole('link', { name: 'Open' }).click();
    await page.locator('#name', { hasText: 'Administrator' }).waitFor();
    assert.equal(new URL(page.url()).hostname, 'second-demo.manis.localhost');
  });

  test('is told what is wrong with a form, beside the field', async () => {
    await page.goto(at('/applications/new'));
    await page.getByLabel('Name', { exact: true }).fill('Wrong');
    await page.getByLabel('Address behind the site').fill('ftp://x');
    await page.getByRole('button', { name: 'Publish an application' }).click();
    await page.getByText(/Expected http:\/\/host:port/).waitFor();
  });

  test('removes it after being told what happens', async () => {
    await page.goto(at('/applications'));
    await page.getByRole('link', { name: 'Second Demo' }).click();
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page
      .getByRole('dialog')
      .getByText(/answers .not found. within a second/)
      .waitFor();
    await page.getByRole('button', { name: 'Remove the application' }).click();
    await page.getByText('Second Demo is removed.').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Second Demo' }).count(), 0);
  });

  test('gets the command that connects a new site', async () => {
    await page.goto(at('/sites'));
    await page.getByRole('button', { name: 'Add a site' }).click();
    await page.getByLabel('Name of the site').fill('attic');
    await page.getByRole('dialog').getByRole('button', { name: 'Add a site' }).click();
    await page.getByRole('button', { name: 'Make the command' }).click();
    await page.getByText(/npx --no -- manis connector join mnc_/).waitFor();
    await page.getByText('Waiting for the connector to arrive').waitFor();
  });

  test('invites somebody, and gets the link', async () => {
    await page.goto(at('/users'));
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByLabel('E-mail address').fill('ann@example.com');
    await page.getByRole('dialog').getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByText(/\/invitation\//).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
  });

  test('sees in the audit who was let in, and by which rule', async () => {
    await page.goto(at('/audit'));
    await page.getByLabel('Outcome').selectOption('allow');
    await page.getByRole('cell', { name: 'Everybody who has signed in' }).first().waitFor();
  });

  for (const [path, title] of PAGES) {
    for (const { colorScheme, width } of LOOKS) {
      test(`can use "${title}" with a screen reader, ${colorScheme}, ${width} pixels wide`, async () => {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 860 });
        await page.goto(at(path), { waitUntil: 'networkidle' });
        await page.getByRole('heading', { level: 1, name: title }).waitFor();
        assert.deepEqual(await faultsOfPage(page), []);
      });
    }
  }

  test('met no error in the browser', () =>
    assert.deepEqual(
      faults.filter((fault) => !/400|422/.test(fault)),
      [],
    ));
});
