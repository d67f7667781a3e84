/** Who the client is where proxies stand before a PoP, by what the backend and the policy are told. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { type Endpoint, type Prefix, parseEndpoint, parsePrefix } from '../base/index.ts';
import type { Policy } from '../core/policy/index.ts';
import { writeProxyHeader } from '../core/proxy-protocol/index.ts';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';
import { trustedProxies } from './client-facts.ts';

/** This proxy is trusted, this one is not, and this one is trusted behind the first. */
const TRUSTED = '127.0.0.2';
const STRANGER = '127.0.0.3';
const INNER = '10.9.0.1';
const prefix = (text: string): Prefix => parsePrefix(text) ?? assert.fail(text);
const endpoint = (text: string): Endpoint => parseEndpoint(text) ?? assert.fail(text);
const PREFIXES = [prefix(TRUSTED), prefix('10.9.0.0/16')];
const DOCUMENTATION = '203.0.113.0/24';

/** Nobody from the blocked addresses, everybody else. */
const POLICY: Policy = {
  rules: [
    {
      ...{ id: 'blocked', name: 'Blocked', enabled: true, when: { ip: [DOCUMENTATION] } },
      // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
      then: { kind: 'deny' },
    },
    ...PUBLIC.rules,
  ],
};

function worldBehind(speakProxyProtocol: boolean) {
  let world: PopWorld;
  before(async () => {
    world = await PopWorld.start({ proxies: trustedProxies(PREFIXES, speakProxyProtocol) });
    const backend = createServer((request, response) => {
      const { 'x-forwarded-for': chain, 'x-real-ip': client, forwarded } = request.headers;
      response.end(JSON.stringify({ chain, client, forwarded }));
    });
    world.publishBasics(resource(await world.listen(backend), { policy: POLICY }));
  });
  after(() => world.stop());
  return {
    get world() {
      return world;
    },
    /** A connection from an address, which begins with these bytes before TLS. */
    async tls(from: string, first: Uint8Array = new Uint8Array(), protocols = ['http/1.1']): Promise<TLSSocket> {
      const socket = connect({ host: '127.0.0.1', port: world.port, localAddress: from });
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(first);
      const secure = tlsConnect({ socket, servername: APP_HOST, ALPNProtocols: protocols, rejectUnauthorized: false });
      secure.on('error', () => undefined);
      return secure;
    },
  };
}

async function ask(socket: Socket, fields = ''): Promise<string> {
  socket.write(`GET / HTTP/1.1\r\nHost: ${APP_HOST}\r\nConnection: close\r\n${fields}\r\n`);
  let text = '';
  for await (const part of socket) text += part;
  return text;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** As a flat text: the addresses that the backend hears of. */
const told = (answer: string): string => /"chain":"([^"]*)"/.exec(answer)?.[1] ?? `no answer: ${answer.slice(0, 60)}`;

describe('behind proxies that write X-Forwarded-For', () => {
  const at = worldBehind(false);

  const CASES: readonly (readonly [what: string, from: string, fields: string, chain: string])[] = [
    ['the connection, where nothing is said', TRUSTED, '', TRUSTED],
    ['who a trusted proxy names', TRUSTED, '198.51.100.7', `198.51.100.7, ${TRUSTED}`],
    [
      'the last before those that are trusted',
      TRUSTED,
      `1.1.1.1, 198.51.100.7, ${INNER}`,
      `198.51.100.7, ${INNER}, ${TRUSTED}`,
    ],
    ['a client of IPv6', TRUSTED, '[2001:db8::7]:443', `2001:db8::7, ${TRUSTED}`],
    ['nobody but the connection, from anyone else', STRANGER, '198.51.100.7', STRANGER],
  ];
  for (const [what, from, field, chain] of CASES)
    test(`the client is ${what}`, async () => {
      const answer = await ask(await at.tls(from), field && `X-Forwarded-For: ${field}\r\n`);
      assert.equal(told(answer), chain);
    });

  test('nobody comes in where a trusted proxy names no address: what an address may not do fails closed', async () => {
    assert.match(await ask(await at.tls(TRUSTED), 'X-Forwarded-For: unknown\r\n'), /^HTTP\/1\.1 403 /);
  });

  test('every client of one connection is itself', async () => {
    const socket = await at.tls(TRUSTED);
    const line = (client: string, rest = '') =>
      `GET / HTTP/1.1\r\nHost: ${APP_HOST}\r\nX-Forwarded-For: ${client}\r\n${rest}\r\n`;
    socket.write(line('198.51.100.1') + line('198.51.100.2') + line('198.51.100.1', 'Connection: close\r\n'));
    let text = '';
    for await (const part of socket) text += part;
    const clients = [...text.matchAll(/"client":"([^"]*)"/g)].map(([, client]) => client);
    assert.deepEqual(clients, ['198.51.100.1', '198.51.100.2', '198.51.100.1']);
  });

  test('the policy judges the client, and a stranger cannot be another', async () => {
    const blocked = 'X-Forwarded-For: 203.0.113.5\r\n';
    assert.match(await ask(await at.tls(TRUSTED), blocked), /^HTTP\/1\.1 403 /);
    assert.match(await ask(await at.tls(STRANGER), blocked), /^HTTP\/1\.1 200 /);
  });
});

describe('behind proxies that speak the PROXY protocol', () => {
  const at = worldBehind(true);
  const header = (version: 1 | 2, client: string) =>
    writeProxyHeader(version, {
      ...{ kind: 'proxied', transport: 'stream' },
      ...{
        source: endpoint(client),
        destination: endpoint(client.startsWith('[') ? '[2001:db8::1]:443' : '192.0.2.1:443'),
      },
    });

  for (const version of [1, 2] as const)
    for (const client of ['198.51.100.7:1234', '[2001:db8::7]:1234'])
      test(`the client is who version ${version} names: ${client}`, async () => {
        const answer = await ask(await at.tls(TRUSTED, header(version, client)));
        assert.equal(told(answer), endpoint(client).address.text);
      });

  test('the client is the same over HTTP/2', async () => {
    const secure = await at.tls(TRUSTED, header(2, '198.51.100.7:1234'), ['h2']);
    const session = connectHttp2(`https://${APP_HOST}`, { createConnection: () => secure });
    const stream = session.request({ ':path': '/', ':authority': APP_HOST });
    let text = '';
    for await (const part of stream.setEncoding('utf8')) text += part;
    session.close();
    assert.equal(told(text), '198.51.100.7');
  });

  test('the proxy that speaks for itself is the client', async () => {
    assert.equal(told(await ask(await at.tls(TRUSTED, writeProxyHeader(2, { kind: 'local' })))), TRUSTED);
  });

  test('whom the proxy does not know is nobody, and not the proxy', async () => {
    for (const version of [1, 2] as const) {
      const answer = await ask(await at.tls(TRUSTED, writeProxyHeader(version, { kind: 'unknown' })));
      assert.ok(answer.startsWith('HTTP/1.1 '), answer);
      assert.notEqual(told(answer), TRUSTED);
    }
  });

  test('a trusted proxy without a header is cut, and counted', async () => {
    const before = at.world.pop.counters();
    await closed(await at.tls(TRUSTED));
    assert.notDeepEqual(at.world.pop.counters(), before);
  });

  test('a header of anyone else is no TLS', async () => {
    const secure = await at.tls(STRANGER, header(1, '198.51.100.7:1234'));
    await closed(secure);
    assert.equal(secure.authorized, false);
    assert.equal(told(await ask(await at.tls(STRANGER))), STRANGER);
  });

  test('connections are counted by client, not by proxy', async () => {
    const many = await Promise.all(
      Array.from({ length: 200 }, (_, i) => at.tls(TRUSTED, header(2, `198.51.100.${i + 1}:1234`))),
    );
    const answers = await Promise.all(many.map((socket) => ask(socket)));
    assert.equal(answers.filter((answer) => answer.startsWith('HTTP/1.1 200')).length, 200);
  });
});
