/** Several organisations behind one PoP: a user is in each what it has made of them, and nobody where they do not belong. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Policy } from '../core/policy/index.ts';
import { newId } from '../core/session/index.ts';
import { NodeSessionCrypto } from '../io/session-crypto.ts';
import { PORTAL_HOST, PopWorld, resource, SIGNED_IN, target, user } from '../testing/pop-world.ts';

const crypto = new NodeSessionCrypto();
const NAVIGATES = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
const OURS = 'wiki.manis.localhost';
const THEIRS = 'ledger.manis.localhost';

/** Whoever has a role, or is in a group. */
const allowed = (anyOf: { readonly roles: readonly string[] } | { readonly groups: readonly string[] }): Policy => ({
  // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
  rules: [{ id: 'r', name: 'R', enabled: true, when: { all: [] }, then: { kind: 'authenticate', anyOf } }],
});

describe('organisations', () => {
  let world: PopWorld;
  let backend = 0;

  before(async () => {
    world = await PopWorld.start();
    const application = createServer(({ headers }, response) =>
      response.end(JSON.stringify([headers['remote-groups'] ?? '', headers['x-manis-assertion']])),
    );
    backend = await world.listen(application);
    const organisation = { kind: 'organisation', name: 'Ours', sessionIdleMs: 3_600_000 } as const;
    world.publishBasics(
      { ...organisation, id: 'org-1', sessionAbsoluteMs: 8 * 3_600_000 },
      { ...organisation, id: 'org-2', sessionIdleMs: 600_000, sessionAbsoluteMs: 1_200_000 },
      at('ours', OURS, 'org-1', allowed({ roles: ['staff'] })),
      at('theirs', THEIRS, 'org-2', allowed({ roles: ['auditor'] })),
    );
  });
  after(() => world.stop());

  function at(id: string, host: string, organisationId: string, policy: Policy) {
    const targets = [target(backend, { id: `${id}-target` })];
    return resource(backend, { id, name: id, host, organisationId, policy, targets });
  }

  function ada(memberships: readonly { organisationId: string; roles: string[]; groups?: string[] }[]): void {
    world.publishDelta({ ...user('ada', ['staff']), memberships });
  }

  const open = (id: string, host: string) =>
    world.fetch(host, '/', { headers: { cookie: world.sessionCookie(id, host), ...NAVIGATES } });

  test('roles and groups are those of the organisation of the resource', async () => {
    ada([
      { organisationId: 'org-1', roles: ['staff'], groups: ['crew'] },
      { organisationId: 'org-2', roles: ['staff'] },
    ]);
    const ours = await open('ours', OURS);
    assert.equal(ours.status, 200);
    const [groups, assertion] = JSON.parse(ours.body) as [string, string];
    assert.equal(groups, 'staff,crew');
    const claims = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString());
    assert.deepEqual([claims.roles, claims.groups], [['staff'], ['crew']]);
    assert.equal((await open('theirs', THEIRS)).status, 403, 'a role of one organisation is worth nothing in another');
    ada([
      { organisationId: 'org-1', roles: [] },
      { organisationId: 'org-2', roles: ['auditor'] },
    ]);
    assert.equal((await open('theirs', THEIRS)).status, 200);
    assert.equal((await open('ours', OURS)).status, 403);
  });

  test('a rule may ask for a group', async () => {
    world.publishDelta(at('ours', OURS, 'org-1', allowed({ groups: ['crew'] })));
    ada([{ organisationId: 'org-1', roles: [], groups: ['crew'] }]);
    assert.equal((await open('ours', OURS)).status, 200);
    ada([{ organisationId: 'org-1', roles: [] }]);
    assert.equal((await open('ours', OURS)).status, 403);
    world.publishDelta(at('ours', OURS, 'org-1', allowed({ roles: ['staff'] })));
  });

  test('who is no member is nobody, even where everybody who is signed in may enter', async () => {
    world.publishDelta(at('theirs', THEIRS, 'org-2', SIGNED_IN));
    ada([{ organisationId: 'org-1', roles: ['staff'] }]);
    const answer = await open('theirs', THEIRS);
    assert.equal(answer.status, 302);
    const challenge = new URL(answer.headers.location ?? '');
    assert.equal(challenge.host.split(':')[0], PORTAL_HOST);
    const portal = { cookie: `__Host-manis_portal=${world.portalToken()}`, ...NAVIGATES };
    const refused = await world.fetch(PORTAL_HOST, challenge.pathname + challenge.search, { headers: portal });
    assert.equal(refused.status, 403, 'no code, and no way round in a circle');
    assert.match(refused.body, /not-a-member/);
    assert.match(refused.body, /href="\/sign-in\?return=/, 'another account may be a member');
    const plain = await world.fetch(THEIRS, '/', { headers: { cookie: world.sessionCookie('theirs', THEIRS) } });
    assert.equal(plain.status, 401);
  });

  test('the portal lists the applications of all organisations, each by what one is there', async () => {
    world.publishDelta(at('theirs', THEIRS, 'org-2', allowed({ roles: ['auditor'] })));
    const listed = async () => {
      const headers = { cookie: `__Host-manis_portal=${world.portalToken()}`, ...NAVIGATES };
      const { body } = await world.fetch(PORTAL_HOST, '/', { headers });
      return [OURS, THEIRS].filter((host) => body.includes(`https://${host}`));
    };
    ada([
      { organisationId: 'org-1', roles: ['staff'] },
      { organisationId: 'org-2', roles: ['auditor'] },
    ]);
    assert.deepEqual(await listed(), [OURS, THEIRS]);
    ada([
      { organisationId: 'org-1', roles: ['staff', 'auditor'] },
      { organisationId: 'org-2', roles: ['staff'] },
    ]);
    assert.deepEqual(await listed(), [OURS]);
    ada([{ organisationId: 'org-2', roles: ['auditor'] }]);
    assert.deepEqual(await listed(), [THEIRS]);
  });

  test('sessions live as long as the organisation of the resource says', async () => {
    ada([
      { organisationId: 'org-1', roles: ['staff'] },
      { organisationId: 'org-2', roles: ['auditor'] },
    ]);
    const now = world.clock.unixMs();
    const aged = { id: newId(crypto), startedAtUnixMs: now - 300_000, issuedAtUnixMs: now - 300_000 };
    // Of five minutes' age: young where an hour may pass, due where ten minutes may.
    for (const [id, host, isRenewed] of [
      ['ours', OURS, false],
      ['theirs', THEIRS, true],
    ] as const) {
      const ends = { expiresAtUnixMs: now + 900_000, idleExpiresAtUnixMs: now + 300_000 };
      const cookie = world.sessionCookie(id, host, { ...aged, ...ends });
      const { headers } = await world.fetch(host, '/', { headers: { cookie } });
      const renewed = headers['set-cookie']?.find((line) => line.startsWith('__Host-manis_session='));
      assert.equal(renewed !== undefined, isRenewed, `${id}: ${renewed}`);
    }
  });

  test('an older control, which knows one organisation, is understood', async () => {
    world.publishDelta(user('ada', ['staff', 'auditor']));
    assert.equal((await open('ours', OURS)).status, 200);
    assert.equal((await open('theirs', THEIRS)).status, 302, 'of another organisation it says nothing');
  });
});
