/**
 * Forms of others at a PoP's own pages: from another site, from an application that is published beside the portal (which is
 * somebody else's code), from a sandboxed frame. Control would say yes to all of them; none reaches it.
 */
import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { after, before, beforeEach, describe, test } from 'node:test';
import { issueLeaf } from '../io/certificates.ts';
import { createRandom } from '../io/random.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, resource } from '../testing/pop-world.ts';

let world: PopWorld;
const calls: string[] = [];

before(async () => {
  world = await PopWorld.start();
  const backend = await world.listen(createHttpServer((_request, response) => response.end('hello')));
  world.publishBasics(resource(backend));
  const leaf = issueLeaf(world.ca, { dns: [], ip: ['127.0.0.1'] }, world.clock.unixMs(), createRandom());
  const control = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, (request, response) => {
    calls.push(`${request.method} ${request.url}`);
    request.resume();
    response.writeHead(503, { 'content-type': 'application/json' }).end('{}');
  });
  const baseUrl = `https://127.0.0.1:${await world.listen(control)}`;
  const { ca } = world;
  world.link.open({ controlId: 'control-1', baseUrl, authentication: 'pop-1.x', caPem: ca.certificatePem });
});
after(() => world.stop());
beforeEach(() => {
  calls.length = 0;
});

/** Everything at the portal that takes a form. */
const PORTAL_FORMS = [
  ...['/sign-out', '/sign-in', '/sign-in/password', '/sign-in/email-otp', '/sign-in/passkey', '/sign-in/pin'],
  ...['/second-step', '/security', '/security/password', '/security/passkey', '/security/remove-passkey'],
  ...['/security/authenticator', '/security/remove-authenticator', '/security/recovery-codes', '/security/device'],
  ...['/security/end-session', '/security/end-other-sessions', '/security/forget-browsers', '/program'],
  ...['/invitation/secret', '/set-up/secret', '/reset', '/reset/secret', '/providers', '/providers/one/sign-out'],
  ...['/', '/authorize', '/nowhere'],
];
const RESOURCE_FORMS = ['/.manis/sign-out', '/.manis/share', '/.manis/access'];

const app = () => `https://${APP_HOST}:${world.port}`;
const FOREIGN: readonly [who: string, headers: () => Record<string, string>][] = [
  ['another site', () => ({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })],
  ['another site in an old browser', () => ({ origin: 'https://evil.example' })],
  ['an application beside the portal', () => ({ origin: app(), 'sec-fetch-site': 'same-site' })],
  ['an application in an old browser', () => ({ origin: app() })],
  ['an application that hides its origin', () => ({ 'sec-fetch-site': 'same-site' })],
  ['a sandboxed frame', () => ({ origin: 'null', 'sec-fetch-site': 'cross-site' })],
  ['the same host over another port', () => ({ origin: `https://${PORTAL_HOST}:9`, 'sec-fetch-site': 'same-site' })],
  ['an address that was typed', () => ({ origin: 'null', 'sec-fetch-site': 'none' })],
];
const FORM = 'application/x-www-form-urlencoded';

function post(host: string, path: string, headers: Record<string, string>, type = FORM) {
  const cookie = `__Host-manis_portal=${world.portalToken()}; __Host-manis_form=${'a'.repeat(43)}`;
  const own = host === PORTAL_HOST ? cookie : world.sessionCookie('app', APP_HOST);
  const body = 'csrf=a.b&email=ada%40example.com&password=x&repeat=x&code=1&decision=approve';
  const sent = { accept: 'text/html', cookie: own, 'content-type': type, ...headers };
  return world.fetch(host, path, { method: 'POST', headers: sent, body });
}

describe('a form of', () => {
  for (const [who, headers] of FOREIGN)
    test(who, async () => {
      for (const path of PORTAL_FORMS) {
        const answer = await post(PORTAL_HOST, path, headers());
        assert.equal(answer.status, 403, path);
        assert.equal(answer.headers['set-cookie'], undefined, path);
      }
      // From the portal, too, an application's own host takes none.
      for (const path of RESOURCE_FORMS) {
        const from =
          headers().origin === app() ? { ...headers(), origin: `https://${PORTAL_HOST}:${world.port}` } : headers();
        const answer = await post(APP_HOST, path, from);
        assert.ok(answer.status >= 400, `${path}: ${answer.status}`);
        assert.equal(answer.headers['set-cookie'], undefined, path);
      }
      assert.deepEqual(calls, [], 'control hears of nothing');
      const cookie = `__Host-manis_portal=${world.portalToken()}`;
      assert.equal((await world.fetch(PORTAL_HOST, '/', { headers: { accept: 'text/html', cookie } })).status, 200);
    });
});

test('a form in another encoding than ours is none, whoever sends it', async () => {
  const own = { origin: `https://${PORTAL_HOST}:${world.port}`, 'sec-fetch-site': 'same-origin' };
  for (const type of ['text/plain', 'multipart/form-data; boundary=b', 'application/json'])
    for (const path of ['/sign-out', '/sign-in', '/second-step', '/security/password', '/program', '/set-up/secret'])
      assert.ok((await post(PORTAL_HOST, path, own, type)).status >= 400, `${path} ${type}`);
  assert.deepEqual(calls, []);
});

test('a form without the page’s own token is none, though a browser says nothing of where it came from', async () => {
  for (const path of ['/sign-out', '/sign-in/password', '/second-step', '/security/password', '/program', '/reset']) {
    const answer = await post(PORTAL_HOST, path, {});
    assert.ok(answer.status >= 400, `${path}: ${answer.status}`);
  }
  for (const path of RESOURCE_FORMS) assert.ok((await post(APP_HOST, path, {})).status >= 400, path);
  assert.deepEqual(
    calls.filter((call) => !/^GET |\/read$/.test(call)),
    [],
    'control is asked what to show, and to change nothing',
  );
});
