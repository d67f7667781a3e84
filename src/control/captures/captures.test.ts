import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fromBase64Url, toBase64, utf8 } from '../../base/index.ts';
import { type CapturedRequest, HIDDEN } from '../../core/capture/index.ts';
import type { ReplayedMessage, ReplayMessage, SentRequest } from '../../core/link/index.ts';
import { RevocationTable, verifySessionToken } from '../../core/session/index.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { type Answer, ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import type { ObservedControl } from '../metrics.ts';
import { captureBytesAllowed } from './capture-quota.ts';

const HOST = 'hooks.manis.localhost';
const crypto = new NodeSessionCrypto();

describe('captured requests', () => {
  const world = new ControlWorld();
  let pop: PopWorld;
  let resourceId: string;
  let observed: ObservedControl;
  before(async () => {
    observed = (await world.start()).observed;
    pop = await world.addPop('one');
    resourceId = (await world.must('POST', '/resources', { name: 'Hooks', host: HOST })).id;
    await pop.until(() => pop.find('resource', resourceId) !== undefined);
  });
  after(() => world.end());

  const url = () => `/resources/${resourceId}/capture`;
  async function capture(settings: object | null): Promise<void> {
    const { capture: now } = await world.must('PUT', url(), { capture: settings });
    const published = () => JSON.stringify(pop.find('resource', resourceId)?.capture ?? null);
    await pop.until(() => published() === JSON.stringify(now));
  }

  function sent(id: string, change: Partial<CapturedRequest> = {}): CapturedRequest {
    return {
      ...{ id, unixMs: Date.now(), resourceId, method: 'POST', host: HOST, target: `/in?token=${HIDDEN}&n=1` },
      fields: ['Content-Type', 'application/json', 'Authorization', HIDDEN],
      body: { bytes: 2, kept: toBase64(utf8('{}')) },
      answer: { status: 202, fields: ['Content-Type', 'text/plain'], body: { bytes: 9, omitted: 'type' } },
      ...change,
    };
  }

  function tell(...captures: CapturedRequest[]): void {
    const records = captures.map(
      ({ id, unixMs }): SentRequest => ({
        ...{ id, unixMs, resourceId, method: 'POST', host: HOST, path: '/in?…', isCaptured: true },
        ...{ protocol: 'HTTP/1.1', status: 202, outcome: 'allowed', reason: 'bypass', subject: null },
        ...{ address: '192.0.2.1', bytesOut: 3, way: null, targetId: null },
        stageMs: { judge: 0.2, way: 0.5, backend: 3, total: 4 },
      }),
    );
    pop.client.send({ type: 'requests', unixMs: Date.now(), lost: 0, records, traffic: [] });
    pop.client.send({ type: 'captures', records: captures });
  }

  async function kept(id: string): Promise<Answer['body']> {
    for (;;) {
      const answer = await world.api('GET', `/requests/${id}/capture`);
      if (answer.status === 200) return answer.body;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** The next replay that the PoP is asked for is answered so. */
  async function replayed(answer: Partial<ReplayedMessage>): Promise<ReplayMessage> {
    const asked = () => pop.messages.filter((message) => message.type === 'replay');
    const had = asked().length;
    await pop.until(() => asked().length > had);
    const message = asked().at(-1) ?? assert.fail();
    pop.client.send({ type: 'replayed', id: message.id, requestId: 'r-1', status: 200, ...answer });
    return message;
  }

  test('nothing is captured unless somebody asks for it, and what is asked for is bounded', async () => {
    assert.deepEqual(await world.must('GET', url()), { capture: null, kept: { entries: 0, bytes: 0 } });
    tell(sent('unasked'));
    for (const capture of [
      { bodyBytes: 10_000_000 },
      { keptCaptures: 0 },
      { keptHours: 1000 },
      { hiddenNames: ['a b'] },
      { more: true },
    ])
      assert.equal((await world.api('PUT', url(), { capture })).status, 400, JSON.stringify(capture));
    await capture({ bodies: true, hiddenNames: ['X-Tenant'], keptCaptures: 3 });
    assert.partialDeepStrictEqual((await world.must('GET', url())).capture, {
      ...{
        bodies: true,
        bodyBytes: 65_536,
        keptCaptures: 3,
        keptHours: 24,
        hiddenNames: ['x-tenant'],
        untilUnixMs: null,
      },
    });
    tell(sent('asked'));
    await kept('asked');
    assert.equal((await world.api('GET', '/requests/unasked/capture')).status, 404);
    const { items } = await world.must('GET', '/audit?action=resource.capture.change');
    assert.equal(items.length, 1);
  });

  test('what is captured is shown with its secrets hidden, and is sealed in the store', async () => {
    const plain = utf8('{"words":"that stand nowhere in the store"}');
    tell(sent('shown', { body: { bytes: plain.length, kept: toBase64(plain) } }));
    const shown = await kept('shown');
    assert.partialDeepStrictEqual(shown, {
      ...{ requestId: 'shown', method: 'POST', host: HOST, target: `/in?token=${HIDDEN}&n=1` },
      fields: [{ name: 'Content-Type' }, { name: 'Authorization', value: HIDDEN, isHidden: true }],
      body: {
        bytes: plain.length,
        text: new TextDecoder().decode(plain),
        omitted: null,
        isCut: false,
        isHidden: false,
      },
      answer: { status: 202, body: { bytes: 9, text: null, omitted: 'type' } },
      replay: { leftOut: ['?token', 'authorization'], missing: null },
    });
    assert.equal(shown.expiresUnixMs, shown.unixMs + 24 * 3_600_000);
    assert.deepEqual(await world.must('GET', `/requests/${shown.id}/capture`), shown);
    const [item] = (await world.must('GET', '/requests?captured=true&requestId=shown')).items;
    assert.deepEqual([item.id, item.isCaptured], [shown.id, true]);
    for (const entry of readdirSync(world.dataDir, { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        for (const text of ['stand nowhere', toBase64(plain).slice(8, 40)])
          assert.ok(!readFileSync(join(entry.parentPath, entry.name)).includes(text), entry.name);
    const { items } = await world.must('GET', '/requests?captured=false');
    assert.ok(items.every(({ requestId }: { requestId: string }) => requestId !== 'shown'));
  });

  test('so many are kept as the resource says, the newest', async () => {
    const now = Date.now();
    tell(...['n1', 'n2', 'n3', 'n4'].map((id, i) => sent(id, { unixMs: now + i })));
    await kept('n4');
    while ((await world.must('GET', url())).kept.entries > 3) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const [id, status] of [
      ['n1', 404],
      ['n2', 200],
      ['n4', 200],
    ] as const)
      assert.equal((await world.api('GET', `/requests/${id}/capture`)).status, status, id);
  });

  test('an export holds what was captured only where that is asked for', async () => {
    const lines = async (query: string) => {
      const answer = await world.call('GET', `/api/v1/requests/export?requestId=n4&${query}`, undefined, {
        authorization: `Bearer ${world.apiToken}`,
      });
      return JSON.parse(answer.body);
    };
    assert.equal((await lines('')).capture, undefined);
    assert.equal((await lines('captures=true')).capture.body.text, '{}');
    assert.equal((await world.api('GET', '/requests/export?captures=true&format=csv')).status, 400);
  });

  test('a replay is asked of a PoP, without what is hidden, in the name of whoever wants it', async () => {
    const asking = world.must('POST', '/requests/n4/replay', {});
    const message = await replayed({});
    assert.partialDeepStrictEqual(message, {
      ...{ resourceId, host: HOST, method: 'POST', target: '/in?n=1', fields: ['Content-Type', 'application/json'] },
      ...{ body: toBase64(utf8('{}')), address: '127.0.0.1' },
    });
    assert.equal(message.replayOf, (await kept('n4')).id);
    const answer = await asking;
    assert.deepEqual(answer, {
      ...{ requestId: 'r-1', status: 200, popId: pop.enrolled.popId, leftOut: ['?token', 'authorization'] },
    });
    const keyOf = (id: string) => {
      const verifier = crypto.verifier(fromBase64Url(pop.find('control', id)?.signingKey ?? '') ?? assert.fail());
      return verifier && { verifier, issuer: 'control' as const, mayIssue: () => true };
    };
    const circumstances = { keys: { keyOf }, revocations: new RevocationTable() };
    const claims = verifySessionToken(
      message.session ?? assert.fail(),
      circumstances,
      { kind: 'portal', host: 'manis.localhost' },
      Date.now(),
    );
    if (typeof claims === 'string') assert.fail(claims);
    assert.deepEqual([claims.methods, claims.authenticatedAtUnixMs], [[], 0]);
    assert.ok(claims.expiresAtUnixMs <= Date.now() + 60_000);
    const { items } = await world.must('GET', '/audit?action=request.replay');
    assert.partialDeepStrictEqual(items[0], { subject: message.replayOf, outcome: 'done', detail: { status: 200 } });
  });

  test('a replay may be changed, and what would make another request of it is refused', async () => {
    const fields = [
      { name: 'X-Mine', value: 'yes' },
      { name: 'Authorization', value: HIDDEN },
      { name: 'X-Forwarded-For', value: '10.0.0.1' },
    ];
    const asking = world.must('POST', '/requests/n4/replay', { method: 'PUT', target: '/other', fields, body: null });
    const message = await replayed({ status: 404 });
    assert.deepEqual(
      [message.method, message.target, message.fields, message.body],
      ['PUT', '/other', ['X-Mine', 'yes'], undefined],
    );
    assert.equal((await asking).status, 404);
    for (const body of [
      { method: 'CONNECT' },
      { method: 'GET /' },
      { target: 'https://elsewhere/' },
      { target: '/a b' },
      { target: '/a\r\nb' },
      { fields: [{ name: 'a b', value: '' }] },
      { fields: [{ name: 'a', value: 'x\r\ny: z' }] },
      { host: 'elsewhere' },
    ])
      assert.equal((await world.api('POST', '/requests/n4/replay', body)).status, 400, JSON.stringify(body));
  });

  test('a body that is not all there has to be given', async () => {
    tell(sent('cut', { body: { bytes: 900, kept: toBase64(utf8('{')), isCut: true } }));
    assert.equal((await kept('cut')).replay.missing, 'body-cut');
    const refused = await world.api('POST', '/requests/cut/replay', {});
    assert.deepEqual([refused.status, refused.body.code], [409, 'replay-incomplete']);
    const asking = world.must('POST', '/requests/cut/replay', { body: 'whole' });
    assert.equal((await replayed({})).body, toBase64(utf8('whole')));
    await asking;
  });

  test('what a PoP refuses, or does not answer, is told and audited', async () => {
    const asking = world.api('POST', '/requests/n4/replay', {});
    await replayed({ requestId: null, status: 0, refused: 'resource-unknown' });
    const refused = await asking;
    assert.deepEqual(
      [refused.status, refused.body.code, refused.body.reason],
      [409, 'replay-refused', 'resource-unknown'],
    );
    const unsent = world.api('POST', '/requests/n4/replay', {});
    await replayed({ requestId: null, status: 0 });
    assert.equal((await unsent).body.code, 'replay-refused');
    const { items } = await world.must('GET', '/audit?action=request.replay');
    assert.equal(items.filter(({ outcome }: { outcome: string }) => outcome === 'failed').length, 1);
  });

  test('a key may what its scopes say, and replays as nobody', async () => {
    const key = async (...scopes: string[]) => {
      const { key: secret } = await world.must('POST', '/keys', { name: scopes.join('+'), scopes });
      return { authorization: `Bearer ${secret}` };
    };
    const reads = await key('audit.read');
    assert.equal((await world.call('GET', '/api/v1/requests/n4/capture', undefined, reads)).status, 403);
    assert.equal((await world.call('GET', '/api/v1/requests/export?captures=true', undefined, reads)).status, 403);
    assert.equal((await world.call('POST', '/api/v1/requests/n4/replay', {}, await key('capture.read'))).status, 403);
    const asking = world.call('POST', '/api/v1/requests/n4/replay', {}, await key('capture.write'));
    assert.equal((await replayed({})).session, undefined);
    assert.equal((await asking).status, 200);
  });

  test('it is deleted when somebody says so, and with its resource', async () => {
    assert.equal((await world.api('DELETE', `/resources/${resourceId}/captures`)).status, 204);
    assert.equal((await world.must('GET', url())).kept.entries, 0);
    assert.equal((await world.api('GET', '/requests/n4/capture')).status, 404);
    await capture(null);
    tell(sent('off'));
    assert.equal((await world.api('GET', '/requests/off/capture')).status, 404);
  });

  test('what finds no room is counted and told, and an organisation keeps no more than its quota', async () => {
    const { id: organisationId } = await world.must('GET', '/organisation');
    const state = async () => world.must('GET', url());
    const flood = Array.from({ length: 500 }, (_, i) => sent(`flood-${i}`));
    await observed.control.links.captures.take(pop.enrolled.popId, { type: 'captures', records: flood });
    const { captures, unixMs } = (await state()).lost;
    assert.ok(captures === 500 && Math.abs(unixMs - Date.now()) < 60_000);
    await world.must('DELETE', `/resources/${resourceId}/captures`);
    const used = async () =>
      (await world.must('GET', '/organisation/usage')).quotas.find(
        ({ noun }: { noun: string }) => noun === 'captureMegabytes',
      );
    assert.deepEqual(await used(), { noun: 'captureMegabytes', used: 0, most: 256 });
    const allowed = () => captureBytesAllowed(observed.control.store.database, organisationId, organisationId);
    assert.equal(
      await allowed(),
      256 * 1024 * 1024,
      'the first organisation has no more than others until somebody says so',
    );
    await world.must('PATCH', `/organisations/${organisationId}`, { quotas: { captureMegabytes: 4_000 } });
    assert.equal(await allowed(), 4_000 * 1024 * 1024);
    await capture({ bodies: true, keptCaptures: 100 });
    const body = { bytes: 200_000, kept: 'YWFh'.repeat(66_000) };
    await world.must('PATCH', `/organisations/${organisationId}`, { quotas: { captureMegabytes: 1 } });
    for (let i = 0; i < 10; i++) tell(sent(`large-${i}`, { unixMs: Date.now() + i, body }));
    await kept('large-9');
    while ((await state()).kept.entries > 4) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(await used(), { noun: 'captureMegabytes', used: 1, most: 1 });
    assert.equal((await world.api('GET', '/requests/large-0/capture')).status, 404);
    await world.must('DELETE', `/resources/${resourceId}/captures`);
    await world.must('PATCH', `/organisations/${organisationId}`, { quotas: { captureMegabytes: null } });
  });

  test('resources that carry no requests capture none', async () => {
    const access = await world.must('POST', '/resources', { name: 'Db', kind: 'access', host: `db.manis.localhost` });
    assert.equal((await world.api('PUT', `/resources/${access.id}/capture`, { capture: {} })).status, 400);
  });

  test('without a PoP that is linked there is no replay', async () => {
    await capture({});
    tell(sent('alone'));
    await kept('alone');
    pop.client.stop();
    await pop.until(() => pop.link === null);
    for (;;) {
      const { status, body } = await world.api('POST', '/requests/alone/replay', {});
      assert.equal(status, 503, JSON.stringify(body));
      if (body.detail.includes('linked')) break;
    }
  });
});
