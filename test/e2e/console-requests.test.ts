/** heavy: requests in the console as they come, why they were decided so, and a failover as it happens. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { faultsInEveryLook, faultsOfPage } from './axe.ts';
import { type Visit, visitConsole } from './console-visit.ts';
import type { Network } from './network.ts';
import { openSettled } from './settled.ts';

const SECRET = 'very-secret-value';

describe('who watches requests in the console', { timeout: 400_000 }, () => {
  let visit: Visit | undefined;
  let network: Network;
  let page: Page;

  const at = (path: string) => visit?.at(path) ?? '';

  /** A stranger asks for something; gives the status. */
  function ask(path: string): Promise<number> {
    const url = new URL(path, network.ready.apps[0]?.url);
    return new Promise((resolve, reject) => {
      const lookup = ((_host: string, _options: object, found: (error: null, addresses: object[]) => void) =>
        found(null, [{ address: '127.0.0.1', family: 4 }])) as never;
      const headers = { accept: 'text/html', 'user-agent': '=stranger()' };
      get(url, { ca: network.ca, agent: false, lookup, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on('error', reject);
    });
  }

  before(async (context) => {
    // The demo has no such page; what a point of presence carried when it was killed is cut.
    const expected = /status of (4|502)|ERR_/;
    visit = await visitConsole(context, { path: '/requests?view=live', expected });
    if (!visit) return;
    ({ network, page } = visit);
    page.setDefaultTimeout(30_000);
    await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
  });
  after(() => visit?.close());

  test('sees a request when it comes, without what is secret in it', async () => {
    await page.getByText('Live', { exact: true }).last().waitFor();
    const link = page.getByRole('link', { name: 'GET /papers?token=…' });
    // The stream is asked for requests in a moment; who comes before is in the log alone.
    do {
      assert.equal(await ask(`/papers?token=${SECRET}`), 302);
    } while (!(await link.first().isVisible()));
    assert.ok(!(await page.content()).includes(SECRET));
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('0 requests came since.').waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
  });

  test('opens one, and is told why it was decided so, how long it took and which way it went', async () => {
    await page.getByRole('link', { name: 'GET /papers?token=…' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'GET /papers?token=…' }).waitFor();
    await page.getByText('Asked to sign in').first().waitFor();
    for (const text of [/The rule “.+” of the application decided/, /=stranger\(\)/, /It went to no target/])
      await page.getByText(text).first().waitFor();
    await page.getByText('Deciding').waitFor();
    await page.getByText('Request id').waitFor();
  });

  test('finds requests by a filter that stands in the address, and takes them along as a file', async () => {
    await page.goto(at('/requests?outcome=challenged&path=papers'));
    await page.getByRole('link', { name: 'GET /papers?token=…' }).first().waitFor();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const text = readFileSync(await (await downloading).path(), 'utf8');
    assert.match(text.split('\r\n')[1] ?? '', /,challenged,.*,'=stranger\(\),/);
    assert.ok(!text.includes(SECRET));
    await page.getByLabel('Status', { exact: true }).fill('404');
    await page.getByText('No request fits these filters.').waitFor();
    assert.match(page.url(), /status=[^&]*404/);
  });

  test('sees what they are like together', async () => {
    await page.goto(at('/requests?view=analytics'));
    await page.getByRole('heading', { name: 'By application' }).waitFor();
    await page.getByText('nobody signed in').waitFor();
  });

  test('has requests captured, looks at one, and sends it again', async () => {
    const app = new URL(network.ready.apps[0]?.url ?? '');
    const { items } = (await network.api('GET', '/resources')).body as { items: { id: string; host: string }[] };
    const { id } = items.find(({ host }) => host === app.hostname) ?? assert.fail();
    await page.goto(at(`/applications/${id}?tab=settings`));
    await page.getByRole('button', { name: 'Capture requests' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Capture requests' }).click();
    await page.getByText('Requests are captured').waitFor();
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Keep bodies, too').uncheck();
    await page.getByRole('dialog').getByLabel('Hide values of these names, too').fill('hidden-here');
    await page.getByRole('dialog').getByLabel('Capture', { exact: true }).selectOption('For an hour');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText(/^Header fields alone; the newest 100 requests/).waitFor();
    const captured = async () =>
      (await network.api('GET', '/requests?captured=true&path=hook')).body as { items: { id: string }[] };
    do await page.goto(new URL(`/hook?token=${SECRET}&n=1&hidden-here=2`, app).href);
    while ((await captured()).items.length === 0);
    await page.goto(at(`/requests/${(await captured()).items[0]?.id}`));
    await page.getByText('GET /hook?token=…&n=1&hidden-here=…').waitFor();
    assert.ok(!(await page.content()).includes(SECRET));
    await page.getByRole('button', { name: 'Send again', exact: true }).click();
    await page.getByText(/^Sent, and answered with \d+\.$/).waitFor();
    await page.getByText('Sent again from').waitFor();
    await page.getByRole('link', { name: 'this request' }).waitFor();
    await page.getByRole('button', { name: 'Change and send again' }).click();
    await page.getByRole('dialog').getByLabel('Path and query').fill('/whoami?again=1');
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'GET /whoami?again=…' }).waitFor();
    assert.deepEqual(await faultsOfPage(page), []);
    await page.goto(at(`/applications/${id}?tab=settings`));
    await page.getByText(/requests? (is|are) kept now/).waitFor();
    assert.deepEqual(await faultsOfPage(page), []);
    await page.getByRole('button', { name: 'Stop capturing' }).click();
    await page.getByText('Nothing is captured', { exact: true }).waitFor();
  });

  test('sees on the overview that a connector moved when its point of presence died', async () => {
    await page.goto(at('/'));
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const moved = page.getByText(/ moved from .+ to .+, (at once|[0-9.]+ s)\./);
    const pops = network.ready.pops.map(({ pid }, i) => ({ pid, name: `pop-${i + 1}` }));
    for (const { name, pid } of pops.toReversed()) {
      const said = network.said;
      process.kill(pid, 'SIGKILL');
      await network.nextEvent(said, (event) => event.event === 'process-back' && event.name === name);
      // Where it was at home at the other one, nothing moved yet.
      await page.getByText('Live', { exact: true }).waitFor();
      await moved
        .first()
        .waitFor({ timeout: 12_000 })
        .catch(() => undefined);
      if ((await moved.count()) > 0) break;
    }
    assert.ok((await moved.count()) > 0);
  });

  test('has pages without faults for assistive technology, wide and light, narrow and dark', async () => {
    const { items } = (await network.api('GET', '/requests?limit=1')).body as { items: { id: string }[] };
    const paths = ['/', '/requests', '/requests?view=live', '/requests?view=analytics', `/requests/${items[0]?.id}`];
    for (const path of paths) {
      await openSettled(page, at(path));
      assert.deepEqual(await faultsInEveryLook(page), [], path);
    }
  });

  test('met no error in the browser', () => assert.deepEqual(visit?.faults, []));
});
