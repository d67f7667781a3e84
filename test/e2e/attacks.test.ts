/** What attackers try, byte for byte, against a real PoP over TLS (the list at the end of the design of access). */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import { SESSION_COOKIE } from '../../src/core/session/index.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, resource, user } from '../../src/testing/pop-world.ts';

const OTHER_HOST = 'other.manis.localhost';
/** Bytes, as Latin-1, that a browser keeps in the name of a cookie and that `trim` would take off. */
const ODD_BLANKS = ['\u00a0', '\u0085', '\u00ef\u00bb\u00bf', '\u00e2\u0080\u0083'];

describe('attacks from the network', () => {
  let world: PopWorld;
  let seen: IncomingMessage[] = [];
  let answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const heads = (text: string) => text.match(/^HTTP\/1\.1 \d+/gm)?.map((head) => Number(head.slice(9)));
  const lastSeen = () => seen.at(-1) ?? assert.fail('nothing reached the backend');

  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((request) => {
      seen.push(request);
      request.resume().on('end', () => request.socket.end(answer, 'latin1'));
    });
    backend.on('upgrade', (request, socket) => {
      seen.push(request);
      socket.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n');
    });
    const port = await world.listen(backend);
    const other = resource(port, { id: 'other', host: OTHER_HOST, name: 'Other' });
    world.publishBasics(resource(port), other, user('eve', []));
  });
  after(() => world.stop());
  beforeEach(() => {
    seen = [];
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  });

  const ada = () => world.sessionCookie('app', APP_HOST);
  const get = (fields: string, path = '/', host = APP_HOST) =>
    `GET ${path} HTTP/1.1\r\nHost: ${host}:${world.port}\r\nConnection: close\r\n${fields}\r\n`;
  const ask = (fields: string, path = '/', host = APP_HOST) => world.exchange(host, get(fields, path, host));

  test('a session is good for its resource, host and kind of cookie alone', async () => {
    assert.deepEqual(heads(await ask(`Cookie: ${ada()}\r\n`)), [200]);
    const table: [name: string, cookie: string, host: string][] = [
      ['on another resource', ada(), OTHER_HOST],
      ['of another resource, for this host', world.sessionCookie('other', APP_HOST), APP_HOST],
      ['as a portal session', ada().replace('_session', '_portal'), PORTAL_HOST],
      ['a portal session as one', `${SESSION_COOKIE}=${world.portalToken()}`, APP_HOST],
      ['cut short', ada().slice(0, -1), APP_HOST],
      ['with another signature', `${ada().slice(0, -20)}${'A'.repeat(20)}`, APP_HOST],
      ['of nobody', world.sessionCookie('app', APP_HOST, { subject: { kind: 'user', userId: 'mallory' } }), APP_HOST],
      ['that has ended', world.sessionCookie('app', APP_HOST, { expiresAtUnixMs: world.clock.unixMs() }), APP_HOST],
      ['in other capitals', ada().replace('__Host', '__host'), APP_HOST],
    ];
    for (const [name, cookie, host] of table) {
      const text = await ask(`Cookie: ${cookie}\r\n`, host === PORTAL_HOST ? '/' : '/x', host);
      assert.ok(!text.startsWith('HTTP/1.1 200'), `${name}: ${text.slice(0, 200)}`);
    }
    assert.equal(seen.length, 1);
  });

  test('a cookie that a neighbouring host tossed in is nobody’s, and ours never reach a backend', async () => {
    for (const blank of ODD_BLANKS) {
      assert.deepEqual(heads(await ask(`Cookie: ${blank}${ada()}\r\n`)), [401], JSON.stringify(blank));
      assert.deepEqual(heads(await ask(`Cookie: ${ada()}; ${blank}${SESSION_COOKIE}=tossed; a=1\r\n`)), [200]);
      assert.equal(lastSeen().headers.cookie, 'a=1', JSON.stringify(blank));
    }
    assert.deepEqual(heads(await ask(`Cookie: ${ada()}\r\nCookie: ${ada()}\r\n`)), [400]);
  });

  test('a backend sets no cookie of Manis in any spelling', async () => {
    const spellings = [SESSION_COOKIE, '__HOST-MANIS_portal', `=${SESSION_COOKIE}`, ` ${SESSION_COOKIE}`];
    for (const name of [...spellings, ...ODD_BLANKS.map((blank) => `${blank}${SESSION_COOKIE}`)]) {
      answer = `HTTP/1.1 200 OK\r\nSet-Cookie: ${name}=evil; Domain=${PORTAL_HOST}\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n`;
      const text = await ask(`Cookie: ${ada()}\r\n`);
      assert.deepEqual(text.match(/^set-cookie: .*$/gim), ['Set-Cookie: a=1'], JSON.stringify(name));
    }
  });

  test('nobody says who they are or where they come from but Manis', async () => {
    const claims = [
      ...['Remote-User', 'REMOTE_USER', 'remote.user', 'X-Forwarded-For', 'X_Forwarded_For', 'Forwarded', 'X-Real-IP'],
      ...['X-Manis-Assertion', 'X_Manis_Assertion', 'X-Auth-Request-User', 'SSL-Client-Verify', 'X-Original-URL'],
      ...['Proxy', 'CF-Access-Jwt-Assertion', 'Remote-Groups', 'X-Forwarded-Host', 'True-Client-IP'],
    ];
    const listed = 'Connection: Remote-User, X-Manis-Assertion, X-Forwarded-For, Forwarded, Host\r\n';
    await ask(`Cookie: ${ada()}\r\n${listed}${claims.map((name) => `${name}: evil\r\n`).join('')}`);
    const { headers, rawHeaders } = lastSeen();
    assert.doesNotMatch(rawHeaders.join('\n'), /evil/);
    assert.equal(headers['remote-user'], 'ada@example.com');
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers.host, `${APP_HOST}:${world.port}`);
  });

  test('a body that hides a request is a body', async () => {
    const hidden = `GET /hidden HTTP/1.1\r\nHost: ${APP_HOST}\r\nCookie: ${ada()}\r\n\r\n`;
    const length = `Content-Length: ${hidden.length}\r\n`;
    const table: [name: string, bytes: string, status: number | undefined][] = [
      ['of a GET without a session', get(length) + hidden, 401],
      ['of a GET with one', get(`Cookie: ${ada()}\r\n${length}`) + hidden, 200],
      // What follows a request that says `close` breaks the connection, the answer included.
      [
        'after the last request',
        `${get(`Cookie: ${ada()}\r\nTransfer-Encoding: chunked\r\n`)}0\r\n\r\n${hidden}`,
        undefined,
      ],
      [
        'of a WebSocket handshake',
        get(`Cookie: ${ada()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${length}`) + hidden,
        426,
      ],
      ['of HTTP/1.0', get(`Cookie: ${ada()}\r\n${length}`).replace('HTTP/1.1', 'HTTP/1.0') + hidden, 200],
    ];
    for (const [name, bytes, status] of table) {
      assert.deepEqual(heads(await world.exchange(APP_HOST, bytes)), status && [status], name);
      assert.ok(!seen.some((request) => request.url === '/hidden'), name);
    }
  });

  test('an answer that two readers could end in two places is not passed on', async () => {
    const table: [name: string, bytes: string][] = [
      ['length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
      ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 2\r\n\r\nabcde'],
      ['a bare line feed in the head', 'HTTP/1.1 200 OK\r\nX-A: b\nSet-Cookie: c=d\r\nContent-Length: 0\r\n\r\n'],
    ];
    for (const [name, bytes] of table) {
      answer = bytes;
      assert.deepEqual(heads(await ask(`Cookie: ${ada()}\r\n`)), [502], name);
      answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
      assert.deepEqual(heads(await ask(`Cookie: ${ada()}\r\n`)), [200], `after ${name}`);
    }
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
    assert.doesNotMatch(await ask(`Cookie: ${ada()}\r\n`), /poison/);
  });

  test('a WebSocket is opened by the resource’s own pages and by programs, with a session', async () => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
    const own = `https://${APP_HOST}:${world.port}`;
    const table: [fields: string, status: number][] = [
      [`Cookie: ${ada()}\r\n`, 426],
      [`Cookie: ${ada()}\r\nOrigin: ${own}\r\n`, 426],
      ['', 401],
      [`Origin: ${own}\r\n`, 401],
      ...[
        'null',
        'https://evil.example',
        `https://${OTHER_HOST}:${world.port}`,
        `http://${APP_HOST}:${world.port}`,
      ].map((origin): [string, number] => [`Cookie: ${ada()}\r\nOrigin: ${origin}\r\n`, 403]),
      [`Cookie: ${ada()}\r\nOrigin: ${own}\r\nOrigin: https://evil.example\r\n`, 403],
    ];
    for (const [fields, status] of table)
      assert.deepEqual(heads(await ask(upgrade + fields, '/socket')), [status], fields.replace(/v1\.\S+/, 'token'));
  });

  test('signing in leads to the resource and nowhere else', async () => {
    const challenge = 'A'.repeat(43);
    const places = ['//evil', '/%5Cevil', '/%09/evil', 'https://evil', '%2F%2Fevil', '/.manis/sign-out', '/a%0D%0AX:y'];
    for (const place of places) {
      const query = `/authorize?resource=app&host=${APP_HOST}&challenge=${challenge}&redirect=${place}`;
      const text = await ask(`Cookie: __Host-manis_portal=${world.portalToken()}\r\n`, query, PORTAL_HOST);
      assert.deepEqual(heads(text), [400], place);
    }
    for (const place of ['//evil', '/%5Cevil', '/%09/evil', 'https://evil', 'javascript:x', '%2F%2Fevil']) {
      const cookie = `Cookie: __Host-manis_portal=${world.portalToken()}\r\n`;
      const text = await ask(cookie, `/sign-in?return=${place}`, PORTAL_HOST);
      assert.match(text, /^location: \/\r$/im, place);
    }
  });

  test('a code is of use to the browser that asked, on the host that asked, for 30 seconds', async () => {
    const begun = await ask('Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n', '/page?x=1');
    const location = new URL(/^location: (.*)\r$/im.exec(begun)?.[1] ?? '');
    const attempt = /^set-cookie: (__Host-manis_attempt_[^;]*)/im.exec(begun)?.[1] ?? '';
    const portal = `Cookie: __Host-manis_portal=${world.portalToken()}\r\n`;
    const coded = await ask(portal, location.pathname + location.search, PORTAL_HOST);
    const back = new URL(/^location: (.*)\r$/im.exec(coded)?.[1] ?? '');
    assert.equal(back.hostname, APP_HOST);
    const path = back.pathname + back.search;
    const table: [name: string, cookie: string, host: string, path: string, status: number][] = [
      ['without the verifier', 'a=b', APP_HOST, path, 400],
      ['with another verifier', attempt.replace(/=.*/, `=${'A'.repeat(43)}`), APP_HOST, path, 400],
      ['on another host', attempt, OTHER_HOST, path, 400],
      ['twice in one query', attempt, APP_HOST, `${path}&code=x`, 400],
      ['as it should be', attempt, APP_HOST, path, 302],
    ];
    for (const [name, cookie, host, target, status] of table)
      assert.deepEqual(heads(await ask(`Cookie: ${cookie}\r\n`, target, host)), [status], name);
    world.clock.advance(30_001);
    assert.deepEqual(heads(await ask(`Cookie: ${attempt}\r\n`, path)), [400], 'too late');
  });

  test('forms and signing out need the page’s own token and origin, and no page is framed', async () => {
    const portal = `Cookie: __Host-manis_portal=${world.portalToken()}\r\n`;
    const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n';
    const own = `Origin: https://${PORTAL_HOST}:${world.port}\r\n`;
    const table: [fields: string, path: string, host: string][] = [
      [portal + form, '/sign-out', PORTAL_HOST],
      [portal + form + own, '/sign-out', PORTAL_HOST],
      [`${portal}${form}Origin: https://evil.example\r\n`, '/sign-out', PORTAL_HOST],
      [`${portal}${form}Origin: null\r\n`, '/sign-out', PORTAL_HOST],
      [`${portal}${form}${own}Sec-Fetch-Site: same-site\r\n`, '/sign-out', PORTAL_HOST],
      [form + own, '/sign-in', PORTAL_HOST],
      [`Cookie: ${ada()}\r\n${form}`, '/.manis/sign-out', APP_HOST],
    ];
    for (const [fields, path, host] of table) {
      const bytes = get(fields, path, host).replace('GET', 'POST');
      assert.deepEqual(
        heads(await world.exchange(host, bytes)),
        [403],
        `${path} ${fields.replace(/v1\.\S+/, 'token')}`,
      );
    }
    for (const path of ['/', '/sign-in', '/nowhere', '/sign-out']) {
      const text = await ask(`${portal}Accept: text/html\r\n`, path, PORTAL_HOST);
      if (heads(text)?.[0] === 302) continue;
      assert.match(text, /^content-security-policy: .*frame-ancestors 'none'/im, path);
      assert.match(text, /^cache-control: no-store\r$/im, path);
    }
  });
});
