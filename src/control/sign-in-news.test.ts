// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** What PoPs are told of sign-ins: nothing where nobody asks, then all of late, then what is new and what was revoked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControlToPop, SignInFact } from '../core/link/index.ts';
import { controlWithPop } from '../testing/control-with-pop.ts';
import type { PopWorld } from '../testing/control-world.ts';

const PASSWORD = 'seven quiet otters at noon';
let pop: PopWorld;

const world = controlWithPop(async (one) => {
  pop = one;
  await world.must('POST', '/users', { email: 'ann@example.com', name: 'Ann', password: PASSWORD, roles: [] });
});

type News = Extract<ControlToPop, { type: 'signIns' }>;
const told = (): News[] => pop.messages.filter((message): message is News => message.type === 'signIns');

async function signIn(clientAddress: string): Promise<void> {
  const answer = await world.call(
    'POST',
    '/internal/v1/sign-in',
    { email: 'ann@example.com', password: PASSWORD, clientAddress, userAgent: 'test' },
    pop.headers,
  );
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

async function fact(holds: (fact: SignInFact) => boolean): Promise<SignInFact> {
  const find = () =>
    told()
      .flatMap(({ put }) => put)
      .find(holds);
  await pop.until(() => find() !== undefined);
  return find() as SignInFact;
}

test('nobody is told of anybody before a policy asks; then of all of late, of what is new, and of its end', async () => {
  await signIn('192.0.2.1');
  assert.deepEqual(told(), []);
  const rule = { id: 'r', name: 'r', when: { recentSignIn: { withinMs: 3_600_000 } }, then: { kind: 'bypass' } };
  await world.must('POST', '/resources', {
    ...{ name: 'db', kind: 'tcp', listen: { first: 5432 } },
    policy: { rules: [rule] },
  });
  const first = await fact(({ address }) => address === '192.0.2.1');
  assert.equal(told()[0]?.whole, true);
  assert.ok(Math.abs(Date.now() - first.atUnixMs) < 60_000);
  await signIn('2001:db8::7');
  const second = await fact(({ address }) => address === '2001:db8::7');
  assert.equal(second.userId, first.userId);
  assert.notEqual(second.sessionId, first.sessionId);
  await world.must('DELETE', `/sessions/${first.sessionId}`);
  await pop.until(() => told().some(({ remove }) => remove.includes(first.sessionId)));
});
