import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Agent, request } from 'undici';
import type { SentRequest } from '../../core/link/index.ts';
import { controlWithPop } from '../../testing/control-with-pop.ts';
import type { PopWorld } from '../../testing/control-world.ts';

describe('the request log', () => {
  let pop: PopWorld;
  let resourceId: string;
  const world = controlWithPop(async (one) => {
    pop = one;
    const body = { name: 'Wiki', host: 'wiki.manis.localhost' };
    resourceId = (await world.must('POST', '/resources', body)).id;
    await pop.until(() => pop.find('resource', resourceId) !== undefined);
  });

  let count = 0;
  const record = (change: Partial<SentRequest>): SentRequest => ({
    ...{ id: `q-${count++}`, unixMs: Date.now(), resourceId, method: 'GET', host: 'wiki.manis.localhost', path: '/' },
    ...{ protocol: 'HTTP/2.0', status: 200, outcome: 'allowed', reason: 'authenticated', subject: null },
    ...{ address: '192.0.2.1', bytesOut: 3, way: null, targetId: null },
    stageMs: { judge: 0.2, way: 0.5, backend: 3, total: 4 },
    ...change,
  });
  async function send(...records: SentRequest[]): Promise<void> {
    const wanted = (await found('')).length + records.length;
    pop.client.send({ type: 'requests', unixMs: Date.now(), lost: 0, records, traffic: [] });
    while ((await found('')).length < wanted) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const found = async (query: string) => (await world.must('GET', `/requests?limit=200&${query}`)).items;

  test('is asked for by everything that a request is, a page at a time', async () => {
    const old = Date.now() - 3_600_000;
    const ann = { kind: 'user', id: 'usr_1', name: 'Ann@example.com' } as const;
    await send(
      record({ id: 'a', unixMs: old, path: '/Docs/100%_sure?q=…', subject: ann, country: 'NL' }),
      record({ id: 'b', unixMs: old + 1, status: 403, outcome: 'denied', reason: 'rule-denied', method: 'POST' }),
      record({
        ...{ id: 'c', unixMs: old + 2, status: 502, outcome: 'failed', reason: 'target-timed-out' },
        ...{ address: '2001:db8::7', stageMs: { judge: 1, way: null, backend: null, total: 900 } },
      }),
    );
    const table: [string, string[]][] = [
      ['', ['c', 'b', 'a']],
      [`resourceId=${resourceId}&popId=${pop.enrolled.popId}&host=wiki.manis.localhost`, ['c', 'b', 'a']],
      ['resourceId=res_other', []],
      ['method=POST', ['b']],
      ['status=403', ['b']],
      ['status=5xx', ['c']],
      ['outcome=denied&reason=rule-denied', ['b']],
      ['user=usr_1', ['a']],
      ['user=ann@', ['a']],
      ['address=192.0.2.0/24', ['b', 'a']],
      ['address=2001:db8::7', ['c']],
      ['country=nl', ['a']],
      ['path=docs/100%25_', ['a']],
      ['path=100x', []],
      ['requestId=b', ['b']],
      ['slowerThanMs=500', ['c']],
      [`sinceUnixMs=${old + 1}&untilUnixMs=${old + 2}`, ['b']],
    ];
    for (const [query, ids] of table)
      assert.deepEqual(
        (await found(query)).map(({ requestId }: { requestId: string }) => requestId),
        ids,
        query,
      );
    const first = await world.must('GET', '/requests?limit=2');
    const second = await world.must('GET', `/requests?limit=2&after=${first.next}`);
    assert.deepEqual([second.items[0].requestId, second.next], ['a', null]);
    for (const query of ['address=none/8', 'status=4', 'outcome=maybe', 'limit=0'])
      assert.equal((await world.api('GET', `/requests?${query}`)).status, 400, query);
  });

  test('one request tells why, how long and which way, by either of its ids', async () => {
    const rules = [
      { scope: 'resource', ruleId: 'r', ruleName: 'Nobody', effect: 'decided', condition: { kind: 'all' } },
    ] as const;
    await send(
      record({
        ...{ id: 'traced', outcome: 'denied', ruleId: 'r', ruleName: 'Nobody', policy: 'resource', rules },
        way: { connectorId: 'con_gone', carrier: 'relay', relayPopId: pop.enrolled.popId },
      }),
    );
    const whole = await world.must('GET', '/requests/traced');
    assert.partialDeepStrictEqual(whole, {
      ...{ requestId: 'traced', resourceName: 'Wiki', popName: 'ams', ruleName: 'Nobody', policy: 'resource', rules },
      ...{ names: { connector: null, site: null, relayPop: 'ams', target: null } },
      stageMs: { judge: 0.2, way: 0.5, backend: 3, total: 4 },
    });
    assert.deepEqual(await world.must('GET', `/requests/${whole.id}`), whole);
    assert.equal((await world.api('GET', '/requests/nothing')).status, 404);
  });

  test('the log is had as a file, in which nothing is a formula, and as figures', async () => {
    await send(record({ id: 'formula', agent: '=cmd()', path: '/export-me', status: 404 }));
    const headers = { authorization: `Bearer ${world.apiToken}` };
    const file = async (format: string) => {
      const url = `${world.control.url}/api/v1/requests/export?path=export-me&format=${format}`;
      return (
        await request(url, { headers, dispatcher: new Agent({ connect: { rejectUnauthorized: false } }) })
      ).body.text();
    };
    const [head, line, end] = (await file('csv')).split('\r\n');
    assert.match(head ?? '', /^time,request,application,/);
    assert.match(line ?? '', /,formula,Wiki,.*,404,.*,'=cmd\(\),/);
    assert.equal(end, '');
    assert.equal(JSON.parse(await file('jsonl')).requestId, 'formula');
    const figures = await world.must('GET', '/requests/analytics?path=export-me');
    assert.partialDeepStrictEqual(figures, { requests: 1, errors: 0, refused: 0, isPartial: false });
    assert.deepEqual([figures.byResource[0].name, figures.byStatus[0].key], ['Wiki', '404']);
    const { items } = await world.must('GET', '/audit?action=requests.export');
    assert.equal(items.length, 2);
  });

  test('a batch that comes twice is kept once, and what is of no resource is not kept', async () => {
    const twice = record({ id: 'twice' });
    const lost = record({ id: 'nowhere', resourceId: 'res_nowhere' });
    for (let i = 0; i < 2; i++)
      pop.client.send({ type: 'requests', unixMs: 1, lost: 0, records: [twice, lost], traffic: [] });
    await send(record({ id: 'after' }));
    const ids = (await found('')).map(({ requestId }: { requestId: string }) => requestId);
    assert.equal(ids.filter((id: string) => id === 'twice').length, 1);
    assert.ok(!ids.includes('nowhere'));
  });

  test('what is logged is said for the organisation and each resource, and PoPs are told', async () => {
    const before = await world.must('GET', '/requests/settings');
    assert.deepEqual([before.level, before.keptDays, before.resources], ['all', 14, []]);
    assert.ok(before.entries >= 5 && before.usedBytes > 0);
    const logs = () => pop.find('resource', resourceId)?.logs;
    await world.must('PUT', '/requests/settings', { level: 'none', keptDays: 3, keptBytes: 1_000_000 });
    await pop.until(() => logs() === 'none');
    await world.must('PUT', `/requests/settings/resources/${resourceId}`, { level: 'refused' });
    await pop.until(() => logs() === 'refused');
    await world.must('PUT', `/requests/settings/resources/${resourceId}`, { level: null });
    const after = await world.must('PUT', '/requests/settings', { level: 'all', keptDays: 3, keptBytes: 1_000_000 });
    assert.deepEqual([after.level, after.keptDays, after.keptBytes, after.resources], ['all', 3, 1_000_000, []]);
    await pop.until(() => logs() === undefined);
    const wrong = { level: 'some', keptDays: 0, keptBytes: -1 };
    assert.equal((await world.api('PUT', '/requests/settings', wrong)).status, 400);
    const audited = await world.must('GET', '/audit?action=request-log.set');
    assert.equal(audited.items.length, 4);
  });
});
