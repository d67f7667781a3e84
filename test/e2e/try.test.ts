/** heavy: `manis try` against a network that was started as people start it, and what people see of it in Chromium. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext } from 'playwright-core';
import { requireTools } from '../interop/requirements.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { freePortBase, MANIS, manis, Network, remove, temporaryFolder } from './network.ts';
import { Visitor } from './visitor.ts';

interface Said {
  readonly event: string;
  readonly applications: readonly { readonly url: string; readonly leadsTo: string }[];
  readonly secret: string;
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly how: string;
  readonly status: number;
}

class Tried {
  readonly child: ChildProcess;
  readonly said: Said[] = [];
  #heard: () => void = () => undefined;

  constructor(dataDir: string, home: string, ...args: readonly string[]) {
    this.child = spawn('node', [MANIS, 'try', ...args, '--json', '--data-dir', dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, HOME: home },
    });
    createInterface({ input: this.child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) => {
      this.said.push(JSON.parse(line) as Said);
      this.#heard();
    });
  }

  async until(fits: (said: Said) => boolean): Promise<Said> {
    for (;;) {
      const found = this.said.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  ready(): Promise<Said> {
    return this.until(({ event }) => event === 'ready');
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }
}

describe('a developer publishes a port for a while', { timeout: 240_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  let network: Network;
  let browser: BrowserContext;
  let app: Server;
  let port = 0;
  const started: Tried[] = [];

  const run = (...args: readonly string[]): Tried => {
    const tried = new Tried(dataDir, folder, ...args);
    started.push(tried);
    return tried;
  };
  const resources = async () =>
    (await network.api('GET', '/resources')).body as { items: { host: string; id: string }[] };

  before(async (context) => {
    if (!requireTools(context as never, [CHROMIUM])) return;
    app = createServer((request, response) => {
      response.setHeader('content-type', 'text/html');
      response.statusCode = request.url?.startsWith('/missing') ? 404 : 200;
      response.end(`<h1>Mine</h1><p>${request.headers.host}</p>`);
    }).listen(0, '127.0.0.1');
    await once(app, 'listening');
    port = (app.address() as AddressInfo).port;
    network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir]);
    browser = await openChromium(network.ca, join(folder, 'profile'));
  });
  after(async () => {
    for (const tried of started) await tried.stop('SIGKILL');
    await browser?.close();
    await network?.stop();
    app?.close();
    remove(folder);
  });

  test('whoever has the PIN gets in, each request is told, and Ctrl-C leaves nothing behind', async () => {
    const tried = run(`localhost:${port}`);
    const { applications, secret, id } = await tried.ready();
    const [{ url } = { url: '' }] = applications;
    assert.match(secret, /^\d{8}$/);
    const page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(url);
    await page.locator('input[name="secret"]').fill(secret);
    await page.press('input[name="secret"]', 'Enter');
    await page.getByRole('heading', { name: 'Mine' }).waitFor();
    await page.goto(`${url}/missing?token=hidden`);
    const line = await tried.until(({ event, path }) => event === 'request' && path === '/missing');
    assert.deepEqual([line.method, line.status], ['GET', 404]);
    assert.ok(!JSON.stringify(tried.said).includes('hidden'), 'queries are not told');
    const listed = JSON.parse(manis(dataDir, 'try', 'list', '--json')) as { id: string; expiresUnixMs: number }[];
    assert.deepEqual(
      listed.map((item) => item.id),
      [id],
    );
    await tried.stop();
    assert.deepEqual(JSON.parse(manis(dataDir, 'try', 'list', '--json')), []);
    assert.ok((await resources()).items.every(({ host }) => !url.includes(host)));
    assert.deepEqual(readdirSync(join(folder, '.local/share/manis/try')), []);
    await page.goto(url).catch(() => undefined);
    assert.equal(await page.getByRole('heading', { name: 'Mine' }).count(), 0);
  });

  test('a folder and a port beside each other, open to everybody, end when somebody else ends them', async () => {
    const site = join(folder, 'site');
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), '<h1>Folder</h1>');
    writeFileSync(join(site, '.env'), 'SECRET=1');
    const tried = run(`shop=${port}`, `docs=${site}`, '--public');
    const { applications, id } = await tried.ready();
    const [shop, docs] = applications.map(({ url }) => url);
    const visitor = new Visitor({ ca: network.ca });
    assert.match(String(shop), /^https:\/\/shop\.manis\.localhost:/);
    assert.match((await visitor.open(`${shop}/`)).text, /Mine.*shop\.manis\.localhost/);
    assert.match((await visitor.open(`${docs}/`)).text, /Folder/);
    assert.equal((await visitor.open(`${docs}/.env`)).status, 404);
    manis(dataDir, 'try', 'end', id);
    assert.equal((await visitor.open(`${docs}/`)).status, 404);
    await tried.stop();
  });

  test('what is kept stays when the program ends, and its connector goes on with the port itself', async () => {
    const tried = run(String(port), '--host', 'kept', '--public', '--keep');
    const { how } = await tried.until(({ event }) => event === 'kept');
    await tried.stop();
    const { items } = await resources();
    const kept = items.find(({ host }) => host === 'kept.manis.localhost');
    assert.ok(kept);
    const targets = (await network.api('GET', `/resources/${kept.id}/targets`)).body as { items: { url: string }[] };
    assert.deepEqual(
      targets.items.map(({ url }) => url),
      [`http://localhost:${port}`],
    );
    const words = /manis (connector --data-dir \S+)$/.exec(how)?.[1]?.split(' ') ?? [];
    const connector = spawn('node', [MANIS, ...words], { stdio: 'ignore' });
    try {
      const visitor = new Visitor({ ca: network.ca });
      const url = new URL(network.ready.dashboard);
      url.host = `kept.${url.host}`;
      let text = '';
      while (!text.includes('Mine')) text = (await visitor.open(url)).text;
    } finally {
      connector.kill('SIGTERM');
      await once(connector, 'exit');
    }
  });
});
