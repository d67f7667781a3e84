/** heavy: HTTP/2 as Chromium speaks it, at a whole PoP: pages, many requests at once, other hosts, WebSockets, client certificates. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { issue } from '../../src/testing/client-pki.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource, SIGNED_IN } from '../../src/testing/pop-world.ts';
import { requireTools } from '../interop/requirements.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { remove, temporaryFolder } from './network.ts';

const OTHER_HOST = `other.${PORTAL_HOST}`;
const ASKING_HOST = `asking.${PORTAL_HOST}`;

describe('a browser that speaks HTTP/2', { timeout: 120_000 }, () => {
  const folder = temporaryFolder();
  let world: PopWorld;
  let browser: BrowserContext;
  let page: Page;
  before(async (context) => {
    if (!requireTools(context as never, [CHROMIUM])) return;
    world = await PopWorld.start();
    const backend = createServer(async (request, response) => {
      let length = 0;
      for await (const part of request) length += (part as Buffer).length;
      const fields = { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/html' };
      response.writeHead(200, fields).end(`<title>here</title>${request.url} ${request.headers.host} ${length}`);
    });
    const sockets = new WebSocketServer({ server: backend });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`heard ${data}`)));
    const port = await world.listen(backend);
    const root = await issue(world.clock.unixMs(), { name: 'Root', isAuthority: true });
    world.publishBasics(
      resource(port, { policy: PUBLIC }),
      resource(port, { id: 'other', host: OTHER_HOST, policy: PUBLIC }),
      resource(port, { id: 'asking', host: ASKING_HOST, policy: SIGNED_IN }),
      {
        ...{ kind: 'clientAuthority', id: 'authority', name: 'Root', fingerprints: [], revokedSerials: [] },
        ...{ certificatePem: root.certificatePem, resourceIds: ['asking'] },
      },
    );
    browser = await openChromium(world.ca.certificatePem, join(folder, 'profile'));
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
    remove(folder);
  });

  const url = (host: string, path = '/'): string => `https://${host}:${world.port}${path}`;

  test('uses it for the page, for many requests at once, and for what it sends', async () => {
    await page.goto(url(APP_HOST));
    assert.equal(await page.title(), 'here');
    const [protocol, answers, uploaded] = await page.evaluate(async () => {
      const [entry] = performance.getEntriesByType('navigation' as never) as unknown as { nextHopProtocol: string }[];
      const many = Array.from({ length: 150 }, (_, i) => fetch(`/n/${i}`).then((answer) => answer.text()));
      const body = new Blob([new Uint8Array(3_000_000)]);
      const upload = await fetch('/upload', { method: 'POST', body }).then((answer) => answer.text());
      return [entry?.nextHopProtocol, await Promise.all(many), upload] as const;
    });
    assert.equal(protocol, 'h2');
    assert.deepEqual(
      answers.map((text, i) => text.includes(`/n/${i} `)),
      answers.map(() => true),
    );
    assert.match(uploaded, /3000000$/);
  });

  test('reaches other hosts of the same certificate, by whichever connection', async () => {
    const text = await page.evaluate((other) => fetch(other).then((answer) => answer.text()), url(OTHER_HOST, '/o'));
    assert.match(text, new RegExp(`/o ${OTHER_HOST}`));
    await page.goto(url(PORTAL_HOST, '/sign-in'));
    await page.locator('form').first().waitFor();
  });

  test('opens a WebSocket on the connection that it has', async () => {
    await page.goto(url(APP_HOST));
    const before = world.pop.counters()['exchanges']?.['upgraded'] ?? 0;
    const heard = await page.evaluate(
      (address) =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(address);
          socket.onopen = () => socket.send('hello');
          socket.onerror = () => reject(new Error('no WebSocket'));
          socket.onmessage = ({ data }) => {
            socket.close();
            resolve(data);
          };
        }),
      url(APP_HOST, '/socket').replace('https', 'wss'),
    );
    assert.equal(heard, 'heard hello');
    assert.equal(world.pop.counters()['exchanges']?.['upgraded'], before + 1);
  });

  test('opens a connection of its own for a host that asks for certificates, and is asked to sign in there', async () => {
    await page.goto(url(APP_HOST));
    const answer = await page.goto(url(ASKING_HOST));
    assert.equal(new URL(page.url()).host, `${PORTAL_HOST}:${world.port}`);
    assert.equal(answer?.status(), 200);
  });
});
