/** heavy: webhooks and alert rules in the console, with a receiver that checks what it gets. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { faultsInEveryLook } from './axe.ts';
import { ADMIN, type Visit, visitConsole } from './console-visit.ts';
import { openSettled } from './settled.ts';

describe('an administrator who wants to be told', { timeout: 400_000 }, () => {
  let visit: Visit | undefined;
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  let status = 204;
  const receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  });
  let page: Page;
  let secret = '';

  const at = (path: string) => visit?.at(path) ?? '';

  before(async (context) => {
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    visit = await visitConsole(context, { path: '/notices/webhooks', expected: /ERR_FAILED/ });
    if (visit) ({ page } = visit);
  });
  after(async () => {
    await visit?.close();
    receiver.close();
    receiver.closeAllConnections();
  });

  test('adds a webhook, and takes down its secret, which is shown once', async () => {
    await page.getByText('No events are sent anywhere').waitFor();
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Operations');
    await page
      .getByLabel('Address', { exact: true })
      .fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
    await page.getByLabel('It is at a private address').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Add a webhook' }).click();
    secret = (await page.getByText(/^whsec_/).textContent()) ?? '';
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { level: 1, name: 'Operations' }).waitFor();
  });

  test('sends a test event, which arrives signed, and sees that it did', async () => {
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await page.getByText('Delivered').waitFor();
    const [first] = received;
    assert.ok(first);
    const key = Buffer.from(secret.trim().replace(/^whsec_/, ''), 'base64');
    const signed = `${first.headers['webhook-id']}.${first.headers['webhook-timestamp']}.${first.body}`;
    const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    assert.equal(first.headers['webhook-signature'], expected);
  });

  test('sees one that failed and why, and sends it again', async () => {
    status = 503;
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await page.getByText('the receiver answered 503').waitFor();
    status = 204;
    await page.getByRole('button', { name: 'Send again' }).first().click();
    await page.getByText('the receiver answered 503').waitFor({ state: 'detached' });
  });

  test('adds an alert rule about sites, by mail and webhook', async () => {
    await page.goto(at('/notices'));
    await page.getByText('Nobody is told of anything yet').waitFor();
    await page.getByRole('button', { name: 'Add an alert rule' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Sites');
    await page.getByLabel('When it has been bad for').selectOption('30 seconds');
    await page.getByLabel(ADMIN).check();
    await page.getByLabel('Operations').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Add an alert rule' }).click();
    await page.getByText('Sites is added.').waitFor();
    await page.getByText('All well').waitFor();
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('cell', { name: 'Off', exact: true }).waitFor();
  });

  test('edits the rule by keyboard: its name and how long it waits, while what it is about stays', async () => {
    await page.getByRole('button', { name: 'Edit', exact: true }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    assert.ok(await dialog.getByLabel('About').isDisabled());
    assert.ok(await dialog.getByLabel(ADMIN).isChecked());
    await dialog.getByLabel('Name', { exact: true }).fill('Our sites');
    await dialog.getByLabel('When it has been bad for').selectOption('10 minutes');
    await dialog.getByLabel('Name', { exact: true }).press('Enter');
    await page.getByRole('cell', { name: 'Our sites' }).waitFor();
    await page.getByRole('cell', { name: '10 minutes' }).waitFor();
  });

  test('edits the webhook: its name and which events it gets', async () => {
    await page.goto(at('/notices/webhooks'));
    await page.getByRole('link', { name: 'Operations' }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Night shift');
    await dialog.getByLabel('A policy changed').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Night shift' }).waitFor();
    await page.getByRole('definition').getByText('A policy changed').waitFor();
  });

  test('is shown what is so again when a change is refused', async () => {
    await page.route('**/api/v1/webhooks/*', (route) =>
      route.request().method() === 'PATCH' ? route.abort() : route.fallback(),
    );
    const box = page.getByLabel('Events are sent');
    await box.click();
    await page.getByText(/could not be reached|cannot be reached/).waitFor();
    assert.ok(await box.isChecked(), 'the box went back');
    await page.unroute('**/api/v1/webhooks/*');
  });

  test('finds nothing that keeps anybody out, wide and light, narrow and dark', async () => {
    for (const path of ['/notices', '/notices/webhooks']) {
      await openSettled(page, at(path));
      await page.getByRole('table').first().waitFor();
      assert.deepEqual(await faultsInEveryLook(page), [], path);
    }
    await page.getByRole('link', { name: 'Night shift' }).click();
    await page.getByText('Delivered').first().waitFor();
    assert.deepEqual(await faultsInEveryLook(page), []);
  });

  test('removes the webhook after being told what happens', async () => {
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText(/What waits for it is lost/).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Night shift is removed.').waitFor();
  });

  test('met no error in the browser', () => assert.deepEqual(visit?.faults, []));
});
