// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { CredentialRecord } from '../core/link/index.ts';
import type { Policy } from '../core/policy/index.ts';
import type { ResourceClaims, Revocation } from '../core/session/index.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource, sessionId } from '../testing/pop-world.ts';
import { sendRawHttp2 } from '../testing/raw-http2.ts';

const CLOSED_HOST = `closed.${PORTAL_HOST}`;
const OPEN_HOST = `open.${PORTAL_HOST}`;
const OFFICE_HOST = `office.${PORTAL_HOST}`;

const when = { all: [] };
/** Who holds a share link, a guest and Ada may enter. */
const ANY_WAY: Policy = {
  rules: [
    {
      ...{ id: 'r', name: 'Any way', enabled: true, when },
      then: {
        kind: 'authenticate',
        anyOf: { users: ['ada'], emails: ['ann@example.com'], credentials: ['share-link'] },
      },
    },
  ],
};
const LINK: CredentialRecord = {
  ...{ kind: 'credential', id: 'link-1', name: 'For Ann', method: 'share-link', resourceIds: ['app'] },
  ...{ version: 1, secretHash: '0'.repeat(64) },
};
/** All but what is below /admin is public. */
const CLOSED: Policy = {
  rules: [
    { ...{ id: 'no', name: 'No', enabled: true, when: { path: { prefix: '/admin' } } }, then: { kind: 'deny' } },
    ...PUBLIC.rules,
  ],
};
/** Public from one address, closed to all others. */
const OFFICE: Policy = {
  rules: PUBLIC.rules.map((rule) => ({ ...rule, when: { ip: ['203.0.113.7', '10.0.0.0/8'] } })),
};

describe('attacks that every release withstands', () => {
  let world: PopWorld;
  let paths: string[] = [];
  let forwarded: string[] = [];
  let smuggled = false;
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((request, response) => {
      paths.push(request.url ?? '');
      const { rawHeaders } = request;
      smuggled ||= rawHeaders.some((name, i) => i % 2 === 0 && /smuggled/i.test(name));
      forwarded = rawHeaders.filter((_, i) => i % 2 === 1 && /forward|real-ip/i.test(rawHeaders[i - 1] ?? ''));
      if (request.url === '/events') return void response.write('data: 1\n\n');
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        response.setHeader('X-Encoding', request.headers['content-encoding'] ?? '');
        response.end(String(Buffer.concat(parts).length));
      });
    });
    const port = await world.listen(backend);
    world.publishBasics(
      LINK,
      resource(port, { policy: ANY_WAY }),
      resource(port, { id: 'closed', host: CLOSED_HOST, policy: CLOSED }),
      resource(port, { id: 'open', host: OPEN_HOST, policy: PUBLIC }),
      resource(port, { id: 'office', host: OFFICE_HOST, policy: OFFICE }),
    );
  });
  after(() => world.stop());

  const get = (path: string, host: string, rest = 'Connection: close\r\n') =>
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${rest}\r\n`;

  test('a path that a rule keeps closed is closed in every spelling', async () => {
    const spellings = [
      ...[
        '/admin',
        '/admin/',
        '/admin/x',
        '//admin',
        '/./admin',
        '/x/../admin',
        '/%61dmin',
        '/%2e/admin',
        '/x/%2e%2e/admin',
      ],
      ...[
        '/admin?x',
        '/admin/..;/admin',
        '/x//..//admin',
        '/.//admin',
        '/admin/.',
        '///admin///x',
        '/%41dmin/../admin',
      ],
      ...[
        '/%2fadmin',
        '/x%2f..%2fadmin',
        '/%5cadmin',
        '/x\\..\\admin',
        '/..%2fadmin',
        '/%252e%252e/admin',
        '/%25%36%31dmin',
      ],
      ...['/%c0%ae%c0%ae/admin', '/%e0%80%afadmin', '/x/%c0%ae./admin', '/admin%00', '/%00/admin', '/x#/../admin'],
      ...['/;/admin', '/x;/../admin', '/.;/admin', `http://${CLOSED_HOST}/admin`, `https://${CLOSED_HOST}//admin`],
    ];
    paths = [];
    for (const spelling of spellings) {
      const text = await world.exchange(CLOSED_HOST, get(spelling, CLOSED_HOST));
      if (text.startsWith('HTTP/1.1 200')) continue;
      assert.match(text, /^HTTP\/1\.1 40[03] /, spelling);
    }
    // What did get through is not what was closed, to a backend that reads a path in whatever way.
    for (const path of paths) {
      const plain = path.replaceAll(/;[^/]*/g, '').replaceAll('\\', '/');
      assert.doesNotMatch(new URL(plain, 'http://x').pathname.replaceAll(/\/+/g, '/'), /^\/admin(\/|$)/, path);
    }
    assert.equal(
      (await world.fetch(CLOSED_HOST, '/administration')).status,
      200,
      'a neighbour by name is another path',
    );
  });

  test('a chain of forwarded addresses moves nobody to another address, neither for a policy nor for a backend', async () => {
    const chains = [
      ...['203.0.113.7', '203.0.113.7, 127.0.0.1', '127.0.0.1, 203.0.113.7', '10.0.0.1,10.0.0.2,10.0.0.3'],
      ...[', , 203.0.113.7', '"203.0.113.7"', '[::ffff:203.0.113.7]:1', `${'10.0.0.1,'.repeat(500)}203.0.113.7`],
    ];
    for (const chain of chains) {
      const claims =
        `X-Forwarded-For: ${chain}\r\nX-Forwarded-For: 203.0.113.7\r\nx_forwarded_for: ${chain}\r\n` +
        `Forwarded: for=203.0.113.7;by=10.0.0.1\r\nX-Real-IP: 203.0.113.7\r\nCF-Connecting-IP: 203.0.113.7\r\n` +
        'Connection: close, X-Forwarded-For\r\n';
      const closed = await world.exchange(OFFICE_HOST, get('/', OFFICE_HOST, claims));
      assert.match(closed, /^HTTP\/1\.1 40[03] /, chain);
      const open = await world.exchange(OPEN_HOST, get('/', OPEN_HOST, claims));
      if (!open.startsWith('HTTP/1.1 200')) continue;
      assert.doesNotMatch(forwarded.join('\n'), /203\.0\.113|10\.0\.0/, chain);
      assert.ok(forwarded.includes('127.0.0.1'), chain);
    }
  });

  test('HTTP/2 that would be another request when it is written down as HTTP/1.1 reaches no backend', async () => {
    const hidden = `GET /hidden HTTP/1.1\r\nHost: ${OPEN_HOST}\r\n\r\n`;
    const head = (changes: Readonly<Record<string, string>> = {}): [string, string][] =>
      Object.entries({ ':method': 'GET', ':scheme': 'https', ':path': '/plain', ':authority': OPEN_HOST, ...changes });
    const post = head({ ':method': 'POST' });
    const table: [name: string, fields: [string, string][], body?: string][] = [
      ['a length that is shorter than the body', [...post, ['content-length', '0']], hidden],
      ['a length that is longer', [...post, ['content-length', '9999']], hidden],
      ['two lengths', [...post, ['content-length', '0'], ['content-length', String(hidden.length)]], hidden],
      ['chunks', [...post, ['transfer-encoding', 'chunked']], `0\r\n\r\n${hidden}`],
      ['a connection field', [...head(), ['connection', 'keep-alive, x-smuggled']]],
      ['an upgrade', [...head(), ['upgrade', 'h2c']]],
      ['a value with a line end', [...head(), ['x-a', `b\r\n\r\n${hidden}`]]],
      ['a value with a line feed', [...head(), ['x-a', 'b\nx-smuggled: 1']]],
      ['a value with a zero', [...head(), ['x-a', 'b\0']]],
      ['a name with a line end', [...head(), ['x-a: b\r\nx-smuggled', '1']]],
      ['a name with a colon', [...head(), ['x-smuggled:', '1']]],
      ['a name with a blank', [...head(), ['x-smuggled ', '1']]],
      ['a name in capitals', [...head(), ['X-Smuggled', '1']]],
      ['a path with a line end', head({ ':path': `/hidden HTTP/1.1\r\nx-smuggled: 1\r\n\r\n${hidden}` })],
      ['a path with a blank', head({ ':path': '/hidden HTTP/1.1' })],
      ['a method with a blank', head({ ':method': 'GET /hidden HTTP/1.1\r\nx-smuggled: 1\r\nx-b:' })],
      ['another host in the target', head({ ':authority': `${CLOSED_HOST}` })],
      ['another host beside it', [...head(), ['host', CLOSED_HOST]]],
      ['a scheme that is another target', head({ ':scheme': `https://${CLOSED_HOST}/hidden?` })],
      ['a second path', [...head(), [':path', '/hidden']]],
      ['a path after the fields', [...head().slice(0, 2), ['x-a', 'b'], [':path', '/hidden']]],
    ];
    const open = async (): Promise<TLSSocket> => {
      const at = { host: '127.0.0.1', port: world.port, servername: OPEN_HOST, ca: world.ca.certificatePem };
      const socket = tlsConnect({ ...at, ALPNProtocols: ['h2'] });
      await once(socket, 'secureConnect');
      return socket;
    };
    paths = [];
    smuggled = false;
    assert.equal(await sendRawHttp2(await open(), head()), 'answered', 'what is right goes through');
    assert.deepEqual(paths, ['/plain']);
    for (const [name, fields, body] of table) {
      paths = [];
      await sendRawHttp2(await open(), fields, body);
      // What is behind it on the backend's connection would come with the next request.
      assert.equal((await world.fetch(OPEN_HOST, '/next')).status, 200, name);
      assert.ok(!paths.some((path) => /hidden/.test(path)) && !smuggled, `${name}: ${paths.join()}`);
    }
  });

  test('a body that unpacks to a thousand times its size is passed on packed', async () => {
    const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024));
    const head = `POST / HTTP/1.1\r\nHost: ${OPEN_HOST}\r\nContent-Encoding: gzip\r\nConnection: close\r\n`;
    const socket = await world.connect(OPEN_HOST);
    let text = '';
    socket.on('data', (part: Buffer) => {
      text += part.toString('latin1');
    });
    socket.on('end', () => socket.end()).on('error', () => undefined);
    socket.write(`${head}Content-Length: ${bomb.length}\r\n\r\n`);
    socket.write(bomb);
    await once(socket, 'close');
    assert.match(text, new RegExp(`x-encoding: gzip[^]*\r\n\r\n[^]*${bomb.length}`, 'i'));
  });

  const now = () => world.clock.unixMs();
  const guest = { kind: 'guest', email: 'ann@example.com' } as const;
  const holder = { kind: 'holder', credentialId: 'link-1' } as const;
  const endings: [name: string, claims: () => Partial<ResourceClaims>, end: () => Revocation | undefined][] = [
    [
      'a share link that is revoked in use',
      () => ({ subject: holder, epoch: 1, methods: ['share-link'] }),
      () => ({ kind: 'credential', credentialId: 'link-1', minimumVersion: 2, atUnixMs: now() }),
    ],
    [
      'a share link that is taken out of the snapshot',
      () => ({ subject: holder, epoch: 1, methods: ['share-link'] }),
      () => void world.publishDelta({ ...LINK, resourceIds: [] }),
    ],
    [
      'a guest whose address is revoked',
      () => ({ subject: guest, epoch: now(), methods: ['email-otp'] }),
      () => ({ kind: 'user', userId: 'guest:ann@example.com', minimumEpoch: now() + 1, atUnixMs: now() }),
    ],
    [
      // Last: nothing that this PoP signed is good any more.
      'the key of the PoP that signed it, revoked',
      () => ({}),
      () => ({ kind: 'key', keyId: 'pop-1', atUnixMs: now() }),
    ],
  ];
  for (const [name, claims, end] of endings)
    test(`${name}: the next request is refused, and what is open is cut`, async () => {
      // Each ending is of its own time, so that it does not meet what came before.
      world.clock.advance(1_000);
      world.publishDelta(LINK);
      const isRevokedBefore = name.includes('taken out');
      const version = isRevokedBefore ? 2 : 1;
      if (isRevokedBefore) world.publishDelta({ ...LINK, version });
      const own = claims();
      const epoch = own.subject?.kind === 'holder' ? { epoch: version } : {};
      const cookie = world.sessionCookie('app', APP_HOST, { id: sessionId(), ...own, ...epoch });
      const ask = () => world.fetch(APP_HOST, '/', { headers: { cookie } });
      assert.equal((await ask()).status, 200, 'before');
      const client = await world.connect(APP_HOST);
      client.on('error', () => undefined);
      client.write(get('/events', APP_HOST, `Cookie: ${cookie}\r\n`));
      await once(client, 'data');
      const closed = once(client, 'close');
      client.on('end', () => client.end()).resume();
      const revocation = end();
      if (revocation) world.revoke(revocation);
      await closed;
      assert.equal((await ask()).status, 401, 'after');
    });
});
