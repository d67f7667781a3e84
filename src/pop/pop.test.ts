// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { Revocation } from '../core/session/index.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource, sessionId, user } from '../testing/pop-world.ts';

const BROWSER = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

describe('a request to a resource', () => {
  let world: PopWorld;
  let echoPort = 0;
  before(async () => {
    world = await PopWorld.start();
    const echo = createServer((request, response) => {
      const seen = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        rawHeaders: request.rawHeaders,
      };
      response.setHeader('Set-Cookie', ['app=1', '__Host-manis_session=stolen', '__HOST-Manis_portal=x']);
      response.end(JSON.stringify(seen));
    });
    echoPort = await world.listen(echo);
    world.publishBasics(
      resource(echoPort),
      resource(echoPort, { id: 'open', host: `open.${PORTAL_HOST}`, policy: PUBLIC }),
      resource(echoPort, {
        id: 'admins',
        host: `admins.${PORTAL_HOST}`,
        policy: {
          rules: [
            {
              id: 'r1',
              name: 'Admins',
              enabled: true,
              when: { all: [] },
              then: { kind: 'authenticate', anyOf: { roles: ['admin'] } },
            },
          ],
        },
      }),
      resource(echoPort, { id: 'nothing', host: `nothing.${PORTAL_HOST}`, policy: { rules: [] } }),
      resource(echoPort, { id: 'off', host: `off.${PORTAL_HOST}`, enabled: false }),
      user('gone', [], true),
    );
  });
  after(() => world.stop());

  test('is served when the session holds, and the backend learns who asks', async () => {
    const cookie = world.sessionCookie('app', APP_HOST);
    const answer = await world.fetch(APP_HOST, '/a/../b?c=%20', {
      headers: {
        cookie: `theme=dark; ${cookie}; x=y`,
        'x-forwarded-for': '6.6.6.6',
        'Remote-User': 'root',
        remote_user: 'root',
        'X-Manis-Assertion': 'forged',
        'X-Manis-Pop': 'forged',
        'user-agent': 'test',
      },
    });
    assert.equal(answer.status, 200);
    const seen = JSON.parse(answer.body);
    assert.equal(seen.url, '/b?c=%20');
    assert.equal(seen.headers.cookie, 'theme=dark; x=y');
    assert.equal(seen.headers['remote-user'], 'ada@example.com');
    assert.equal(seen.headers['remote-groups'], 'staff');
    assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(seen.headers['x-forwarded-proto'], 'https');
    assert.equal(seen.headers['x-forwarded-host'], `${APP_HOST}:${world.port}`);
    assert.equal(seen.headers['x-manis-pop'], 'One');
    assert.equal(seen.headers['user-agent'], 'test');
    assert.equal(seen.headers.host, `${APP_HOST}:${world.port}`);
    assert.ok(!/root|forged|6\.6\.6\.6|manis_session/.test(answer.body));
    assert.deepEqual(answer.headers['set-cookie'], ['app=1']);
    const jwks = await world.fetch(APP_HOST, '/.well-known/manis/jwks.json');
    const { payload } = await jwtVerify(seen.headers['x-manis-assertion'], createLocalJWKSet(JSON.parse(jwks.body)), {
      issuer: `https://${PORTAL_HOST}:${world.port}`,
      audience: APP_HOST,
    });
    assert.partialDeepStrictEqual(payload, { sub: 'ada', email: 'ada@example.com', roles: ['staff'] });
  });

  test('is judged by the policy', async (t) => {
    const table: [string, string, string | undefined, number, string][] = [
      ['nobody at a public resource', `open.${PORTAL_HOST}`, undefined, 200, ''],
      ['nobody where people must sign in', APP_HOST, undefined, 401, 'not-signed-in'],
      [
        'somebody without the role',
        `admins.${PORTAL_HOST}`,
        world.sessionCookie('admins', `admins.${PORTAL_HOST}`),
        403,
        'role-missing',
      ],
      [
        'somebody where no rule is',
        `nothing.${PORTAL_HOST}`,
        world.sessionCookie('nothing', `nothing.${PORTAL_HOST}`),
        403,
        'policy-missing',
      ],
      ['a session of another resource', APP_HOST, world.sessionCookie('admins', APP_HOST), 401, 'not-signed-in'],
      [
        'a session of another host',
        APP_HOST,
        world.sessionCookie('app', `admins.${PORTAL_HOST}`),
        401,
        'not-signed-in',
      ],
      [
        'a user who was disabled',
        APP_HOST,
        world.sessionCookie('app', APP_HOST, { subject: { kind: 'user', userId: 'gone' } }),
        401,
        'not-signed-in',
      ],
      [
        'a user who is not there',
        APP_HOST,
        world.sessionCookie('app', APP_HOST, { subject: { kind: 'user', userId: 'nobody' } }),
        401,
        'not-signed-in',
      ],
      [
        'a session that has ended',
        APP_HOST,
        world.sessionCookie('app', APP_HOST, { idleExpiresAtUnixMs: world.clock.unixMs() }),
        401,
        'not-signed-in',
      ],
      ['a portal session in the cookie', APP_HOST, `__Host-manis_session=${world.portalToken()}`, 401, 'not-signed-in'],
      ['a token that is changed', APP_HOST, forged(world.sessionCookie('app', APP_HOST)), 401, 'not-signed-in'],
      [
        'two session cookies',
        APP_HOST,
        `${world.sessionCookie('app', APP_HOST)}; ${world.sessionCookie('app', APP_HOST)}`,
        400,
        'cookies-refused',
      ],
      ['a resource that is switched off', `off.${PORTAL_HOST}`, undefined, 404, 'host-unknown'],
      ['a host that nobody knows', `what.${PORTAL_HOST}`, undefined, 404, 'host-unknown'],
    ];
    for (const [name, host, cookie, status, reason] of table)
      await t.test(name, async () => {
        const answer = await world.fetch(host, '/', { headers: cookie ? { cookie } : {} });
        assert.equal(answer.status, status, answer.body);
        if (status === 200) return;
        assert.equal(answer.headers['content-type'], 'application/problem+json');
        const problem = JSON.parse(answer.body);
        assert.equal(problem.reason, reason);
        assert.equal(problem.status, status);
        assert.equal(problem.requestId, answer.headers['x-manis-request-id']);
        if (status === 401) assert.match(answer.headers['www-authenticate'] ?? '', /^Cookie /);
      });
  });

  test('sends browsers to the portal, or shows them a page', async () => {
    const challenged = await world.fetch(APP_HOST, '/deep?x=1', { headers: BROWSER });
    assert.equal(challenged.status, 302);
    const location = new URL(challenged.headers.location ?? '');
    assert.equal(location.origin + location.pathname, `https://${PORTAL_HOST}:${world.port}/authorize`);
    assert.equal(location.searchParams.get('redirect'), '/deep?x=1');
    const admins = `admins.${PORTAL_HOST}`;
    const denied = await world.fetch(admins, '/', {
      headers: { ...BROWSER, cookie: world.sessionCookie('admins', admins) },
    });
    assert.equal(denied.status, 403);
    assert.match(denied.body, /You may not open this page.*role-missing/s);
    assert.match(String(denied.headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/);
  });

  test('ends with the session: revoked, or its resource, or its portal session', async (t) => {
    const now = world.clock.unixMs();
    const table: [string, (id: string, parent: string) => Revocation][] = [
      [
        'the session',
        (id) => ({ kind: 'session', sessionId: id, userId: 'ada', atUnixMs: now, expiresAtUnixMs: now + 9e7 }),
      ],
      [
        'the portal session',
        (_id, parent) => ({
          kind: 'session',
          sessionId: parent,
          userId: 'ada',
          atUnixMs: now,
          expiresAtUnixMs: now + 9e7,
        }),
      ],
      ['everything of the user', () => ({ kind: 'user', userId: 'ada', minimumEpoch: 1, atUnixMs: now })],
    ];
    for (const [name, revocation] of table)
      await t.test(name, async () => {
        const id = sessionId();
        const parentId = sessionId();
        const cookie = world.sessionCookie('app', APP_HOST, { id, parentId });
        const before = await world.fetch(APP_HOST, '/', { headers: { cookie } });
        assert.equal(before.status, 200);
        world.revoke(revocation(id, parentId));
        assert.equal((await world.fetch(APP_HOST, '/', { headers: { cookie } })).status, 401);
      });
    assert.ok((world.pop.counters().sessions['session-revoked'] ?? 0) > 0);
  });
});

/** The same cookie with one character of its signature changed. */
function forged(cookie: string): string {
  const at = cookie.length - 40;
  return cookie.slice(0, at) + (cookie.charAt(at) === 'A' ? 'B' : 'A') + cookie.slice(at + 1);
}
