/** Searching, counting and naming on the API's lists, and what that costs where a list is long. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSqliteStore } from '../../io/store/index.ts';
import { ControlWorld } from '../../testing/control-world.ts';

const world = new ControlWorld();
const MANY = 10_000;
/** Of TLS that is passed through: no certificate has to be made for each. */
const row = {
  ...{ enabled: 0 as const, policy: '{"rules":[]}', balancing: 'least-latency' as const, sticky: 'none' as const },
  ...{ panic_threshold: 0.5, provider_id: null, http_settings: null, created_unix_ms: 1 },
  ...{ kind: 'tls' as const, listen: '{"transport":"tls"}', proxy_protocol: null },
};

before(async () => {
  await world.start();
  const { id: organisationId } = await world.must('GET', '/organisation');
  await world.stop();
  const store = await openSqliteStore({ dataDir: world.dataDir, nowUnixMs: 1 });
  await store.transaction(async (transaction) => {
    for (let from = 0; from < MANY; from += 500) {
      const rows = Array.from({ length: 500 }, (_, at) => {
        const i = from + at;
        const named = { name: `Application ${i} of team ${i % 97}`, host: `a${i}.example` };
        return { ...row, ...named, organisation_id: organisationId, id: `res_${String(i).padStart(6, '0')}` };
      });
      await transaction.insertInto('resources').values(rows).execute();
    }
  });
  await store.close();
  await world.start();
});
after(() => world.end());

test('ten thousand are counted and searched without being read', async (context) => {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) await world.must('GET', '/resources?q=warm');
  const timed = async (query: string) => {
    const began = performance.now();
    const body = await world.must('GET', `/resources?${query}`);
    times.push(performance.now() - began);
    return body;
  };
  const all = await timed('limit=1&count=true');
  assert.deepEqual([all.items.length, all.count], [1, MANY]);
  for (const [query, count] of [
    ['q=app', MANY],
    ['q=team%2096', 397],
    ['q=a9999.exa', 1],
    ['q=nothing', 0],
  ] as const) {
    const page = await timed(`${query}&limit=100&count=true`);
    assert.deepEqual([page.count, page.items.length], [count, Math.min(100, count)], query);
  }
  context.diagnostic(`count, then four searches: ${times.map((ms) => `${ms.toFixed(1)} ms`).join(', ')}`);
});

test('some are named by their ids, in one question', async () => {
  const { items } = await world.must('GET', '/resources?ids=res_000007,res_009999,res_none');
  assert.deepEqual(
    items.map(({ name }: { name: string }) => name),
    ['Application 7 of team 7', 'Application 9999 of team 8'],
  );
});

test('ten thousand are sorted by name and by host, to the last page', async (context) => {
  const times: number[] = [];
  for (const sort of ['name', '-name', 'host']) {
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const began = performance.now();
      const page = await world.must('GET', `/resources?sort=${sort}&limit=200${after}`);
      times.push(performance.now() - began);
      seen.push(...page.items.map((item: Record<string, string>) => item[sort.replace('-', '')]));
      // One order is read to its end, of the others two pages tell enough.
      if (page.next === null || (sort !== 'name' && seen.length > 200)) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    const sorted = seen.toSorted();
    assert.equal(seen.length, sort === 'name' ? MANY : 400);
    assert.deepEqual(seen, sort === '-name' ? sorted.reverse() : sorted);
  }
  const [median = 0, slowest = 0] = [times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)], Math.max(...times)];
  context.diagnostic(`${times.length} pages of 200: ${median.toFixed(1)} ms, at most ${slowest.toFixed(1)} ms`);
});

test('what an organisation uses of its quotas is counted', async () => {
  const { id } = await world.must('GET', '/organisation');
  const { quotas } = await world.must('GET', '/organisation/usage');
  const of = (noun: string) => quotas.find((one: { noun: string }) => one.noun === noun);
  assert.deepEqual(of('resources'), { noun: 'resources', used: MANY, most: null });
  assert.equal(of('streamPorts').used, 0);
  await world.must('PATCH', `/organisations/${id}`, { quotas: { resources: 20_000 } });
  const other = await world.must('GET', `/organisations/${id}/usage`);
  assert.equal(other.quotas.find((one: { noun: string }) => one.noun === 'resources').most, 20_000);
});

const LISTS = [
  ['/sites', () => world.must('POST', '/sites', { name: 'Needle site' })],
  ['/roles', () => world.must('POST', '/roles', { name: 'needle-role', permissions: [] })],
  ['/groups', () => world.must('POST', '/groups', { name: 'needle-group' })],
  ['/users', () => world.must('POST', '/users', { email: 'needle@example.org', name: 'Ann' })],
  ['/invitations', () => world.must('POST', '/invitations', { email: 'needle-too@example.org' })],
  ['/keys', () => world.must('POST', '/keys', { name: 'needle-key', scopes: ['site.read'] })],
] as const;

for (const [path, add] of LISTS)
  test(`${path} is searched and counted`, async () => {
    await add();
    const { items, count } = await world.must('GET', `${path}?q=NEEDLE&count=true`);
    assert.deepEqual([items.length, count], [1, 1]);
    assert.ok(!('count' in (await world.must('GET', path))));
    const field = path === '/invitations' ? 'email' : 'name';
    const [names, backwards] = await Promise.all(
      [field, `-${field}`].map(async (sort) => (await world.must('GET', `${path}?sort=${sort}`)).items),
    );
    assert.deepEqual(names, backwards.toReversed());
  });

for (const query of [
  'count=maybe',
  'ids=',
  `q=${'x'.repeat(200)}`,
  `ids=${'a,'.repeat(201)}a`,
  'sort=colour',
  'sort=name&after=sit_1',
])
  test(`${query.slice(0, 12)} is refused`, async () => {
    assert.equal((await world.api('GET', `/sites?${query}`)).status, 400);
  });
