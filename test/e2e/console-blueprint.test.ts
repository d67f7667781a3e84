/** heavy: a document makes an application that opens in a browser, by the command line and in the console. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { faultsInEveryLook } from './axe.ts';
import { hold, type Visit, visitConsole } from './console-visit.ts';
import { MANIS, manis, type Network, untilLive } from './network.ts';

/** From a connector's first start to its applications. */
const PUBLISHED_WITHIN_MS = 60_000;

describe('blueprints', { timeout: 400_000 }, () => {
  let visit: Visit | undefined;
  let network: Network;
  let page: Page;
  let folder = '';
  let dataDir = '';
  let portBase = 0;
  let engine: Server | undefined;
  let connector: ChildProcess | undefined;

  const at = (path: string) => visit?.at(path) ?? '';
  /** An application at the demo, for everybody who has signed in. */
  const document = (name: string) => `manis: 1
resources:
  ${name}:
    host: ${name}.manis.localhost
    targets:
      - { site: home, url: "http://127.0.0.1:${portBase + 6}" }
    policy:
      rules:
        - { id: people, name: Everybody who has signed in, when: { all: [] }, then: { kind: authenticate, anyOf: signed-in } }
`;
  const opens = async (name: string): Promise<void> => {
    const answers = () =>
      page.goto(network.ready.dashboard.replace('//', `//${name}.`)).then(
        () => true,
        (error: Error) => {
          // Its certificate follows a moment after the application.
          if (!error.message.includes('ERR_SSL')) throw error;
          return false;
        },
      );
    while (!(await answers()));
    await page.locator('#name', { hasText: 'Administrator' }).waitFor();
  };

  before(async (context) => {
    // What is refused on purpose, and the application that has no certificate for a moment.
    visit = await visitConsole(context, { path: '/blueprint', expected: /status of 4|ERR_SSL/ });
    if (visit) ({ network, page, folder, dataDir, portBase } = visit);
  });
  after(async () => {
    if (connector?.exitCode === null) {
      connector.kill('SIGTERM');
      await once(connector, 'exit');
    }
    engine?.closeAllConnections();
    engine?.close();
    await visit?.close();
  });

  test('by the command line: looked at, applied, and open in a browser', async () => {
    const exported = manis(dataDir, 'export');
    const [site = ''] = /^sites:\n {2}"?([^":\n]+)/m.exec(exported)?.slice(1) ?? [];
    const file = join(folder, 'infra.yaml');
    writeFileSync(file, document('by-file').replace('site: home', `site: ${site}`));
    assert.match(manis(dataDir, 'apply', file, '--dry-run'), /\+ resource by-file[\s\S]*1 to add/);
    assert.match(manis(dataDir, 'apply', file, '--yes'), /Applied/);
    assert.match(manis(dataDir, 'apply', file, '--dry-run'), /Nothing to change/);
    assert.match(manis(dataDir, 'blueprint', 'owned'), /file:infra\s+resources\s+by-file/);
    untilLive(dataDir);
    await page.getByRole('heading', { level: 1, name: 'Blueprint' }).waitFor();
    await opens('by-file');
  });

  test('in the console: pasted, shown as a plan, applied, and open', async () => {
    await page.goto(at('/blueprint'));
    const exported = manis(dataDir, 'export');
    const [site = ''] = /^sites:\n {2}"?([^":\n]+)/m.exec(exported)?.slice(1) ?? [];
    await page.getByLabel('Document', { exact: true }).fill(document('by-hand').replace('site: home', `site: ${site}`));
    await page.getByRole('button', { name: 'Show what would change' }).click();
    await page.getByText('1 to add; 0 unchanged.').waitFor();
    assert.deepEqual(await faultsInEveryLook(page), []);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.getByText('Applied: every point of presence').waitFor();
    await opens('by-hand');
  });

  test('what a file owns is not changed by hand: it is shown again as it is, and whose it is', async () => {
    const owner = page.getByText(/is owned by file:infra|file:infra/).first();
    await page.goto(at('/applications'));
    await page.getByRole('link', { name: 'by-file', exact: true }).click();
    const title = page.getByRole('heading', { level: 1 });
    const { pathname } = new URL(page.url());
    const resource = `/resources/${pathname.split('/').at(-1)}`;

    let letGo = await hold(page, '/targets/*');
    const target = page.getByRole('button', { name: /^Remove http/ });
    await target.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await target.waitFor({ state: 'detached' });
    await letGo();
    await owner.waitFor();
    await target.waitFor();

    await page.getByRole('tab', { name: 'Settings' }).click();
    letGo = await hold(page, resource);
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('button', { name: 'Switch on' }).waitFor();
    await letGo();
    await page.getByRole('button', { name: 'Switch off' }).waitFor();

    letGo = await hold(page, resource);
    await page.getByLabel('Name', { exact: true }).fill('Mine now');
    await page.getByRole('button', { name: 'Save' }).click();
    await title.getByText('Mine now').waitFor();
    await letGo();
    await title.getByText('by-file').waitFor();
    await page
      .getByRole('alert')
      .getByText(/file:infra/)
      .waitFor();
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Mine now', 'what was typed is not lost');
    await page.getByRole('button', { name: 'Discard' }).click();

    await page.getByRole('tab', { name: 'Headers' }).click();
    await page.getByRole('group', { name: 'To the browser' }).getByRole('button', { name: 'Add a field' }).click();
    await page.getByPlaceholder('Field').fill('x-mine');
    await page.getByPlaceholder('Value').fill('yes');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('alert')
      .getByText(/file:infra/)
      .waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  test('a mistake is told with its line, and what a file owns can be released', async () => {
    await page.goto(at('/blueprint'));
    await page.getByLabel('Document', { exact: true }).fill('manis: 1\nsites:\n  a:\n    nme: x\n');
    await page.getByRole('button', { name: 'Show what would change' }).click();
    await page.getByText('Line 4:').waitFor();
    await page.getByRole('button', { name: 'Show the document' }).click();
    await page.getByText('by-hand.manis.localhost').first().waitFor();
    await page.getByRole('button', { name: 'Release by-file' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await page.getByText('by-file may be edited here now.').waitFor();
    await page.getByText('No file and no connector owns anything here.').waitFor();
    assert.deepEqual(visit?.faults, []);
  });

  test('by labels of a container, where the site lets its connectors publish; and by a file beside one', async () => {
    const { id } = (await network.api('POST', '/sites', { name: 'shed' })).body as { id: string };
    const publishing = { hosts: ['*.shed.manis.localhost'] };
    assert.equal((await network.api('PATCH', `/sites/${id}`, { publishing })).status, 200);
    const token = /manis connector join (\S+)/.exec(manis(dataDir, 'connector', 'add', '--site', 'shed'))?.[1] ?? '';
    const engineSocket = join(folder, 'engine.sock');
    const labels = {
      ...{ 'manis.host': 'box.shed.manis.localhost', 'manis.port': String(portBase + 6) },
      ...{ 'manis.address': '127.0.0.1', 'manis.policy': 'signed-in', 'manis.prot': 'x' },
    };
    engine = createServer((request, response) => {
      if (request.url?.startsWith('/containers/json'))
        response.end(
          JSON.stringify([{ Names: ['/box'], Labels: labels, Ports: [{ PublicPort: portBase + 6, Type: 'tcp' }] }]),
        );
      else {
        response.writeHead(200);
        response.flushHeaders();
      }
    }).listen(engineSocket);
    const file = join(folder, 'here.yaml');
    writeFileSync(file, document('disk.shed').replace('site: home, ', ''));
    const places = ['--data-dir', join(folder, 'shed'), '--udp', '127.0.0.1:0', '--docker-socket', engineSocket];
    connector = spawn('node', [MANIS, 'connector', 'join', token, ...places, '--blueprint', file], { stdio: 'ignore' });
    const published = () =>
      JSON.parse(manis(dataDir, 'blueprint', 'connectors', '--json')) as { kind: string; outcome: string }[];
    const startedMs = performance.now();
    while (published().filter(({ outcome }) => outcome === 'applied').length < 2) {
      assert.ok(performance.now() - startedMs < PUBLISHED_WITHIN_MS, JSON.stringify(published()));
      await sleep(500);
    }
    assert.match(manis(dataDir, 'status'), /box: manis\.prot: .*\(label-unknown\)/);
    untilLive(dataDir);
    await opens('box.shed');
    await opens('disk.shed');
    await page.goto(at('/blueprint'));
    await page.getByText('label-unknown').waitFor();
    await page.goto(at(`/sites/${id}`));
    await page.getByText('label-unknown').waitFor();
    await page.getByText(/manis\.prot/).waitFor();
    await page.goto(at('/blueprint'));
    await page.getByText('label-unknown').waitFor();
    assert.deepEqual(await faultsInEveryLook(page), []);
  });
});
