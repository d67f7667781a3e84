import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AttachedConnector, SentRequest } from '../../core/link/index.ts';
import { LATENCY_BUCKETS } from '../../core/link/index.ts';
import { ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import type { Document } from '../../testing/described-api.ts';
import { EventReader } from '../../testing/event-reader.ts';
import { LIVE_REQUESTS_PER_SECOND, LIVE_STREAMS_OF_CALLER_MAX } from '../live/constants.ts';
import { describeApi } from './openapi.ts';

const PASSWORD = 'a river in the hills';

/** All that a property may be in the variants of a schema, sorted. */
function valuesOf(schema: unknown, property: string): string[] {
  const { oneOf } = schema as { oneOf: { properties: Record<string, { const?: string; enum?: string[] }> }[] };
  return oneOf.flatMap(({ properties: { [property]: value } }) => value?.enum ?? value?.const ?? []).toSorted();
}

describe('the live stream', () => {
  const world = new ControlWorld();
  let pop: PopWorld;
  let other: PopWorld;
  let resourceId: string;
  let connectorId: string;
  const open: EventReader[] = [];
  const looks: EventReader[] = [];
  before(async () => {
    await world.start();
    [pop, other] = [await world.addPop('paris'), await world.addPop('oslo')];
    resourceId = (await world.must('POST', '/resources', { name: 'Wiki', host: 'wiki.manis.localhost' })).id;
    await pop.until(() => pop.find('resource', resourceId) !== undefined);
    const site = await world.must('POST', '/sites', { name: 'home' });
    const { token } = await world.must('POST', `/sites/${site.id}/enrolment-tokens`, {});
    const wireguardKey = Buffer.alloc(32, 7).toString('base64');
    connectorId = (await world.call('POST', '/enrol/v1/connector', { token, wireguardKey, name: 'box' })).body
      .connectorId;
  });
  after(async () => {
    for (const stream of open) stream.close();
    await world.end();
  });

  const record = (change: Partial<SentRequest>): SentRequest => ({
    ...{ id: 'q', unixMs: Date.now(), resourceId, method: 'GET', host: 'wiki.manis.localhost', path: '/' },
    ...{ protocol: 'HTTP/2.0', status: 200, outcome: 'allowed', reason: 'authenticated', subject: null },
    ...{ address: '192.0.2.1', bytesOut: 3, way: null, targetId: null },
    stageMs: { judge: 0.2, way: 0.5, backend: 3, total: 4 },
    ...change,
  });
  const send = (...records: SentRequest[]): void => {
    const latency = new Array<number>(LATENCY_BUCKETS).fill(0).with(3, records.length);
    const traffic = [{ resourceId, requests: records.length, errors: 0, denied: { never: 1 }, bytesOut: 3, latency }];
    pop.client.send({ type: 'requests', unixMs: Date.now(), lost: 0, records, traffic });
  };
  const look = async (query = '', headers: Record<string, string> = {}): Promise<EventReader> => {
    const auth = { authorization: `Bearer ${world.apiToken}`, ...headers };
    const stream = await EventReader.open(`${world.control.url}/api/v1/live${query}`, auth, world.control.caFile);
    open.push(stream);
    looks.push(stream);
    return stream;
  };

  test('has room for so many of one caller, and others are let in beside them', async () => {
    const secretOf = async () => (await world.must('POST', '/keys', { name: 'k', scopes: ['status.read'] })).key;
    const [greedy, other] = [await secretOf(), await secretOf()];
    const live = (secret: string) => look('?topics=changes', { authorization: `Bearer ${secret}` });
    for (let i = 0; i < LIVE_STREAMS_OF_CALLER_MAX; i++) await live(greedy);
    const refused = await world.call('GET', '/api/v1/live', undefined, { authorization: `Bearer ${greedy}` });
    assert.deepEqual([refused.status, refused.body.code], [429, 'too-many-streams']);
    await (await live(other)).next('hello');
    for (const stream of open.splice(0)) stream.close();
  });

  test('begins with the whole state, and tells of traffic each second', async () => {
    const stream = await look();
    assert.deepEqual((await stream.next('hello')).topics, ['network', 'traffic', 'changes']);
    assert.deepEqual((await stream.next('network')).pops.map(({ name }: { name: string }) => name).sort(), [
      'oslo',
      'paris',
    ]);
    send(record({}), record({ id: 'r' }));
    const second = await stream.next('traffic');
    assert.deepEqual([second.requests, second.denied, second.byResource[resourceId].requests], [2, { never: 1 }, 2]);
    assert.ok(second.p50Ms > 0 && second.p95Ms >= second.p50Ms);
    const later = await look('?topics=traffic');
    assert.equal((await later.next('history')).traffic.at(-1).requests, 2);
  });

  test('tells of requests as they come, of those that are asked for, and of those that were missed', async () => {
    const all = await look('?topics=requests');
    const denied = await look('?topics=requests&outcome=denied');
    await Promise.all([all, denied].map((stream) => stream.next('hello')));
    send(record({ id: 'one' }), record({ id: 'two', outcome: 'denied' }));
    const first = await all.next('request');
    assert.deepEqual([first.requestId, first.resourceName, first.popName], ['one', 'Wiki', 'paris']);
    assert.equal((await denied.next('request')).requestId, 'two');
    // It is in the log by then.
    const { items } = await world.must('GET', '/requests?requestId=one');
    assert.equal(items[0].id, first.id);
    all.close();
    send(record({ id: 'three', unixMs: Date.now() + 5 }));
    while ((await world.must('GET', '/requests?requestId=three')).items.length === 0);
    const again = await look('?topics=requests', { 'last-event-id': first.id });
    while ((await again.next('request')).requestId !== 'three');
  });

  test('tells that a home moved, and what the network is like then', async () => {
    const tunnel = (state: 'up' | 'down', rttMs: number): AttachedConnector => ({
      ...{ connectorId, state, path: 'udp', relayPopId: null, rttMs, sinceUnixMs: 1, endpoint: null },
    });
    const stream = await look('?topics=network');
    pop.client.send({ type: 'status', connectors: [tunnel('up', 5)] });
    other.client.send({ type: 'status', connectors: [tunnel('up', 9)] });
    const isThere = ({ connectors }: { connectors: { tunnels: unknown[] }[] }) => connectors[0]?.tunnels.length === 2;
    while (!isThere(await stream.next('network')));
    pop.client.send({ type: 'status', connectors: [tunnel('down', 5)] });
    const moved = await stream.next('event');
    assert.partialDeepStrictEqual(moved, {
      ...{ kind: 'home-moved', connectorId, fromPopId: pop.enrolled.popId, toPopId: other.enrolled.popId },
    });
    const later = await look('?topics=network');
    assert.equal((await later.next('events')).events.at(-1).kind, 'home-moved');
  });

  test('says how many requests it has left out of a second', async () => {
    const stream = await look('?topics=requests');
    await stream.next('hello');
    send(...Array.from({ length: LIVE_REQUESTS_PER_SECOND + 5 }, (_, i) => record({ id: `many-${i}` })));
    assert.ok((await stream.next('lost')).requests >= 5);
  });

  test('tells of changes, without what is none of the looker, and ends when they may look no more', async () => {
    const user = await world.must('POST', '/users', { email: 'eve@example.com', name: 'Eve', password: PASSWORD });
    const role = await world.must('POST', '/roles', { name: 'watchers', permissions: ['status.read', 'site.read'] });
    await world.must('PATCH', `/users/${user.id}`, { roles: ['watchers'] });
    const made = await world.must('POST', '/api-tokens', { name: 'eve', userId: user.id });
    const theirs = await look('?topics=changes,requests', { authorization: `Bearer ${made.token}` });
    assert.deepEqual((await theirs.next('hello')).topics, ['changes']);
    await world.must('POST', '/groups', { name: 'secret' });
    const site = await world.must('POST', '/sites', { name: 'seen' });
    assert.deepEqual(await theirs.next('change'), { noun: 'site', verb: 'add', id: site.id });
    await world.must('PATCH', `/roles/${role.id}`, { permissions: [] });
    await theirs.next('over');
    await theirs.ended();
  });

  test('ends when a right is lost that it goes by, though others are left', async () => {
    const user = await world.must('POST', '/users', { email: 'may@example.com', name: 'May', password: PASSWORD });
    const rights = ['status.read', 'site.read', 'audit.read'];
    const role = await world.must('POST', '/roles', { name: 'more-watchers', permissions: rights });
    await world.must('PATCH', `/users/${user.id}`, { roles: ['more-watchers'] });
    const { token } = await world.must('POST', '/api-tokens', { name: 'may', userId: user.id });
    const [changes, requests] = [
      await look('?topics=changes', { authorization: `Bearer ${token}` }),
      await look('?topics=requests', { authorization: `Bearer ${token}` }),
    ];
    for (const stream of [changes, requests]) await stream.next('hello');
    await world.must('PATCH', `/roles/${role.id}`, { permissions: ['status.read', 'audit.read'] });
    await changes.next('over');
    await changes.ended();
    await requests.ended();
    const again = await look('?topics=changes', { authorization: `Bearer ${token}` });
    await again.next('hello');
    await world.must('PATCH', `/users/${user.id}`, { disabled: true });
    await again.next('over');
    await again.ended();
    await world.must('POST', '/sites', { name: 'unseen' });
    assert.ok(!again.text.includes('unseen') && !changes.text.includes('"noun":"user"'));
  });

  test('another organisation is told nothing of it', async () => {
    const { id } = await world.must('POST', '/organisations', { name: 'Other' });
    const headers = { authorization: `Bearer ${world.apiToken}`, 'manis-organisation': id };
    const call = (path: string, body: unknown) => world.call('POST', `/api/v1${path}`, body, headers);
    const user = await call('/users', { email: 'zoe@other.example', name: 'Zoe', roles: ['owner'] });
    const { token } = (await call('/api-tokens', { name: 'zoe', userId: user.body.id })).body;
    const zoe = { authorization: `Bearer ${token}`, 'manis-organisation': id };
    const theirs = await look('?topics=requests,traffic,changes,network', zoe);
    assert.deepEqual((await theirs.next('events')).events, []);
    const own = await look('?topics=requests,traffic');
    await own.next('hello');
    send(record({ id: 'not-yours' }));
    await own.next('traffic');
    const site = await world.call('POST', '/api/v1/sites', { name: 'theirs' }, zoe);
    assert.equal((await theirs.next('change')).id, site.body.id);
    assert.ok(
      !theirs.text.includes('not-yours') && !theirs.text.includes(resourceId) && !theirs.text.includes(connectorId),
    );
  });

  test('tells of a connector and of a PoP that go and come back', async () => {
    const tunnel = (state: 'up' | 'down'): AttachedConnector => ({
      ...{ connectorId, state, path: 'udp', relayPopId: null, rttMs: 9, sinceUnixMs: 1, endpoint: null },
    });
    const stream = await look('?topics=network');
    await stream.next('network');
    const next = async (kind: string) => {
      while ((await stream.next('event')).kind !== kind);
    };
    other.client.send({ type: 'status', connectors: [tunnel('down')] });
    await next('connector-lost');
    other.client.send({ type: 'status', connectors: [tunnel('up')] });
    await next('connector-back');
    const third = await world.addPop('rome');
    while ((await stream.next('network')).pops.length < 3);
    third.client.stop();
    await next('pop-lost');
    third.comeBack();
    await next('pop-back');
  });

  test('a topic that there is not is refused', async () => {
    assert.equal((await world.api('GET', '/live?topics=everything')).status, 400);
  });

  /** The last of all: it looks at everything that was sent to anybody above. */
  test('what was sent is what the OpenAPI document says, and all that it says was sent', async () => {
    const { schemas } = ((await describeApi()) as Document).components;
    const described = { $ref: '#/components/schemas/LiveEvent', components: { schemas } };
    const judge = new Ajv2020({ strict: false, validateFormats: false }).compile(described);
    const sent = looks.flatMap(({ all }) => all);
    for (const { name, data } of sent)
      assert.ok(judge({ event: name, data }), `${name} ${JSON.stringify(data)}: ${JSON.stringify(judge.errors)}`);
    assert.deepEqual([...new Set(sent.map(({ name }) => name))].sort(), valuesOf(schemas['LiveEvent'], 'event'));
    const kinds = sent.filter(({ name }) => name === 'event').map(({ data }) => data.kind);
    assert.deepEqual([...new Set(kinds)].sort(), valuesOf(schemas['NetworkEvent'], 'kind'));
  });
});
