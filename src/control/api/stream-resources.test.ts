// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** Resources of kinds tcp, udp and tls: what the API takes and refuses, what is published, and what PoPs say of their ports. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrantedTarget, SiteGrant, StreamResourceRecord } from '../../core/link/index.ts';
import { controlWithPop } from '../../testing/control-with-pop.ts';
import type { PopWorld } from '../../testing/control-world.ts';

let pop: PopWorld;
let siteId: string;

const world = controlWithPop(async (one) => {
  pop = one;
  siteId = (await world.must('POST', '/sites', { name: 'office' })).id;
});

async function published(id: string, holds: (record: StreamResourceRecord) => boolean = () => true) {
  const found = () => pop.find('streamResource', id);
  await pop.until(() => {
    const record = found();
    return record !== undefined && holds(record);
  });
  return found() as StreamResourceRecord;
}

async function granted(id: string, holds: (target: GrantedTarget) => boolean = () => true): Promise<GrantedTarget> {
  const found = () => {
    const signed = pop.find('siteGrant', siteId)?.signed;
    return signed && (JSON.parse(signed.payload) as SiteGrant).targets.find((target) => target.id === id);
  };
  await pop.until(() => {
    const target = found();
    return target !== undefined && holds(target);
  });
  return found() as GrantedTarget;
}

test('a TCP resource needs no host, is published as a stream, and its targets are granted', async () => {
  const targets = [{ siteId, url: 'tcp://10.0.0.5:5432' }];
  const made = await world.must('POST', '/resources', { name: 'db', kind: 'tcp', listen: { first: 5432 }, targets });
  assert.deepEqual([made.kind, made.host, made.listen], ['tcp', '', { first: 5432, last: 5432, idleMs: null }]);
  const record = await published(made.id);
  assert.deepEqual(record.listen, { transport: 'tcp', first: 5432, last: 5432 });
  assert.equal(record.host, undefined);
  assert.equal(pop.find('resource', made.id), undefined);
  const [target] = record.targets;
  assert.deepEqual(Object.keys(target ?? {}).sort(), ['id', 'overlayPort', 'priority', 'siteId', 'weight']);
  const grant = await granted(target?.id ?? '');
  assert.deepEqual([grant.host, grant.port, grant.transport, grant.ports], ['10.0.0.5', 5432, undefined, undefined]);
});

test('a range of ports takes as many of the connectors, and another range moves them', async () => {
  const made = await world.must('POST', '/resources', {
    ...{ name: 'rtp', kind: 'udp', listen: { first: 7000, last: 7009, idleMs: 5_000 } },
    targets: [{ siteId, url: 'udp://10.0.0.5:9000' }],
  });
  const record = await published(made.id);
  const [target] = record.targets;
  const grant = await granted(target?.id ?? '');
  assert.deepEqual([grant.transport, grant.ports, grant.port], ['udp', 10, 9000]);
  const next = await world.must('POST', `/resources/${made.id}/targets`, { siteId, url: 'udp://10.0.0.6:9000' });
  assert.ok(next.overlayPort >= grant.overlayPort + 10, 'ranges do not overlap');
  await world.must('PATCH', `/resources/${made.id}`, { listen: { first: 7000, last: 7019 } });
  const moved = await granted(target?.id ?? '', ({ ports }) => ports === 20);
  const all = (await world.must('GET', '/targets')).items as { overlayPort: number; id: string }[];
  for (const other of all)
    if (other.id !== moved.id)
      assert.ok(other.overlayPort < moved.overlayPort || other.overlayPort >= moved.overlayPort + 20);
});

test('TLS that is passed through has a host, which no other resource may have', async () => {
  const made = await world.must('POST', '/resources', {
    name: 'mail',
    kind: 'tls',
    host: 'mail.example.com',
    listen: {},
  });
  assert.deepEqual(made.listen, { first: null, last: null, idleMs: null });
  assert.deepEqual((await published(made.id)).listen, { transport: 'tls' });
  const again = await world.api('POST', '/resources', { name: 'web', host: 'mail.example.com' });
  assert.deepEqual([again.status, again.body.code], [409, 'host-taken']);
});

test('no certificate is made for what has no host, or shows its own', async () => {
  const web = await world.must('POST', '/resources', { name: 'web', host: 'web.example.com' });
  const hosts = () => [...(pop.state?.ofKind('certificate') ?? [])].flatMap((record) => record.hosts);
  await pop.until(() => pop.find('resource', web.id) !== undefined && hosts().includes('web.example.com'));
  assert.deepEqual(
    hosts().filter((host) => host.startsWith(':') || host === 'mail.example.com'),
    [],
  );
});

test('the PROXY protocol is read from prefixes and written in a version', async () => {
  const proxyProtocol = { from: ['10.0.0.0/8', '192.0.2.1'], to: 2 };
  const made = await world.must('POST', '/resources', {
    name: 'p',
    kind: 'tcp',
    listen: { first: 6001 },
    proxyProtocol,
  });
  assert.deepEqual(made.proxyProtocol, proxyProtocol);
  assert.deepEqual((await published(made.id)).proxyProtocol, proxyProtocol);
  await world.must('PATCH', `/resources/${made.id}`, { proxyProtocol: null });
  assert.equal((await published(made.id, (record) => !record.proxyProtocol)).proxyProtocol, undefined);
});

const tcp = (first: number, last = first) => ({ name: 'x', kind: 'tcp', listen: { first, last } });
const refusals: [name: string, body: () => object, code: string][] = [
  ['a port of another resource', () => tcp(5432), 'port-taken'],
  ['a range that meets one', () => tcp(5400, 5500), 'port-taken'],
  [
    'a name on a port of bytes',
    () => ({ name: 'x', kind: 'tls', host: 'a.example.com', listen: { first: 5432 } }),
    'port-taken',
  ],
  ['no port', () => ({ name: 'x', kind: 'tcp', listen: {} }), 'listen-invalid'],
  ['ports the wrong way round', () => tcp(6100, 6099), 'listen-invalid'],
  ['too many ports', () => tcp(10_000, 12_000), 'listen-invalid'],
  [
    'a time for silence of TCP',
    () => ({ name: 'x', kind: 'tcp', listen: { first: 6200, idleMs: 5_000 } }),
    'listen-invalid',
  ],
  ['ports of HTTP', () => ({ name: 'x', host: 'b.example.com', listen: { first: 6200 } }), 'listen-invalid'],
  ['host bits in a prefix', () => ({ ...tcp(6200), proxyProtocol: { from: ['10.0.0.1/8'] } }), 'listen-invalid'],
  ['a target that speaks HTTP', () => ({ ...tcp(6200), targets: [{ siteId, url: 'http://a:80' }] }), 'target-invalid'],
  ['a target of datagrams', () => ({ ...tcp(6200), targets: [{ siteId, url: 'udp://a:80' }] }), 'target-invalid'],
  [
    'bytes as target of HTTP',
    () => ({ name: 'x', host: 'b.example.com', targets: [{ siteId, url: 'tcp://a:80' }] }),
    'target-invalid',
  ],
  [
    'a target with too few ports',
    () => ({ ...tcp(6200, 6210), targets: [{ siteId, url: 'tcp://a:65530' }] }),
    'target-invalid',
  ],
  [
    'a check over HTTP',
    () => ({ ...tcp(6200), targets: [{ siteId, url: 'tcp://a:80', check: { kind: 'http', path: '/' } }] }),
    'target-invalid',
  ],
  [
    'a policy about paths',
    () => ({
      ...tcp(6200),
      policy: { rules: [{ id: 'r', name: 'r', when: { path: { prefix: '/' } }, then: { kind: 'bypass' } }] },
    }),
    'policy-invalid',
  ],
  ['HTTP without a host', () => ({ name: 'x' }), 'host-invalid'],
  ['TLS without a host', () => ({ name: 'x', kind: 'tls', listen: {} }), 'host-invalid'],
];
for (const [name, body, code] of refusals) {
  test(`${name} is refused: ${code}`, async () => {
    const answer = await world.api('POST', '/resources', body());
    assert.equal(answer.body.code, code, JSON.stringify(answer.body));
  });
}

test('the same port over UDP and two names on one port are no conflict', async () => {
  await world.must('POST', '/resources', { name: 'dns', kind: 'udp', listen: { first: 5432 } });
  for (const host of ['one.example.com', 'two.example.com'])
    await world.must('POST', '/resources', { name: host, kind: 'tls', host, listen: { first: 9443 } });
  const { body } = await world.api('POST', '/resources', tcp(9443));
  assert.equal(body.code, 'port-taken');
});

test('a port is taken whosever it is, and whose is not told', async () => {
  const acme = await world.must('POST', '/organisations', { name: 'Acme' });
  const headers = { authorization: `Bearer ${world.apiToken}`, 'manis-organisation': acme.id };
  const asked = (listen: object) =>
    world.call('POST', '/api/v1/resources', { name: 'mine', kind: 'tcp', listen }, headers);
  const { body, status } = await asked({ first: 5000, last: 5500 });
  assert.deepEqual([status, body.code], [409, 'port-taken']);
  assert.match(body.detail, /port 5432 over tcp belongs to another resource/);
  assert.equal((await asked({ first: 5433 })).status, 201);
});

test('an organisation has no more ports than leave some for others, however many resources they are of', async () => {
  const greedy = await world.must('POST', '/organisations', { name: 'Greedy' });
  const headers = { authorization: `Bearer ${world.apiToken}`, 'manis-organisation': greedy.id };
  const asked = async (method: string, path: string, body: object) =>
    world.call(method, `/api/v1${path}`, body, headers);
  const many = (first: number, last: number) => ({ name: 'mine', kind: 'udp', listen: { first, last } });
  assert.equal((await asked('POST', '/resources', many(20_000, 20_256))).body.code, 'quota-reached');
  const { status, body } = await asked('POST', '/resources', many(20_000, 20_254));
  assert.equal(status, 201);
  assert.equal((await asked('POST', '/resources', many(21_000, 21_001))).body.code, 'quota-reached');
  assert.equal((await asked('POST', '/resources', { ...many(20_000, 20_000), kind: 'tcp' })).status, 201);
  const wider = { listen: { first: 20_000, last: 20_255 } };
  assert.equal((await asked('PATCH', `/resources/${body.id}`, wider)).body.code, 'quota-reached');
});

test('a policy that is set later is read in the words of connections as well', async () => {
  const { id } = await world.must('POST', '/resources', tcp(6300));
  const rule = (when: object) => ({ rules: [{ id: 'r', name: 'r', when, then: { kind: 'bypass' } }] });
  const recent = { recentSignIn: { withinMs: 3_600_000 } };
  assert.equal(
    (await world.api('PUT', `/resources/${id}/policy`, rule({ method: ['GET'] }))).body.code,
    'policy-invalid',
  );
  await world.must('PUT', `/resources/${id}/policy`, rule(recent));
  assert.equal((await published(id, ({ policy }) => policy.rules.length === 1)).policy.rules.length, 1);
  const http = await world.must('POST', '/resources', { name: 'web', host: 'c.example.com' });
  const { body } = await world.api('PUT', `/resources/${http.id}/policy`, rule(recent));
  assert.equal(body.code, 'policy-invalid');
});

test('what each PoP says of the ports is told, with the reason where one is not open', async () => {
  const { id } = await world.must('POST', '/resources', tcp(6400, 6403));
  const port = (first: number, last: number, state: string) => ({ transport: 'tcp' as const, first, last, state });
  pop.client.send({
    ...{ type: 'status', connectors: [] },
    streams: [port(5000, 6401, 'open'), port(6402, 6402, 'in-use'), port(6403, 6403, 'not-allowed')],
  });
  for (;;) {
    const { items } = await world.must('GET', `/resources/${id}/listeners`);
    if (items[0].ports.length === 0) continue;
    assert.deepEqual(items, [
      {
        popId: pop.enrolled.popId,
        popName: 'ams',
        connected: true,
        ports: [
          { first: 6400, last: 6401, state: 'open' },
          { first: 6402, last: 6402, state: 'in-use' },
          { first: 6403, last: 6403, state: 'not-allowed' },
        ],
      },
    ]);
    return;
  }
});

test('a resource of kind access has a host, a policy of requests and TCP targets, and is published for HTTP with a mark', async () => {
  const targets = [{ siteId, url: 'tcp://10.0.0.5:5432' }];
  const policy = {
    rules: [
      {
        ...{ id: 'a', name: 'A', when: { path: { prefix: '/' } }, then: { kind: 'authenticate', anyOf: 'signed-in' } },
      },
    ],
  };
  const named = { name: 'shell', kind: 'access', host: 'shell.manis.localhost' };
  const made = await world.must('POST', '/resources', { ...named, targets, policy });
  assert.deepEqual([made.kind, made.host, made.listen], ['access', named.host, null]);
  await pop.until(() => pop.find('resource', made.id) !== undefined);
  const record = pop.find('resource', made.id);
  assert.deepEqual([record?.access, record?.host, record?.targets[0]?.scheme], [true, named.host, 'http']);
  assert.equal(pop.find('streamResource', made.id), undefined);
  assert.equal((await granted(record?.targets[0]?.id ?? '')).port, 5432);
  const refusals: [object, string][] = [
    [{ host: undefined }, 'host-invalid'],
    [{ listen: { first: 5432 } }, 'listen-invalid'],
    [{ targets: [{ siteId, url: 'http://10.0.0.5:80' }] }, 'target-invalid'],
    [{ targets: [{ siteId, url: 'udp://10.0.0.5:53' }] }, 'target-invalid'],
  ];
  for (const [changes, code] of refusals) {
    const asked = { ...named, host: 'other.manis.localhost', ...changes };
    assert.equal((await world.api('POST', '/resources', asked)).body.code, code, JSON.stringify(changes));
  }
});
