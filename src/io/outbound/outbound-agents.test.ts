// An HTTPS server behind proxies that a test plays: what is reached, how, and what is said where it is not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { ConnectProxy, type ConnectProxyOptions } from '../../testing/connect-proxy.ts';
import { issueLeaf, type Leaf, openLocalCa } from '../certificates.ts';
import { JsonClient } from '../json-client.ts';
import { createRandom } from '../random.ts';
import type { OutboundSettings } from './outbound-agents.ts';

describe('a request through a proxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-proxy-'));
  let server: Server;
  let leaf: Leaf;
  let ca = '';
  let authority = '';
  before(async () => {
    const random = createRandom();
    const local = await openLocalCa(folder, Date.now(), random);
    leaf = issueLeaf(local, { dns: ['localhost'], ip: ['127.0.0.1'] }, Date.now(), random);
    ca = local.certificatePem;
    server = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, (request, response) => {
      response.end(JSON.stringify({ authorization: request.headers['proxy-authorization'] ?? null }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  async function startProxy(t: TestContext, options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
    const proxy = await ConnectProxy.start(options);
    t.after(() => proxy.stop());
    return proxy;
  }

  async function ask(outbound: OutboundSettings): Promise<unknown> {
    const client = new JsonClient({ timeoutMs: 5_000, answerBytes: 1_000, ca, ...outbound });
    try {
      return (await client.send({ method: 'GET', url: new URL(`https://${authority}/`) })).body;
    } finally {
      client.close();
    }
  }

  const through = (url: URL): OutboundSettings => ({ proxy: { url, except: [] } });

  for (const scheme of ['http', 'https'] as const) {
    test(`reaches its server by an ${scheme} proxy with credentials, which the server never sees`, async (t) => {
      const proxy = await startProxy(t, { credentials: 'ada:s%cret', ...(scheme === 'https' && { leaf }) });
      assert.deepEqual(await ask(through(proxy.url('ada:s%25cret'))), { authorization: null });
      assert.deepEqual(proxy.asked, [authority]);
    });
  }

  test('does not go through the proxy to an exempt host', async (t) => {
    const proxy = await startProxy(t, { refuseWith: '500 No' });
    await ask({ proxy: { url: proxy.url(), except: ['127.0.0.0/8'] } });
    assert.deepEqual(proxy.asked, []);
  });

  test('trusts an https proxy no more than any server', async (t) => {
    const proxy = await startProxy(t, { leaf });
    const client = new JsonClient({ timeoutMs: 5_000, answerBytes: 1_000, ...through(proxy.url()) });
    t.after(() => client.close());
    const asked = client.send({ method: 'GET', url: new URL(`https://${authority}/`) });
    await assert.rejects(asked, { code: 'proxy-unreachable' });
    assert.deepEqual(proxy.asked, []);
  });

  const refusals: { what: string; options: ConnectProxyOptions; user?: string; code: string; message: RegExp }[] = [
    {
      what: 'wants credentials',
      options: { credentials: 'ada:secret' },
      code: 'proxy-authentication',
      message: /^the proxy 127\.0\.0\.1:\d+ answered 407 Proxy Authentication Required: use http:\/\/USER:PASSWORD@127/,
    },
    {
      what: 'wants others',
      options: { credentials: 'ada:secret' },
      user: 'ada:wrong',
      code: 'proxy-authentication',
      message: /it does not take the user name and password$/,
    },
    {
      what: 'forbids the way',
      options: { refuseWith: '403 Forbidden' },
      code: 'proxy-refused',
      message: /answered 403 Forbidden when asked for 127\.0\.0\.1:\d+$/,
    },
  ];
  for (const { what, options, user, code, message } of refusals) {
    test(`says so where the proxy ${what}`, async (t) => {
      const proxy = await startProxy(t, options);
      await assert.rejects(ask(through(proxy.url(user))), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /wrong|secret/);
        return true;
      });
    });
  }

  test('says so where nobody listens', async () => {
    await assert.rejects(ask(through(new URL('http://127.0.0.1:1'))), { code: 'proxy-unreachable' });
  });
});
