/** heavy: the console in Chromium, against a network that was started as people start it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { faultsInEveryLook, faultsOfPage } from './axe.ts';
import { ADMIN, signIn, type Visit, visitConsole } from './console-visit.ts';
import { type Network, untilLive } from './network.ts';
import { openSettled } from './settled.ts';

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

describe('an administrator in the console', { timeout: 400_000 }, () => {
  let visit: Visit | undefined;
  let network: Network;
  let page: Page;
  let faults: readonly string[] = [];
  let loadedBytes = 0;
  let portBase = 0;

  const at = (path: string) => visit?.at(path) ?? '';

  /** Where the demo listens: the last of the seven ports. */
  const demoTarget = () => `http://127.0.0.1:${portBase + 6}`;

  before(async (context) => {
    visit = await visitConsole(context, { expected: /status of (400|422|503)/ });
    if (!visit) return;
    ({ network, page, faults, portBase } = visit);
    page.on('response', async (response) => {
      if (!response.url().includes('/console/')) return;
      const { responseBodySize } = await response
        .request()
        .sizes()
        .catch(() => ({ responseBodySize: 0 }));
      loadedBytes += responseBodySize;
    });
  });
  after(() => visit?.close());

  test('is led to sign in and back, and sees that everything is up', async () => {
    await page.goto(at('/'));
    await signIn(page, ADMIN);
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

  test('goes to a page and to an application by their names, with the keyboard alone', async () => {
    await page.goto(at('/'));
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.keyboard.press('Control+K');
    await page.getByRole('combobox').fill('second');
    await page.getByRole('option', { name: /Second Demo/ }).waitFor();
    assert.deepEqual(await faultsOfPage(page), []);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Second Demo' }).waitFor();
    await page.keyboard.press('Control+K');
    await page.getByRole('combobox').fill('audit');
    await page.getByRole('option', { name: /Audit/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
    assert.equal(await page.title(), 'Audit · Manis');
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
    await page.getByText(/npx --yes https:\S+\/install\/manis-\S+\.tgz connector join mnc_/).waitFor();
    await page.getByText('Waiting for the connector to arrive').waitFor();
  });

  test('invites somebody, and gets the link', async () => {
    await page.goto(at('/users'));
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByLabel('Email address').fill('ann@example.com');
    await page.getByText('They may open what policies admit them to, and manage nothing.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByText(/\/invitation\//).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
  });

  test('sorts a list by its heads with the keyboard, and hears which way', async () => {
    await page.goto(at('/pops'));
    const table = page.getByRole('table', { name: 'Points of presence' });
    const head = table.getByRole('columnheader', { name: 'Name' });
    const names = () => table.locator('tbody td:first-child').allTextContents();
    await table.getByRole('link', { name: 'Frankfurt' }).waitFor();
    assert.equal(await head.getAttribute('aria-sort'), null);
    await head.getByRole('button').focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await names(), ['Amsterdam', 'Frankfurt']);
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    await page.keyboard.press('Space');
    assert.deepEqual(await names(), ['Frankfurt', 'Amsterdam']);
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    await table.getByRole('button', { name: 'Place' }).click();
    assert.equal(await head.getAttribute('aria-sort'), null, 'one head sorts');
    await page.goto(at('/users/roles'));
    const rights = page.getByRole('columnheader', { name: 'Rights' });
    await rights.getByRole('button').click();
    await rights.getByRole('button').click();
    assert.match((await page.locator('tbody tr').first().textContent()) ?? '', /owner/);
    await page.goto(at('/certificates'));
    await page.getByRole('button', { name: 'Names' }).click();
    assert.equal(await page.getByRole('columnheader', { name: 'Names' }).getAttribute('aria-sort'), 'ascending');
  });

  test('says what the organisation is called, how long sessions last, and what is recorded for how long', async () => {
    await page.goto(at('/settings'));
    const form = page.locator('form', { has: page.getByLabel('Name', { exact: true }) });
    await form.getByLabel('Name', { exact: true }).fill('Heron Bikes');
    await form.getByLabel('Idle sessions end after').selectOption('1 hour');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved; it holds on every point of presence').waitFor();
    const log = page.locator('form', { has: page.getByLabel('Days that they are kept') });
    await log.getByLabel('Write down').selectOption('What was refused or failed');
    await log.getByLabel('Days that they are kept').fill('7');
    await log.getByText('What is older or more is deleted within minutes').waitFor();
    await log.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    await page.getByRole('radio', { name: /^Every request/ }).check();
    await page.reload();
    assert.equal(await form.getByLabel('Name', { exact: true }).inputValue(), 'Heron Bikes');
    assert.equal(await form.getByLabel('Idle sessions end after').inputValue(), '3600000');
    assert.equal(await log.getByLabel('Days that they are kept').inputValue(), '7');
    assert.equal(await log.getByLabel('Write down').inputValue(), 'refused');
    assert.ok(await page.getByRole('radio', { name: /^Every request/ }).isChecked());
  });

  test('writes a maintenance page, sees it beforehand, and visitors see it', async () => {
    await page.goto(at('/settings/pages'));
    await page.getByRole('button', { name: 'Add a page' }).click();
    await page.getByLabel('HTML').fill('<!doctype html><title>Later</title><h1>Closed, {status}</h1>');
    await page.frameLocator('iframe').getByRole('heading', { name: 'Closed, 502' }).waitFor();
    const boxes = page.getByRole('group', { name: 'For' });
    for (const status of [/^502/, /^503/, /^504/]) await boxes.getByText(status).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').first().waitFor();
    await boxes.getByText(/^503/).click();
    await page.frameLocator('iframe').getByRole('heading', { name: 'Closed, 503' }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved; it holds on every point of presence').waitFor();
    const { items } = (await network.api('GET', '/resources')).body as { items: { id: string }[] };
    await network.api('PUT', `/resources/${items[0]?.id}/maintenance`, { on: true });
    untilLive(network.ready.dataDir);
    await page.goto(network.ready.apps[0]?.url ?? '');
    await page.getByRole('heading', { name: 'Closed, 503' }).waitFor();
  });

  test('bounds what an organisation may have', async () => {
    await page.goto(at('/settings/installation'));
    await page.getByRole('button', { name: 'Add an organisation' }).click();
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Second');
    await page.getByRole('dialog').getByRole('button', { name: 'Add an organisation' }).click();
    const row = page.getByRole('row', { name: /Second/ });
    await row.getByRole('button', { name: 'Limits' }).click();
    await page.getByRole('dialog').getByLabel('Sites').fill('3');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('The limits of Second are saved.').waitFor();
    await row.getByRole('button', { name: 'Limits' }).click();
    assert.equal(await page.getByRole('dialog').getByLabel('Sites').inputValue(), '3');
    await page.keyboard.press('Escape');
  });

  test('sees in the audit who was let in, and by which rule', async () => {
    await page.goto(at('/audit'));
    await page.getByLabel('Outcome').selectOption('allow');
    await page.getByRole('cell', { name: 'Everybody who has signed in' }).first().waitFor();
  });

  for (const [path, title] of PAGES) {
    test(`can use "${title}" with a screen reader, wide and light, narrow and dark`, async () => {
      await openSettled(page, at(path));
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      assert.deepEqual(await faultsInEveryLook(page), []);
    });
  }

  test('met no error in the browser', () => assert.deepEqual(faults, []));
});
