import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createNetServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

/** What a strict front refuses, byte for byte, over real TLS connections. */
describe('the door', () => {
  let world: PopWorld;
  let reached = 0;
  before(async () => {
    world = await PopWorld.start({ redirect: true });
    const backend = createServer((_request, response) => {
      reached++;
      response.end('reached');
    });
    world.publishBasics(resource(await world.listen(backend), { policy: PUBLIC }));
  });
  after(() => world.stop());

  const line = (target = '/', host = `Host: ${APP_HOST}\r\n`, rest = '') =>
    `GET ${target} HTTP/1.1\r\n${host}Connection: close\r\n${rest}\r\n`;
  const refused: [string, () => string, number, string][] = [
    ['no Host', () => line('/', ''), 400, 'host-missing'],
    ['two Hosts', () => line('/', `Host: ${APP_HOST}\r\nhost: ${APP_HOST}\r\n`), 400, 'host-duplicated'],
    ['an empty Host', () => line('/', 'Host: \r\n'), 400, 'host-empty'],
    ['a Host with user information', () => line('/', `Host: a@${APP_HOST}\r\n`), 400, 'host-character'],
    ['a Host that is not the server name', () => line('/', `Host: ${PORTAL_HOST}\r\n`), 421, 'server-name-differs'],
    ['an absolute form for another host', () => line(`https://${PORTAL_HOST}/`), 400, 'target-host-differs'],
    ['an absolute form with user information', () => line(`https://x@${APP_HOST}/`), 400, 'target-host-differs'],
    ['an authority form', () => line(`${APP_HOST}:443`), 400, ''],
    ['the asterisk form', () => line('*').replace('GET', 'OPTIONS'), 400, 'target-not-origin-form'],
    ['an encoded slash', () => line('/a%2fb'), 400, 'target-encoded-slash'],
    ['a backslash', () => line('/a%5cb'), 400, 'target-backslash'],
    ['a way above the root', () => line('/../etc'), 400, 'target-above-root'],
    ['a double encoding', () => line('/%252e%252e/'), 400, 'target-double-encoding'],
    ['an encoded NUL', () => line('/%00'), 400, 'target-control-character'],
    ['a version that this is not', () => line().replace('HTTP/1.1', 'HTTP/2.0'), 505, ''],
    ['TRACE', () => line().replace('GET', 'TRACE'), 405, 'method-refused'],
    ['too many fields', () => line('/', undefined, 'X-A: b\r\n'.repeat(250)), 431, ''],
    [
      'two lengths',
      () => line('/', undefined, 'Content-Length: 1\r\nContent-Length: 1\r\n').replace('GET', 'POST'),
      400,
      '',
    ],
    [
      'length and chunks',
      () => line('/', undefined, 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n').replace('GET', 'POST'),
      400,
      '',
    ],
    [
      'chunks and something else',
      () => line('/', undefined, 'Transfer-Encoding: chunked, identity\r\n').replace('GET', 'POST'),
      400,
      '',
    ],
    [
      'an odd spelling of chunked',
      () => line('/', undefined, 'Transfer-Encoding: xchunked\r\n').replace('GET', 'POST'),
      400,
      '',
    ],
    ['a blank before the colon', () => line('/', undefined, 'X-A : b\r\n'), 400, ''],
    ['a folded field', () => line('/', undefined, 'X-A: b\r\n c\r\n'), 400, ''],
    ['a bare line feed in a field', () => line('/', undefined, 'X-A: b\nX-B: c\r\n'), 400, ''],
    ['a NUL in a field', () => line('/', undefined, 'X-A: b\0c\r\n'), 400, ''],
    ['a negative length', () => line('/', undefined, 'Content-Length: -1\r\n').replace('GET', 'POST'), 400, ''],
    ['a method nobody knows', () => line().replace('GET', 'BREW'), 400, ''],
    ['HTTP/0.9', () => 'GET /\r\n\r\n', 505, ''],
    ['HTTP/3.0 in text', () => line().replace('HTTP/1.1', 'HTTP/3.0'), 400, ''],
    ['no HTTP at all', () => 'SSH-2.0-OpenSSH\r\n\r\n', 400, ''],
    ['CONNECT', () => `CONNECT ${APP_HOST}:443 HTTP/1.1\r\nHost: ${APP_HOST}:443\r\n\r\n`, 405, ''],
    ['an expectation nobody knows', () => line('/', undefined, 'Expect: tea\r\n'), 417, ''],
    ['a giant field', () => line('/', undefined, `X-A: ${'a'.repeat(40_000)}\r\n`), 431, ''],
  ];
  for (const [name, bytes, status, reason] of refused)
    test(`refuses ${name} and closes`, async () => {
      const before = reached;
      const text = await world.exchange(APP_HOST, bytes());
      assert.equal(text.slice(0, 12), `HTTP/1.1 ${status}`, text.slice(0, 300));
      assert.match(text, /connection: close/i);
      if (reason !== '')
        assert.equal(JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)).reason, reason);
      assert.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, 'one answer and no more');
      assert.equal(reached, before, 'nothing reached the backend');
    });

  const accepted: [string, () => string][] = [
    ['a Host in capitals, with a dot and a port', () => line('/', `Host: ${APP_HOST.toUpperCase()}.:443\r\n`)],
    ['an absolute form for the same host', () => line(`https://${APP_HOST}/`)],
    ['an upgrade to something else, which is ignored', () => line('/', undefined, 'Upgrade: h2c\r\n')],
    ['HTTP/1.0 with a Host', () => line().replace('HTTP/1.1', 'HTTP/1.0')],
  ];
  for (const [name, bytes] of accepted)
    test(`takes ${name}`, async () =>
      assert.match(await world.exchange(APP_HOST, bytes()), /^HTTP\/1.1 200 OK.*reached/s));

  test('answers pipelined requests in order', async () => {
    const keep = line().replace('Connection: close\r\n', '');
    const text = await world.exchange(APP_HOST, keep + line('/%2f').replace('Connection: close\r\n', '') + keep);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
    assert.deepEqual(statuses, ['200', '400'], 'nothing is read after a malformed request');
  });

  test('has no certificate for names that are not ours', async () => {
    const failure = await new Promise<NodeJS.ErrnoException>((resolve) => {
      const socket = tlsConnect({
        host: '127.0.0.1',
        port: world.port,
        servername: 'elsewhere.example',
        rejectUnauthorized: false,
      });
      socket.on('error', resolve);
      socket.on('secureConnect', () => resolve(new Error('connected')));
    });
    assert.match(String(failure.code), /HANDSHAKE_FAILURE/);
  });

  test('speaks TLS 1.2 and 1.3 and nothing older', async (t) => {
    for (const [version, works] of [
      ['TLSv1.1', false],
      ['TLSv1.2', true],
      ['TLSv1.3', true],
    ] as const)
      await t.test(version, async () => {
        const outcome = await new Promise<boolean>((resolve) => {
          const options = { host: '127.0.0.1', port: world.port, servername: APP_HOST, ca: world.ca.certificatePem };
          const socket = tlsConnect({
            ...options,
            minVersion: version,
            maxVersion: version,
            ciphers: 'DEFAULT@SECLEVEL=0',
          });
          socket.on('error', () => resolve(false));
          socket.on('secureConnect', () => {
            socket.destroy();
            resolve(true);
          });
        });
        assert.equal(outcome, works);
      });
  });

  test('tells whoever watches it that it is alive', async () => {
    const text = await world.exchange(
      APP_HOST,
      'GET /.manis/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    );
    assert.match(text, /^HTTP\/1.1 200 OK.*\{"status":"ok"\}/s);
  });

  test('redirects plain HTTP to HTTPS for its own hosts, and passes nothing on', async (t) => {
    const table: [string, string, number, string | undefined][] = [
      ['GET /a?b HTTP/1.1\r\nHost: APP\r\n', 'a resource', 308, `https://${APP_HOST}:PORT/a?b`],
      ['HEAD / HTTP/1.1\r\nHost: APP:80\r\n', 'HEAD', 308, `https://${APP_HOST}:PORT/`],
      [`GET / HTTP/1.1\r\nHost: ${PORTAL_HOST}\r\n`, 'the portal', 308, `https://${PORTAL_HOST}:PORT/`],
      ['POST / HTTP/1.1\r\nHost: APP\r\nContent-Length: 0\r\n', 'POST', 403, undefined],
      ['GET / HTTP/1.1\r\nHost: elsewhere.example\r\n', 'a host of somebody else', 404, undefined],
      [
        'GET //elsewhere.example/ HTTP/1.1\r\nHost: APP\r\n',
        'a path like a host',
        308,
        `https://${APP_HOST}:PORT/elsewhere.example/`,
      ],
      ['GET / HTTP/1.1\r\n', 'no Host', 400, undefined],
      [
        'GET / HTTP/1.1\r\nHost: APP\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
        'a WebSocket',
        308,
        `https://${APP_HOST}:PORT/`,
      ],
    ];
    for (const [head, name, status, location] of table)
      await t.test(name, async () => {
        const text = await plainExchange(
          world.pop.httpRedirect?.port ?? 0,
          `${head.replace('APP', APP_HOST)}Connection: close\r\n\r\n`,
        );
        assert.equal(text.slice(0, 12), `HTTP/1.1 ${status}`, text);
        assert.equal(/^location: (.*)\r$/im.exec(text)?.[1], location?.replace('PORT', String(world.port)));
      });
  });

  test('a port that is in use is a clear failure', async () => {
    const taken = createNetServer();
    const port = await world.listen(taken);
    const { listenHttp } = await import('../io/https-server.ts');
    const limits = {
      headerBytes: 1,
      headerCount: 1,
      headersTimeoutMs: 1,
      handshakeTimeoutMs: 1,
      keepAliveMs: 1,
      idleMs: 1,
      requestsPerConnection: 1,
    };
    await assert.rejects(listenHttp({ host: '127.0.0.1', port }, limits, undefined as never, undefined as never), {
      code: 'listen-failed',
      message: `cannot listen on 127.0.0.1:${port}: the port is in use`,
    });
  });
});

async function plainExchange(port: number, bytes: string): Promise<string> {
  const { connect } = await import('node:net');
  const socket: Socket = connect({ host: '127.0.0.1', port });
  let text = '';
  socket.on('data', (part) => {
    text += part;
  });
  socket.write(bytes);
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}
