/** Sessions that PoPs began while control was away, and sign-outs that they were told of, once control hears. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AUDIT_SIGNED_IN_HERE, AUDIT_SIGNED_OUT_THERE, type AuditEvent } from '../core/link/index.ts';
import { ControlWorld, type PopWorld } from '../testing/control-world.ts';

const HOUR_MS = 3_600_000;
const world = new ControlWorld();
let pop: PopWorld;
let userId = '';
let providerId = '';
let next = 0;

before(async () => {
  await world.start();
  pop = await world.addPop('One');
  userId = (await world.must('POST', '/users', { email: 'ann@example.com', name: 'Ann', roles: [] })).id;
  const client = { preset: 'generic', name: 'work', clientId: 'x', clientSecret: 'y', issuer: 'https://id.example' };
  providerId = (await world.must('POST', '/providers', client)).id;
});
after(() => world.end());

/** Sends an event, and waits until control has it. */
async function tell(change: Partial<AuditEvent>): Promise<void> {
  const id = `evt-${next++}`;
  const where = { method: 'POST', host: 'manis.localhost', path: '/sign-in/passkey', clientAddress: '192.0.2.9' };
  const what = { outcome: 'allow', resourceId: null, ruleId: null, status: 303, reason: AUDIT_SIGNED_IN_HERE } as const;
  const event = { id, unixMs: Date.now(), requestId: id, userId, ...where, ...what, ...change };
  pop.client.send({ type: 'audit', events: [event] });
  await pop.until(() =>
    pop.messages.some((message) => message.type === 'auditStored' && message.ids.includes(event.id)),
  );
}

const began = (id: string, more: object = {}) => ({
  session: { id, epoch: 0, expiresUnixMs: Date.now() + HOUR_MS, userAgent: 'Firefox', ...more },
});
const listed = async (): Promise<{ id: string; userAgent: string; clientAddress: string; popId: string }[]> =>
  (await world.must('GET', `/sessions?userId=${userId}`)).items;

test('a session that a PoP began is in the list, once, and is ended like any other', async () => {
  await tell(began('session-one'));
  await tell(began('session-one'));
  const found = await listed();
  assert.partialDeepStrictEqual(found, [
    { id: 'session-one', userAgent: 'Firefox', clientAddress: '192.0.2.9', popId: pop.enrolled.popId },
  ]);
  assert.equal(found.length, 1);
  await world.must('DELETE', '/sessions/session-one');
  assert.deepEqual(await listed(), []);
  await pop.until(() =>
    pop.entries.some(
      (entry) => entry.kind === 'session' && entry.sessionId === 'session-one' && entry.userId === userId,
    ),
  );
  await tell(began('session-one'));
  assert.deepEqual(await listed(), [], 'told again it does not come back');
});

test('what has ended, is of nobody, or would live for ever is no session', async () => {
  await tell(began('session-over', { expiresUnixMs: Date.now() - 1 }));
  await tell(began('session-endless', { expiresUnixMs: Date.now() + 1_000 * 86_400_000 }));
  await tell({ ...began('session-nobody'), userId: 'usr_nobody' });
  await tell({ ...began('session-refused'), reason: 'no-rule-matched' });
  await world.must('DELETE', `/users/${userId}/sessions`);
  await tell(began('session-before'));
  assert.deepEqual(await listed(), []);
});

test('a sign-out at a provider that a PoP was told of reaches control, ends what began before it, and every PoP hears', async () => {
  const outAt = Date.now();
  const through = { providerId, epoch: 2 };
  await tell({ ...began('session-there', { ...through, providerSid: 'sid-1' }), unixMs: outAt - 1_000 });
  await tell({ ...began('session-other', { ...through, providerSid: 'sid-2' }), unixMs: outAt - 1_000 });
  const signOut = { providerId, sid: 'sid-1' };
  await tell({ reason: AUDIT_SIGNED_OUT_THERE, unixMs: outAt, userId: null, signOut });
  assert.deepEqual(
    (await listed()).map(({ id }) => id),
    ['session-other'],
  );
  await pop.until(() => pop.entries.some((entry) => entry.kind === 'provider' && entry.sid === 'sid-1'));
  const count = pop.entries.length;
  await tell({ reason: AUDIT_SIGNED_OUT_THERE, userId: null, signOut: { providerId: 'idp_none', sid: 'sid-2' } });
  await tell({ reason: AUDIT_SIGNED_OUT_THERE, userId: null, signOut: { providerId, subject: 'nobody-here' } });
  await tell({ reason: 'no-rule-matched', userId: null, signOut: { providerId, sid: 'sid-2' } });
  assert.equal((await listed()).length, 1);
  assert.equal(pop.entries.length, count, 'nobody is ended by a word about nobody');
  const { items } = await world.must('GET', '/audit?action=provider.sign-out&limit=10');
  assert.ok(items.some(({ source }: { source: string }) => source === pop.enrolled.popId));
});
