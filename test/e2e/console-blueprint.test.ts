/** heavy: a document makes an application that opens in a browser, by the command line and in the console. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { requireTools } from '../interop/requirements.ts';
import { faultsOfPage, LOOKS } from './axe.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { freePortBase, MANIS, manis, Network, remove, temporaryFolder, untilLive } from './network.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'admin@manis.localhost';
/** From a connector's first start to its applications. */
const PUBLISHED_WITHIN_MS = 60_000;

describe('blueprints', { timeout: 240_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  let network: Network;
  let browser: BrowserContext;
  let page: Page;
  let portBase = 0;
  let engine: Server | undefined;
  let connector: ChildProcess | undefined;
  const faults: string[] = [];

  const at = (path: string) => `${network.ready.dashboard}/console${path}`;
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
    if (!requireTools(context as never, [CHROMIUM])) return;
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD);
    portBase = await freePortBase();
    const ports = ['--port-base', String(portBase), '--data-dir', dataDir];
    network = await Network.start([...ports, '--admin-password-file', passwordFile]);
    browser = await openChromium(network.ca, join(folder, 'profile'));
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => faults.push(String(error)));
  });
  after(async () => {
    if (connector?.exitCode === null) {
      connector.kill('SIGTERM');
      await once(connector, 'exit');
    }
    engine?.closeAllConnections();
    engine?.close();
    await browser?.close();
    await network?.stop();
    remove(folder);
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
    await page.goto(at('/blueprint'));
    await page.fill('#email', EMAIL);
    await page.fill('#password', PASSWORD);
    await page.press('#password', 'Enter');
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
    for (const { colorScheme, width } of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      // A colour that is on its way to another one is neither.
      await page.evaluate('Promise.all(document.getAnimations().map((one) => one.finished))');
      assert.deepEqual(await faultsOfPage(page), [], `${colorScheme} ${width}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.getByText('Applied: every point of presence').waitFor();
    await opens('by-hand');
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
    assert.deepEqual(faults, []);
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
    for (const { colorScheme, width } of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      // A colour that is on its way to another one is neither.
      await page.evaluate('Promise.all(document.getAnimations().map((one) => one.finished))');
      assert.deepEqual(await faultsOfPage(page), [], `${colorScheme} ${width}`);
    }
  });
});
