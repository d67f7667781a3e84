// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createConnection, createServer as createNetServer } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { ClientAuthorityRecord } from '../core/link/index.ts';
import type { Policy } from '../core/policy/index.ts';
import { certificateFacts } from '../io/client-certificate.ts';
import { type Issued, issue } from '../testing/client-pki.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource, target } from '../testing/pop-world.ts';

const OTHER_HOST = 'other.manis.localhost';
const HOUR_MS = 3_600_000;
const BY_CERTIFICATE: Policy = {
  rules: [
    {
      ...{ id: 'machines', name: 'Machines', enabled: true, when: { all: [] } },
      then: { kind: 'authenticate', anyOf: { credentials: ['certificate'] } },
    },
  ],
};

describe('client certificates', () => {
  let world: PopWorld;
  let port: number;
  let heard: Record<string, unknown>[];
  let root: Issued;
  let stranger: Issued;
  let clients: Record<string, Issued>;

  before(async () => {
    world = await PopWorld.start();
    port = await world.listen(
      createServer((request, response) => {
        heard.push(request.headers);
        response.end('hello');
      }),
    );
    const now = world.clock.unixMs();
    root = await issue(now, { name: 'Root', isAuthority: true });
    stranger = await issue(now, { name: 'Root', isAuthority: true });
    const middle = await issue(now, { name: 'Middle', isAuthority: true }, root);
    const leafOf = (name: string, issuer: Issued, more = {}) => issue(now, { name, ...more }, issuer);
    clients = {
      good: await leafOf('robot-1', root, { email: 'robot@example.com', serial: '0a01' }),
      strange: await leafOf('robot-1', stranger),
      expired: await leafOf('robot-2', root, { fromMs: -2 * HOUR_MS, untilMs: -HOUR_MS }),
      future: await leafOf('robot-3', root, { fromMs: HOUR_MS }),
      server: await leafOf('robot-4', root, { purposes: ['1.3.6.1.5.5.7.3.1'] }),
      anyPurpose: await leafOf('robot-5', root, { purposes: [] }),
      byMiddle: await leafOf('robot-6', middle),
      byLeaf: await leafOf('robot-7', await leafOf('robot-8', root)),
      alone: await issue(now, { name: 'alone' }),
      comma: await leafOf('robot\u00e9', root),
    };
    const byMiddle = clients['byMiddle'] as Issued;
    clients['byMiddle'] = { ...byMiddle, certificatePem: `${byMiddle.certificatePem}\n${middle.certificatePem}` };
  });
  after(() => world.stop());
  beforeEach(() => {
    heard = [];
    publish();
  });

  const authority = (changes: Partial<ClientAuthorityRecord> = {}): ClientAuthorityRecord => ({
    ...{ kind: 'clientAuthority', id: 'cau-1', name: 'Robots', resourceIds: ['app'], fingerprints: [] },
    ...{ revokedSerials: [], certificatePem: root.certificatePem },
    ...changes,
  });

  function publish(changes: Partial<ClientAuthorityRecord> = {}, policy = BY_CERTIFICATE): void {
    const other = resource(port, { id: 'other', host: OTHER_HOST, policy: PUBLIC, targets: [target(port)] });
    world.publishBasics(resource(port, { policy }), other, authority(changes));
  }

  async function open(host: string, client?: Issued, options: ConnectionOptions = {}): Promise<TLSSocket> {
    const own = client && { cert: client.certificatePem, key: client.keyPem };
    const socket = connect({
      host: '127.0.0.1',
      port: world.port,
      servername: host,
      ca: world.ca.certificatePem,
      ...own,
      ...options,
    });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  /** The status of a request over the connection, with the Host field that is given; 0 where it was closed. */
  async function ask(socket: TLSSocket, host: string, headers = ''): Promise<number> {
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}:${world.port}\r\n${headers}\r\n`);
    let text = '';
    const closed = once(socket, 'close');
    for (;;) {
      const [part] = await Promise.race([once(socket, 'data'), closed]);
      if (typeof part === 'boolean') return 0;
      text += String(part);
      const head = /^HTTP\/1\.1 (\d+)[\s\S]*?\r\n\r\n/.exec(text);
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (head && text.length - head[0].length >= length) return Number(head[1]);
    }
  }

  async function statusFor(client: Issued | undefined, options: ConnectionOptions = {}): Promise<number> {
    const socket = await open(APP_HOST, client, options);
    const status = await ask(socket, APP_HOST);
    socket.destroy();
    return status;
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    describe(`over ${maxVersion}`, () => {
      const cases: readonly [string, number][] = [
        ['good', 200],
        ['anyPurpose', 200],
        ['byMiddle', 200],
        ['strange', 401],
        ['expired', 401],
        ['future', 401],
        ['server', 401],
        ['byLeaf', 401],
        ['alone', 401],
      ];
      for (const [name, status] of cases)
        test(`the one called ${name} is answered with ${status}`, async () => {
          // Of a signature that is wrong OpenSSL leaves a note, for which Node ends a connection of TLS 1.2.
          const expected = name === 'strange' && maxVersion === 'TLSv1.2' ? 0 : status;
          assert.equal(await statusFor(clients[name], { maxVersion }), expected);
        });

      test('none at all is answered, too: the policy says with what', async () => {
        assert.equal(await statusFor(undefined, { maxVersion }), 401);
      });

      test('one whose key the client does not have ends the handshake', async () => {
        const { certificatePem } = clients['good'] as Issued;
        const stolen = { ...(clients['strange'] as Issued), certificatePem };
        await assert.rejects(statusFor(stolen, { maxVersion }));
      });

      test('a session is not resumed, so the certificate is proved anew', async () => {
        const sessions: Buffer[] = [];
        const first = await open(APP_HOST, clients['good'], { maxVersion });
        first.on('session', (session: Buffer) => sessions.push(session));
        assert.equal(await ask(first, APP_HOST), 200);
        const session = sessions.at(-1) ?? first.getSession();
        first.destroy();
        const again = await open(APP_HOST, undefined, { maxVersion, ...(session && { session }) });
        assert.equal(again.isSessionReused(), false);
        assert.equal(await ask(again, APP_HOST), 401);
        again.destroy();
      });

      test('no session of another host lets one in', async () => {
        const sessions: Buffer[] = [];
        const first = await open(OTHER_HOST, clients['good'], { maxVersion });
        first.on('session', (session: Buffer) => sessions.push(session));
        assert.equal(await ask(first, OTHER_HOST), 200);
        const session = sessions.at(-1) ?? first.getSession();
        first.destroy();
        const again = await open(APP_HOST, undefined, { maxVersion, ...(session && { session }) });
        assert.equal(await ask(again, APP_HOST), 401);
        again.destroy();
      });
    });

  test('only clients of hosts that use them are asked', async () => {
    for (const [host, isAsked] of [
      [APP_HOST, true],
      [OTHER_HOST, false],
      [PORTAL_HOST, false],
    ] as const)
      assert.equal(await wasAsked(host), isAsked, host);
  });

  test('the name of one host and the Host of another are refused, whichever asks', async () => {
    const asked = await open(APP_HOST, clients['good']);
    assert.equal(await ask(asked, OTHER_HOST), 421);
    asked.destroy();
    const notAsked = await open(OTHER_HOST, clients['good']);
    assert.equal(await ask(notAsked, APP_HOST), 421);
    notAsked.destroy();
  });

  test('what is revoked, taken away or changed counts for connections that are open already', async () => {
    const socket = await open(APP_HOST, clients['good']);
    const told: number[] = [];
    const changes: Partial<ClientAuthorityRecord>[] = [
      {},
      { revokedSerials: ['a01'] },
      { revokedSerials: ['b02'], revocationsUntilUnixMs: world.clock.unixMs() + HOUR_MS },
      { revocationsUntilUnixMs: world.clock.unixMs() - 1 },
      { resourceIds: ['other'] },
      { certificatePem: stranger.certificatePem },
      {},
    ];
    for (const change of changes) {
      publish(change);
      told.push(await ask(socket, APP_HOST));
    }
    assert.deepEqual(told, [200, 401, 200, 401, 401, 401, 200]);
    socket.destroy();
  });

  test('one that is pinned is taken as it is, and no other', async () => {
    const { certificatePem } = clients['alone'] as Issued;
    const { fingerprint } = certificateFacts(new X509Certificate(certificatePem));
    const { certificatePem: _, ...pinned } = authority({ fingerprints: [fingerprint] });
    world.publishBasics(resource(port, { policy: BY_CERTIFICATE }), pinned);
    assert.equal(await statusFor(clients['alone']), 200);
    assert.equal(await statusFor(clients['good']), 401);
  });

  test('the backend is told of it in fields that no client can send', async () => {
    const socket = await open(APP_HOST, clients['good']);
    const forged = 'X-Manis-Client-Cert-Subject: CN=root\r\nx_manis_client_cert_common_name: root\r\n';
    assert.equal(await ask(socket, APP_HOST, forged), 200);
    socket.destroy();
    const [headers] = heard;
    const { fingerprint } = certificateFacts(new X509Certificate((clients['good'] as Issued).certificatePem));
    assert.equal(headers?.['x-manis-client-cert-fingerprint'], fingerprint);
    assert.equal(headers?.['x-manis-client-cert-serial'], 'a01');
    assert.equal(headers?.['x-manis-client-cert-subject'], 'CN=robot-1');
    assert.equal(headers?.['x-manis-client-cert-issuer'], 'CN=Root');
    assert.equal(headers?.['x-manis-client-cert-common-name'], 'robot-1');
    assert.equal(headers?.['x-manis-client-cert-emails'], 'robot@example.com');
    assert.match(String(headers?.['x-manis-client-cert-not-after']), /^\d{4}-\d\d-\d\dT/);
    assert.equal(headers?.['remote-user'], 'robot-1');
    assert.equal(headers?.['x_manis_client_cert_common_name'], undefined);
    assert.ok(headers?.['x-manis-assertion']);
    const other = await open(OTHER_HOST, clients['good']);
    assert.equal(await ask(other, OTHER_HOST, forged), 200);
    other.destroy();
    assert.equal(heard[1]?.['x-manis-client-cert-subject'], undefined);
  });

  test('a rule may ask for more of it', async () => {
    const rule = (certificate: object): Policy => ({
      rules: [
        {
          ...{ id: 'some', name: 'Some', enabled: true, when: { certificate } as never },
          then: { kind: 'authenticate', anyOf: { credentials: ['certificate'] } },
        },
      ],
    });
    for (const [certificate, status] of [
      [{ commonNames: ['robot-1'] }, 200],
      [{ commonNames: ['robot-9'] }, 403],
      [{ emails: ['*@example.com'] }, 200],
      [{ authorities: ['cau-2'] }, 403],
    ] as const) {
      publish({}, rule(certificate));
      assert.equal(await statusFor(clients['good']), status, JSON.stringify(certificate));
    }
  });

  test('a slow or broken beginning takes nobody else down', async () => {
    for (const bytes of ['', '\x16\x03\x01', 'GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00']) {
      const raw = createConnection({ host: '127.0.0.1', port: world.port });
      raw.on('error', () => undefined);
      const closed = once(raw, 'close');
      raw.end(Buffer.from(bytes, 'latin1'));
      raw.resume();
      await closed;
    }
    assert.equal(await statusFor(clients['good']), 200);
  });

  /** Whether the server asks for a certificate, by the messages of its first flight, which TLS 1.2 sends in clear. */
  async function wasAsked(host: string): Promise<boolean> {
    const raw = createConnection({ host: '127.0.0.1', port: world.port });
    raw.write(await clientHello(host));
    let flight = Buffer.alloc(0);
    for (;;) {
      const [part] = await once(raw, 'data');
      flight = Buffer.concat([flight, part]);
      const types = handshakeTypes(flight);
      if (!types.includes(SERVER_HELLO_DONE)) continue;
      raw.destroy();
      return types.includes(CERTIFICATE_REQUEST);
    }
  }
});

const CERTIFICATE_REQUEST = 13;
const SERVER_HELLO_DONE = 14;

/** The first bytes of a client that speaks no more than TLS 1.2. */
async function clientHello(servername: string): Promise<Buffer> {
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, servername, maxVersion: 'TLSv1.2' });
  client.on('error', () => undefined);
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

/** The types of the handshake messages in a flight of TLS 1.2 (RFC 5246 section 7.4). */
function handshakeTypes(flight: Buffer): number[] {
  const fragments: Buffer[] = [];
  for (let at = 0; at + 5 <= flight.length; at += 5 + flight.readUInt16BE(at + 3))
    fragments.push(flight.subarray(at + 5, at + 5 + flight.readUInt16BE(at + 3)));
  const messages = Buffer.concat(fragments);
  const types: number[] = [];
  for (let at = 0; at + 4 <= messages.length; at += 4 + messages.readUIntBE(at + 1, 3))
    types.push(messages[at] as number);
  return types;
}
