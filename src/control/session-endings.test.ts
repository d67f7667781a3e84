/** What ends sessions at control is obeyed by what a PoP heard of it: each ending, over a real link. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fromBase64Url } from '../base/index.ts';
import { SessionVerifier } from '../core/session/index.ts';
import { NodeSessionCrypto } from '../io/session-crypto.ts';
import { ControlWorld, type PopWorld } from '../testing/control-world.ts';

const PASSWORD = 'seven quiet otters at noon';
const client = { clientAddress: '192.0.2.7', userAgent: 'test' };

interface SignedIn {
  readonly userId: string;
  readonly sessionId: string;
  readonly token: string;
}

describe('a session ends on every PoP', () => {
  const world = new ControlWorld();
  const pops: PopWorld[] = [];
  let people = 0;
  before(async () => {
    await world.start();
    for (const name of ['ams', 'osl']) pops.push(await world.addPop(name));
  });
  after(() => world.end());

  async function signIn(): Promise<SignedIn> {
    const email = `person${people++}@example.com`;
    const { id: userId } = await world.must('POST', '/users', { email, name: 'Ada', password: PASSWORD });
    const headers = pops[0]?.headers ?? {};
    const answer = await world.call('POST', '/internal/v1/sign-in', { email, password: PASSWORD, ...client }, headers);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return { userId, sessionId: answer.body.sessionId, token: answer.body.token };
  }

  /** Whether a PoP takes a portal session, by what it has heard. */
  function holds(pop: PopWorld, token: string): boolean {
    const crypto = new NodeSessionCrypto();
    const keyOf = (keyId: string) => {
      const key = fromBase64Url(pop.find('control', keyId)?.signingKey ?? '');
      const verifier = key && crypto.verifier(key);
      return verifier && { verifier, issuer: 'control' as const, mayIssue: () => true };
    };
    const verifier = new SessionVerifier({ keys: { keyOf }, revocations: pop.revocations });
    return typeof verifier.verify(token, { kind: 'portal', host: 'manis.localhost' }, Date.now()) !== 'string';
  }

  const endings: [name: string, end: (session: SignedIn) => Promise<unknown>][] = [
    [
      'when an administrator gives its user a new password',
      ({ userId }) => world.must('PATCH', `/users/${userId}`, { password: 'nine loud herons at dawn' }),
    ],
    ['when its user is disabled', ({ userId }) => world.must('PATCH', `/users/${userId}`, { disabled: true })],
    ['when its user is removed', ({ userId }) => world.must('DELETE', `/users/${userId}`)],
    ['when all sessions of its user are ended', ({ userId }) => world.must('DELETE', `/users/${userId}/sessions`)],
    ['when it is ended by itself', ({ sessionId }) => world.must('DELETE', `/sessions/${sessionId}`)],
  ];
  for (const [name, end] of endings)
    test(name, async () => {
      const session = await signIn();
      const other = await signIn();
      for (const pop of pops) assert.ok(holds(pop, session.token), 'before');
      const listed = (await world.must('GET', '/sessions?limit=200')).items.map(({ id }: { id: string }) => id);
      assert.ok(listed.includes(session.sessionId));
      await end(session);
      for (const pop of pops) await pop.until(() => !holds(pop, session.token));
      for (const pop of pops) assert.ok(holds(pop, other.token), 'somebody else goes on');
      const after = (await world.must('GET', '/sessions?limit=200')).items.map(({ id }: { id: string }) => id);
      assert.ok(!after.includes(session.sessionId), 'it is not listed as live');
    });

  test('a role that is taken away is gone from what every PoP knows', async () => {
    const { userId } = await signIn();
    await world.must('POST', '/roles', { name: 'staff' });
    await world.must('PATCH', `/users/${userId}`, { roles: ['staff'] });
    const roles = (pop: PopWorld) => pop.find('user', userId)?.roles.join();
    for (const pop of pops) await pop.until(() => roles(pop) === 'staff');
    await world.must('PATCH', `/users/${userId}`, { roles: [] });
    for (const pop of pops) await pop.until(() => roles(pop) === '');
  });
});
