/** The commands of the API against a server that plays control. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { issueLeaf, openLocalCa } from '../../io/certificates.ts';
import { createRandom } from '../../io/random.ts';
import { withApi } from './connection.ts';
import { at, type ControlApi } from './control-api.ts';
import { siteIdOf } from './network.ts';
import { find, given, type Noun } from './noun.ts';
import { listed, type Printed, type Reader, shown } from './printed.ts';
import { progressText, type RevocationProgress } from './revocations.ts';
import { statusText } from './status.ts';
import { checkBody, healthText } from './targets.ts';

const SITE: Noun<'/sites'> = {
  name: 'site',
  path: '/sites',
  columns: ['id', 'name', 'createdUnixMs'],
  names: ['name'],
};
const PAGES: Readonly<Record<string, object>> = {
  '/api/v1/sites?limit=200': { items: [{ id: 's1', name: 'home', createdUnixMs: 0 }], next: 's1' },
  '/api/v1/sites?limit=200&sort=-name': { items: [{ id: 's9', name: 'zebra' }], next: 'cursor9' },
  '/api/v1/sites?limit=200&after=cursor9&sort=-name': { items: [{ id: 's8', name: 'yak' }], next: null },
  '/api/v1/sites?limit=200&after=s1': {
    items: [
      { id: 's2', name: 'twin' },
      { id: 's3', name: 'twin' },
    ],
    next: null,
  },
};

describe('a command of the API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-api-'));
  let server: Server;
  let url = '';
  before(async () => {
    const random = createRandom();
    const ca = await openLocalCa(folder, Date.now(), random);
    const leaf = issueLeaf(ca, { dns: [], ip: ['127.0.0.1'] }, Date.now(), random);
    server = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, (request, response) => {
      const page = PAGES[request.url ?? ''];
      const isKnown = request.headers.authorization === 'Bearer secret';
      const problems = [
        { path: 'name', expected: 'a name' },
        { path: 'host', expected: 'a host' },
      ];
      const refusal = { code: 'request-invalid', detail: 'name: expected a name', problems };
      if (!isKnown)
        response.writeHead(401).end(JSON.stringify({ code: 'authentication-failed', detail: 'unknown token' }));
      else if (page) response.end(JSON.stringify(page));
      else if (request.method === 'DELETE') response.writeHead(204).end();
      else response.writeHead(400).end(JSON.stringify(refusal));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  function call(work: (api: ControlApi) => Promise<void>, token: string | undefined = 'secret'): Promise<void> {
    return withApi({ url, token, ca: join(folder, 'ca.pem'), dataDir: folder, json: false }, work);
  }

  test('finds by id and by name, over every page', () =>
    call(async (api) => {
      assert.equal((await find(api, SITE, 'home')).id, 's1');
      assert.equal((await find(api, SITE, 's3')).id, 's3');
      await assert.rejects(find(api, SITE, 'twin'), {
        message: /^2 things are called "twin": say which by its id; see manis site list$/,
      });
      await assert.rejects(find(api, SITE, 'no'), { message: /^there is no site called "no"; see manis site list$/ });
    }));

  test('asks for a list in the order that is wished, page after page', () =>
    call(async (api) => {
      const names = (await api.list('/sites', { params: { query: { sort: '-name' } } })).map(({ name }) => name);
      assert.deepEqual(names, ['zebra', 'yak']);
    }));

  test('takes the site that is named, and asks which where there are several', () =>
    call(async (api) => {
      assert.equal(await siteIdOf(api, 'home'), 's1');
      const message = '--site is missing; expected one of home, twin, twin';
      await assert.rejects(siteIdOf(api, undefined), { name: 'UsageFailure', message });
    }));

  test('tells every field that control refuses', () =>
    call(async (api) => {
      await assert.rejects(api.post('/sites', { body: { name: '' } }), {
        name: 'ApiFailure',
        code: 'request-invalid',
        status: 400,
        message: 'name: expected a name; host: expected a host',
      });
      await api.remove('/sites/{id}', at({ id: 's1' }));
    }));

  test('is refused with another token', () =>
    call((api) => assert.rejects(api.get('/sites'), { code: 'authentication-failed' }), 'other'));

  test('needs a token for a control that is named, and a network where none is', async () => {
    const nothing = async () => undefined;
    const none = { token: undefined, ca: undefined, dataDir: folder, json: false };
    await assert.rejects(withApi({ ...none, url }, nothing), { message: /^--token \(or MANIS_TOKEN\) is missing/ });
    await assert.rejects(withApi({ ...none, url: undefined }, nothing), { message: /holds no local network/ });
    writeFileSync(join(folder, 'network.json'), '{}');
    await assert.rejects(withApi({ ...none, url: undefined }, nothing), { message: /start one with "manis up"/ });
  });
});

const READER: Reader = { nowUnixMs: 86_400_000, nameOf: (id) => id, columns: undefined };

function textOf({ text }: Printed, change: Partial<Reader> = {}): string {
  return typeof text === 'string' ? text : text({ ...READER, ...change });
}

test('lists and things are shown by their fields', () => {
  const item = { id: 's1', name: 'home', createdUnixMs: 0, seenUnixMs: 1, roles: ['a', 'b'], on: true, none: null };
  assert.equal(textOf(listed({ columns: ['id', 'name', 'seenUnixMs'] }, [item])), 'ID  NAME  SEEN\ns1  home  24 h ago');
  assert.equal(
    textOf(shown(item)),
    'id       s1\nname     home\ncreated  -\nseen     1970-01-01 00:00:00 UTC (24 h ago)\nroles    a, b\non       yes',
  );
  assert.equal(textOf(shown({ id: 'r1', policy: { rules: [] } })), 'id      r1\npolicy  lets nobody in');
  const rules = [{ name: 'Staff' }, { id: 'guests' }];
  assert.equal(textOf(shown({ id: 'r1', policy: { rules } })), 'id      r1\npolicy  Staff, guests');
  assert.deepEqual(given({ a: 1, b: undefined, c: null }), { a: 1, c: null });
});

test('people read names, where ids would say the same', () => {
  const noun = { name: 'site', columns: ['id', 'name'], names: ['name'] } as const;
  const [home, twin] = [
    { id: 's1', name: 'home' },
    { id: 's2', name: 'home' },
  ];
  assert.equal(textOf(listed(noun, [home])), 'NAME\nhome');
  assert.equal(textOf(listed(noun, [home, twin])), 'ID  NAME\ns1  home\ns2  home');
  assert.equal(textOf(listed<typeof home>(noun, [])), 'There is no site yet.');
  const site = `sit_${'0'.repeat(26)}`;
  const named = { nameOf: (id: string) => (id === site ? 'home' : id) };
  const shownText = textOf(shown({ id: site, siteId: site, siteIds: [site], graceMs: 60_000 }), named);
  assert.equal(shownText, `id     ${site}\nsite   home\nsites  home\ngrace  1 min`);
  const by = (source: string) => textOf(shown({ source }));
  assert.deepEqual([by('dashboard'), by('file:infra')], ['source  by hand', 'source  file:infra']);
  assert.equal(textOf(shown({ health: { state: 'up', since: null }, extra: {} })), 'health state  up');
});

test('the status says which control node is gone and which PoP is behind', () => {
  const text = statusText(
    {
      version: { epoch: 1, revision: 8 },
      controlNodes: [
        { id: 'ctl_1', url: 'https://a.example', software: 'manis/1', alive: true },
        { id: 'ctl_2', url: 'https://b.example', software: 'manis/1', alive: false },
      ],
      pops: [
        { id: 'p1', name: 'Oslo', connected: true, draining: false, applied: { epoch: 1, revision: 8 } },
        { id: 'p2', name: 'Rome', connected: false, draining: true, applied: null },
      ],
      connectors: [
        {
          name: 'attic',
          tunnels: [
            { popId: 'p1', state: 'up', path: 'udp', relayPopId: null, rttMs: 3.062 },
            { popId: 'p2', state: 'up', path: 'relay', relayPopId: 'p1', rttMs: 9 },
          ],
        },
      ],
      devices: [{ name: 'router', popId: 'p1', address: '100.96.1.0', state: 'up', lastHandshakeUnixMs: 5_000 }],
    },
    { nowUnixMs: 10_000, columns: undefined },
  );
  assert.match(text, /^Snapshot 1\.8$/m);
  assert.match(text, /^https:\/\/b\.example +gone +manis\/1$/m);
  assert.match(text, /^Oslo +serving +connected +up to date$/m);
  assert.match(text, /^Rome +draining +cut off +at none$/m);
  assert.match(text, /^attic +Oslo +up +udp +3\.1 ms$/m);
  assert.match(text, /^router +100\.96\.1\.0 +Oslo +up +5 s ago$/m);
  assert.match(text, /nothing takes over/);
  assert.match(text, /^attic +Rome +up +relay via Oslo +9\.0 ms$/m);
});

test('the flags of a check go on top of what the target had', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-check-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'check.yaml');
  writeFileSync(file, 'kind: http\npath: /ready\nheaders: { X-Probe: "1" }\n');
  const had = { kind: 'http' as const, path: '/health', intervalMs: 5_000 };
  const table: [...Parameters<typeof checkBody>, body: unknown][] = [
    [{}, had, undefined],
    [{ check: 'none' }, had, null],
    [{ check: 'tcp' }, had, { kind: 'tcp' }],
    [{ check: '/up', checkStatus: ['204'] }, null, { kind: 'http', path: '/up', expectedStatus: ['204'] }],
    [{ checkIntervalMs: 1_000 }, had, { ...had, intervalMs: 1_000 }],
    [{ checkTimeoutMs: 500 }, null, { kind: 'tcp', timeoutMs: 500 }],
    [{ checkFile: file }, had, { kind: 'http', path: '/ready', headers: { 'X-Probe': '1' } }],
  ];
  for (const [flags, before, body] of table)
    assert.deepEqual(await checkBody(flags, before), body, JSON.stringify(flags));
});

test('the health of a target: the present by PoP and connector, then what was', () => {
  const way = { pop: 'ams', connector: 'one', state: 'unhealthy', reason: 'status-503', text: 'answered 503' };
  const text = healthText(
    {
      state: 'unknown',
      ways: [{ ...way, sinceUnixMs: 0, current: false }],
      history: [{ ...way, unixMs: 1_000 }],
    },
    { nowUnixMs: 60_000, columns: undefined },
  );
  assert.equal(
    text,
    [
      'unknown',
      '',
      'POP  CONNECTOR  STATE                    SINCE     REASON      MEANING',
      'ams  one        unhealthy (PoP cut off)  60 s ago  status-503  answered 503',
      '',
      'TIME (UTC)  POP  CONNECTOR  STATE      REASON',
      '00:00:01    ams  one        unhealthy  status-503',
    ].join('\n'),
  );
});

test('who revokes is told which PoPs have not confirmed', () => {
  const pop = { name: 'Oslo', connected: true, acknowledged: true };
  const cases: [RevocationProgress, string][] = [
    [{ acknowledged: 1, of: 1, pops: [pop] }, 'Revoked on 1 of 1 PoPs.'],
    [
      { acknowledged: 1, of: 2, pops: [pop, { name: 'Rome', connected: false, acknowledged: false }] },
      'Revoked on 1 of 2 PoPs; not on Rome (cut off).',
    ],
  ];
  for (const [progress, text] of cases) assert.equal(progressText(progress), text);
});
