import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditEvent } from '../../core/link/index.ts';
import { controlWithPop } from '../../testing/control-with-pop.ts';
import type { PopWorld } from '../../testing/control-world.ts';

describe('the audit', () => {
  let pop: PopWorld;
  let resourceId: string;
  const world = controlWithPop(async (one) => {
    pop = one;
    const body = { name: 'Wiki', host: 'wiki.manis.localhost' };
    resourceId = (await world.must('POST', '/resources', body)).id;
  });

  const recordOf = (id: string) => [...(pop.state?.ofKind('resource') ?? [])].find((record) => record.id === id);
  let events = 0;
  const event = (change: Partial<AuditEvent>): AuditEvent => ({
    id: `evt-${events++}`,
    unixMs: Date.now(),
    requestId: `q-${events}`,
    resourceId,
    userId: null,
    clientAddress: '192.0.2.1',
    method: 'GET',
    host: 'wiki.manis.localhost',
    path: '/',
    outcome: 'deny',
    reason: 'rule-denied',
    ruleId: 'r1',
    ruleName: 'Nobody from there',
    methods: ['pin'],
    country: 'NL',
    status: 403,
    ...change,
  });
  async function sent(...batch: AuditEvent[]): Promise<void> {
    const before = pop.messages.length;
    pop.client.send({ type: 'audit', events: batch });
    await pop.until(() => pop.messages.slice(before).some((message) => message.type === 'auditStored'));
  }
  const found = async (query: string) => (await world.must('GET', `/audit?${query}`)).items;

  test('is asked for by who, what, where, when and which request', async () => {
    const old = Date.now() - 3_600_000;
    await sent(
      event({ requestId: 'first', unixMs: Date.now() - 1_000, userId: 'usr_1', outcome: 'allow' }),
      event({
        requestId: 'second',
        userId: 'guest:ann.with.a.very.long.name@example.com',
        clientAddress: '2001:db8::7',
      }),
      event({ requestId: 'third', userId: 'credential:crd_1', unixMs: old }),
    );
    const table: [string, string[]][] = [
      ['requestId=first', ['first']],
      ['actor=user:usr_1', ['first']],
      ['actor=guest:ann.with.a.very.long.name@example.com', ['second']],
      ['actor=credential:crd_1', ['third']],
      ['clientAddress=2001:db8::7', ['second']],
      ['action=request&outcome=allow', ['first']],
      [`action=request&untilUnixMs=${old + 1}`, ['third']],
      [`action=request&sinceUnixMs=${old + 1}&outcome=deny`, ['second']],
      [`action=request&subject=${resourceId}&limit=1`, ['second']],
      ['requestId=fourth', []],
    ];
    for (const [query, expected] of table) {
      const ids = (await found(query)).map((one: { requestId: string }) => one.requestId);
      assert.deepEqual(ids, expected, query);
    }
    const [first] = await found('requestId=first');
    const { ruleId, ruleName, methods, country } = first.detail;
    assert.deepEqual([ruleId, ruleName, methods, country], ['r1', 'Nobody from there', ['pin'], 'NL']);
  });

  test('is of all decisions where somebody says so: for a resource, else for its organisation', async () => {
    const modes = async (path: string, mode: string | null) => {
      const answer = await world.must('PUT', `/audit/settings${path}`, { mode });
      const isWhole = () => recordOf(resourceId)?.auditsAll === true;
      return { answer, isWhole };
    };
    const whole = await modes('', 'all');
    await pop.until(whole.isWhole);
    const sampled = await modes(`/resources/${resourceId}`, 'sampled');
    await pop.until(() => !sampled.isWhole());
    assert.deepEqual(sampled.answer, { mode: 'all', resources: [{ resourceId, mode: 'sampled' }] });
    const inherited = await modes(`/resources/${resourceId}`, null);
    await pop.until(inherited.isWhole);
    assert.deepEqual(await world.must('GET', '/audit/settings'), { mode: 'all', resources: [] });
    assert.equal((await world.api('PUT', '/audit/settings/resources/res_other', { mode: 'all' })).status, 404);
    assert.equal((await world.api('PUT', '/audit/settings', { mode: 'none' })).status, 400);
    assert.equal((await found('action=audit.set')).length, 3);
  });
});
