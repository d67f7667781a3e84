import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { DomainQuestion } from '../../core/link/index.ts';
import { createClock } from '../../io/clock.ts';
import { type Answer, ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { StandInDns } from '../../testing/stand-in-dns.ts';

const clock = createClock();
const DAY_MS = 86_400_000;

describe('domains of an organisation', () => {
  let world: ControlWorld;
  let dns: StandInDns;
  let pop: PopWorld;
  let laterMs = 0;

  before(async () => {
    dns = await StandInDns.start();
    world = new ControlWorld();
    const later = { nowMs: () => clock.nowMs() + laterMs, unixMs: () => clock.unixMs() + laterMs };
    await world.start({ lookup: dns.lookup(), clock: later, publicPort: 443 });
    pop = await world.addPop('ams', { httpsEndpoints: ['192.0.2.1:443', '[2001:db8::1]:443'] });
  });
  after(async () => {
    await world.end();
    await dns.stop();
  });
  beforeEach(() => {
    pop.sees = sees;
  });
  afterEach(async () => {
    dns.records.clear();
    dns.delegations.clear();
    await world.must('PATCH', '/organisation', { dnsZone: null });
    const { items } = await world.must('GET', '/domains');
    for (const { id } of items) await world.must('DELETE', `/domains/${id}`);
  });

  /** The PoP sees what the resolver has. */
  const sees = ({ name, type, above }: DomainQuestion): readonly string[] =>
    above === undefined ? (dns.records.get(`${name} ${type}`) ?? []) : [];
  const add = (name: string, mode: string, more: object = {}) =>
    world.must('POST', '/domains', { name, mode, ...more });
  const verify = (id: string) => world.must('POST', `/domains/${id}/verify`, {});
  type Record = {
    name: string;
    type: string;
    value: string;
    state: string;
    advice: string;
    seenFrom: { observer: string }[];
  };
  const states = ({ records }: { records: Record[] }): string[] => records.map((one) => `${one.type} ${one.state}`);
  const publish = ({ records }: { records: Record[] }, ...types: string[]): void => {
    for (const { name, type, value } of records) if (types.includes(type)) dns.records.set(`${name} ${type}`, [value]);
  };

  test('of aliases: told what to create, then what is missing, then that all is right', async () => {
    await world.must('POST', '/resources', { name: 'Wiki', host: 'wiki.example.com' });
    const made = await add('example.com', 'cname');
    assert.equal(made.state, 'waiting');
    assert.deepEqual(states(made), ['TXT unknown', 'CNAME unknown']);
    const nothing = await verify(made.id);
    assert.deepEqual([nothing.state, ...states(nothing)], ['waiting', 'TXT missing', 'CNAME missing']);
    assert.equal(
      nothing.reason,
      'The proof that example.com is yours is not there yet. It is the TXT record of _manis-challenge.example.com.',
    );
    publish(made, 'TXT');
    const proved = await verify(made.id);
    assert.deepEqual([proved.state, ...states(proved)], ['verified', 'TXT fine', 'CNAME missing']);
    assert.match(proved.reason, /these names are not right yet: wiki\.example\.com\.$/);
    assert.match(
      proved.records[1].advice,
      /^Create a CNAME record at wiki\.example\.com with the value manis\.localhost\./,
    );
    publish(made, 'CNAME');
    const right = await verify(made.id);
    assert.deepEqual(states(right), ['TXT fine', 'CNAME fine']);
    assert.deepEqual(right.records[0].seenFrom.map((seen: { observer: string }) => seen.observer).sort(), [
      'control',
      pop.enrolled.popId,
    ]);
    assert.match(right.reason, /\(seen from 2 of 2 places\), and its records are right\.$/);
  });

  test('a proof that is not seen from everywhere is told so', async () => {
    const made = await add('example.com', 'cname');
    publish(made, 'TXT');
    pop.sees = () => [];
    const half = await verify(made.id);
    assert.equal(half.state, 'waiting');
    assert.match(half.reason, /1 of 2 places see it; more than half must\.$/);
    assert.match(half.records[0].advice, /It is right from 1 of 2 places/);
  });

  test('one that was verified and whose proof is gone is failing, and says since when', async () => {
    const made = await add('example.com', 'cname');
    publish(made, 'TXT');
    const { verifiedUnixMs } = await verify(made.id);
    dns.records.clear();
    const failing = await verify(made.id);
    assert.equal(failing.state, 'failing');
    assert.match(failing.reason, /^The proof that example\.com is yours is gone\./);
    assert.ok(failing.stateSinceUnixMs >= verifiedUnixMs);
    assert.equal(failing.verifiedUnixMs, verifiedUnixMs);
  });

  test('a resolver that fails changes nothing', async () => {
    const made = await add('example.com', 'cname');
    publish(made, 'TXT');
    assert.equal((await verify(made.id)).state, 'verified');
    dns.failure = 'SERVFAIL';
    pop.sees = sees;
    const [own] = (await verify(made.id)).records[0].seenFrom.filter(
      (seen: { observer: string }) => seen.observer === 'control',
    );
    assert.equal(own.problem, 'the resolver says SERVFAIL to _manis-challenge.example.com TXT');
    assert.equal((await world.must('GET', `/domains/${made.id}`)).state, 'verified');
    dns.failure = undefined;
  });

  test('a wildcard alias to a name that is this domain’s alone is the proof itself', async () => {
    await world.must('PATCH', '/organisation', { dnsZone: 'pops.example.net' });
    const made = await add('example.com', 'wildcard-cname');
    const [, alias] = made.records as Record[];
    assert.match(alias?.value ?? '', /^to-[a-z2-7]{20}\.pops\.example\.net$/);
    dns.records.set('manis-wildcard-check.example.com CNAME', ['to-somebodyelse.pops.example.net']);
    assert.equal((await verify(made.id)).state, 'waiting');
    dns.records.set('manis-wildcard-check.example.com CNAME', [alias?.value ?? '']);
    const proved = await verify(made.id);
    assert.deepEqual([proved.state, ...states(proved)], ['verified', 'TXT missing', 'CNAME fine']);
  });

  test('a delegated zone is proved by name servers that are named for it', async () => {
    const made = await add('apps.example.com', 'zone');
    assert.deepEqual(states(made), ['NS unknown', 'A unknown', 'AAAA unknown']);
    const [ns] = made.records as Record[];
    dns.records.set('example.com NS', ['ns.registry.test']);
    dns.records.set('ns.registry.test A', ['127.0.0.1']);
    dns.delegations.set('apps.example.com', { nameservers: ['ns1-else.apps.example.com'], glue: {} });
    pop.sees = () => ['ns1-else.apps.example.com'];
    assert.deepEqual(states(await verify(made.id)), ['NS wrong', 'A wrong', 'AAAA wrong']);
    const glue = { [ns?.value ?? '']: ['192.0.2.1', '2001:db8::1'] };
    dns.delegations.set('apps.example.com', { nameservers: [ns?.value ?? ''], glue });
    pop.sees = ({ type }) => (type === 'NS' ? [ns?.value ?? ''] : (glue[ns?.value ?? ''] ?? []));
    const proved = await verify(made.id);
    assert.deepEqual([proved.state, ...states(proved)], ['verified', 'NS fine', 'A fine', 'AAAA fine']);
  });

  describe('of two organisations', () => {
    let inside: (method: string, path: string, body?: unknown) => Promise<Answer>;

    before(async () => {
      const other = await world.must('POST', '/organisations', { name: 'Other' });
      inside = (method, path, body) =>
        world.call(method, `/api/v1${path}`, body, {
          authorization: `Bearer ${world.apiToken}`,
          'manis-organisation': other.id,
        });
    });

    test('the one that proves a domain has it, with what another had put there', async () => {
      const squatter = (await inside('POST', '/resources', { name: 'Login', host: 'login.example.com' })).body;
      const theirs = (await inside('POST', '/domains', { name: 'example.com', mode: 'cname' })).body;
      const made = await add('example.com', 'cname');
      assert.notEqual(theirs.records[0].value, made.records[0].value);
      publish(made, 'TXT');
      assert.equal((await verify(made.id)).state, 'verified');
      const lost = (await inside('GET', `/resources/${squatter.id}`)).body;
      assert.deepEqual([lost.enabled, lost.host.endsWith('.invalid')], [false, true]);
      const back = { enabled: true, host: 'login.example.com' };
      assert.equal((await inside('PATCH', `/resources/${squatter.id}`, back)).body.code, 'host-reserved');
      const on = await inside('PATCH', `/resources/${squatter.id}`, { enabled: true });
      assert.equal(on.body.host, lost.host, 'switched on again, it is nowhere');
      const login = await world.must('POST', '/resources', { name: 'Own login', host: 'login.example.com' });
      await world.must('DELETE', `/resources/${login.id}`);
      const refused = await inside('POST', '/resources', { name: 'Again', host: 'again.example.com' });
      assert.equal(refused.body.code, 'host-reserved');
      const audit = (await inside('GET', '/audit')).body.items as { action: string; subject: string }[];
      assert.ok(audit.some(({ action, subject }) => action === 'resource.host-lost' && subject === squatter.id));

      dns.records.set('_manis-challenge.example.com TXT', [theirs.records[0].value, made.records[0].value]);
      const taken = (await inside('POST', `/domains/${theirs.id}/verify`, {})).body;
      assert.equal(taken.state, 'waiting');
      assert.match(taken.reason, /another organisation has proved/);

      dns.records.set('_manis-challenge.example.com TXT', [theirs.records[0].value]);
      assert.equal((await verify(made.id)).state, 'failing');
      assert.equal(
        (await inside('POST', `/domains/${theirs.id}/verify`, {})).body.state,
        'waiting',
        'not within a week',
      );
      laterMs = 8 * DAY_MS;
      assert.equal((await inside('POST', `/domains/${theirs.id}/verify`, {})).body.state, 'verified');
      const after = await world.must('GET', `/domains/${made.id}`);
      assert.deepEqual([after.state, after.verifiedUnixMs], ['waiting', null]);
      await inside('DELETE', `/domains/${theirs.id}`);
      await inside('DELETE', `/resources/${squatter.id}`);
      laterMs = 0;
    });

    test('a wildcard of another that stands for a domain ends, too, when that is proved', async () => {
      const squatter = (await inside('POST', '/resources', { name: 'Wild', host: '*.example.net' })).body;
      const made = await add('app.example.net', 'cname');
      publish(made, 'TXT');
      assert.equal((await verify(made.id)).state, 'verified');
      const lost = (await inside('GET', `/resources/${squatter.id}`)).body;
      assert.deepEqual([lost.enabled, lost.host.endsWith('.invalid')], [false, true]);
      const own = await world.must('POST', '/resources', { name: 'Own', host: 'app.example.net' });
      await world.must('DELETE', `/resources/${own.id}`);
      await inside('DELETE', `/resources/${squatter.id}`);
    });
  });
});
