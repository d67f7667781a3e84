import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fromBase64, parsePrefix, prefixSet, toBase64, utf8 } from '../../base/index.ts';
import {
  type CapturedBody,
  type CapturedRequest,
  type CaptureSettings,
  DEFAULT_CAPTURE,
  HIDDEN,
} from '../../core/capture/index.ts';
import type { ReplayedMessage, ReplayMessage, SentRequest } from '../../core/link/index.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../../testing/pop-world.ts';

const HOOK_HOST = `hook.${PORTAL_HOST}`;
const QUIET_HOST = `quiet.${PORTAL_HOST}`;
const BODIES: CaptureSettings = { ...DEFAULT_CAPTURE, bodies: true, bodyBytes: 100, hiddenNames: ['x-tenant'] };
const JSON_TYPE = { 'content-type': 'application/json' };

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('requests that are captured, through a PoP', () => {
  let world: PopWorld;
  const seen: Seen[] = [];
  before(async () => {
    const proxies = { prefixes: prefixSet([parsePrefix('192.0.2.0/24') ?? assert.fail()]), speakProxyProtocol: false };
    world = await PopWorld.start({ proxies });
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      response.setHeader('content-type', 'text/plain');
      response.setHeader('set-cookie', 'app=1');
      response.end(`answer to ${body}`);
    });
    const port = await world.listen(server);
    world.publishBasics(
      resource(port, { capture: BODIES }),
      resource(port, { id: 'hook', host: HOOK_HOST, policy: PUBLIC, capture: BODIES, logs: 'none' }),
      resource(port, { id: 'quiet', host: QUIET_HOST, policy: PUBLIC }),
    );
    const common = {
      controlId: 'c',
      baseUrl: 'https://127.0.0.1:1',
      authentication: '',
      caPem: world.ca.certificatePem,
    };
    world.link.open({ ...common, takes: ['requests', 'captures'] });
  });
  after(() => world.stop());

  async function told<Found>(find: () => Found | undefined): Promise<Found> {
    for (;;) {
      const found = find();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const sent = () => world.link.sent;
  const captured = (fits: (each: CapturedRequest) => boolean): Promise<CapturedRequest> =>
    told(() =>
      sent()
        .flatMap((each) => (each.type === 'captures' ? each.records : []))
        .findLast(fits),
    );
  const logged = (fits: (each: SentRequest) => boolean): Promise<SentRequest> =>
    told(() =>
      sent()
        .flatMap((each) => (each.type === 'requests' ? each.records : []))
        .findLast(fits),
    );

  let next = 0;
  async function replay(changes: Partial<ReplayMessage>): Promise<ReplayedMessage> {
    const message: ReplayMessage = {
      ...{ type: 'replay', id: `replay-${++next}`, replayOf: 'req_1', resourceId: 'hook', host: HOOK_HOST },
      ...{ method: 'POST', target: '/again', fields: [], address: '203.0.113.7' },
      ...changes,
    };
    world.link.events.received(message);
    return told(() =>
      sent().findLast((each) => each.type === 'replayed' && each.id === message.id),
    ) as Promise<ReplayedMessage>;
  }

  const textOf = (body: CapturedBody | undefined): string =>
    new TextDecoder().decode(fromBase64(body?.kept ?? '') ?? assert.fail());

  test('fields and bodies are told, secrets hidden, and the log says that there is more', async () => {
    const headers = { ...JSON_TYPE, authorization: 'Bearer s3cret', 'x-tenant': 's3cret', 'x-hub-signature': 'sha1=1' };
    const body = '{"event":"push","token":"s3cret"}';
    const answer = await world.fetch(HOOK_HOST, '/in?page=1&key=s3cret', { method: 'POST', headers, body });
    assert.equal(answer.body, `answer to ${body}`);
    const found = await captured(({ target }) => target.startsWith('/in'));
    assert.doesNotMatch(JSON.stringify(found) + textOf(found.body), /s3cret/);
    assert.deepEqual([found.method, found.host, found.target], ['POST', HOOK_HOST, `/in?page=1&key=${HIDDEN}`]);
    assert.ok(found.fields.includes('sha1=1'));
    assert.equal(textOf(found.body), `{"event":"push","token":"${HIDDEN}"}`);
    assert.deepEqual([found.body?.bytes, found.body?.isHidden], [body.length, true]);
    assert.equal(found.answer?.status, 200);
    assert.equal(textOf(found.answer?.body), `answer to ${body}`);
    assert.equal(found.answer?.fields[(found.answer?.fields.indexOf('set-cookie') ?? 0) + 1], HIDDEN);
    const line = await logged(({ id }) => id === found.id);
    assert.deepEqual([line.isCaptured, line.unixMs], [true, found.unixMs]);
  });

  test('long bodies are cut, streamed or not, and are passed on whole', async () => {
    for (const [path, headers] of [
      ['/long', { 'content-type': 'text/plain', 'content-length': '5000' }],
      ['/streamed', { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' }],
    ] as const) {
      const answer = await world.fetch(HOOK_HOST, path, { method: 'POST', headers, body: 'x'.repeat(5000) });
      assert.equal(answer.body.length, 5010);
      const { body, answer: kept } = await captured(({ target }) => target === path);
      assert.deepEqual([body?.bytes, body?.isCut, textOf(body).length], [5000, true, 100]);
      assert.deepEqual([kept?.body?.bytes, kept?.body?.isCut, textOf(kept?.body).length], [5010, true, 100]);
    }
  });

  test('of what is no text nothing is kept but how long it is', async () => {
    const headers = { 'content-type': 'image/png' };
    await world.fetch(HOOK_HOST, '/picture', { method: 'PUT', headers, body: 'abc' });
    const { body } = await captured(({ target }) => target === '/picture');
    assert.deepEqual(body, { bytes: 3, omitted: 'type' });
  });

  test('a resource that does not ask for it, and a request that is refused, leave nothing', async () => {
    await world.fetch(QUIET_HOST, '/quiet');
    await world.fetch(APP_HOST, '/refused');
    await world.fetch(HOOK_HOST, '/last');
    await captured(({ target }) => target === '/last');
    const all = sent().flatMap((each) => (each.type === 'captures' ? each.records : []));
    assert.deepEqual(
      all.filter(({ resourceId }) => resourceId !== 'hook'),
      [],
    );
  });

  test('a replay comes as a request of its own and says what it repeats', async () => {
    const fields = ['Content-Type', 'text/plain', 'Cookie', 'mine=1'];
    const { requestId, status } = await replay({ fields, body: toBase64(utf8('once more')), target: '/again?n=1' });
    assert.equal(status, 200);
    const last = seen.at(-1) ?? assert.fail();
    assert.deepEqual(
      [last.method, last.url, last.body, last.headers.cookie],
      ['POST', '/again?n=1', 'once more', 'mine=1'],
    );
    assert.equal(last.headers['x-forwarded-for'], '203.0.113.7');
    const line = await logged(({ id }) => id === requestId);
    assert.deepEqual(
      [line.replayOf, line.address, line.outcome, line.subject],
      ['req_1', '203.0.113.7', 'allowed', null],
    );
    const found = await captured(({ id }) => id === requestId);
    assert.equal(textOf(found.answer?.body), 'answer to once more');
  });

  test('a replay is judged as whoever wants it, and as nobody where that is nobody', async () => {
    const app = { resourceId: 'app', host: APP_HOST, method: 'GET' };
    const before = seen.length;
    const asNobody = await replay(app);
    assert.equal(asNobody.status, 401);
    assert.equal((await logged(({ id }) => id === asNobody.requestId)).outcome, 'challenged');
    assert.equal(seen.length, before);
    const asAda = await replay({ ...app, session: world.portalToken() });
    assert.equal(asAda.status, 200);
    assert.equal(seen.at(-1)?.headers['remote-user'], 'ada@example.com');
    assert.equal(seen.at(-1)?.headers.cookie, undefined);
    assert.equal((await logged(({ id }) => id === asAda.requestId)).subject?.name, 'ada@example.com');
  });

  test('a replay with a session that is none, or for another host, is refused', async () => {
    const nobody = await replay({ resourceId: 'app', host: APP_HOST, session: 'no token' });
    assert.deepEqual([nobody.status, nobody.requestId], [0, null]);
    assert.ok(nobody.refused);
    assert.equal((await replay({ resourceId: 'app', host: HOOK_HOST })).refused, 'resource-unknown');
    const other = world.portalToken({ subject: { kind: 'user', userId: 'nobody' } });
    assert.equal((await replay({ resourceId: 'app', host: APP_HOST, session: other })).refused, 'user-unknown');
  });

  test('a replay cannot say that it comes from elsewhere', async () => {
    await replay({ address: '192.0.2.1', fields: ['X-Forwarded-For', '10.0.0.1', 'Remote-User', 'root'] });
    const { headers } = seen.at(-1) ?? assert.fail();
    assert.equal(headers['x-forwarded-for'], '192.0.2.1');
    assert.equal(headers['remote-user'], undefined);
  });

  test('what cannot be written as a request is none', async () => {
    const broken = await replay({ target: '/a b', fields: ['a\nb', 'c'] });
    assert.deepEqual([broken.requestId, broken.status], [null, 0]);
  });

  test('without a link that takes them nothing is kept', async () => {
    world.link.close();
    await world.fetch(HOOK_HOST, '/unheard');
    await told(() => (world.pop.counters().captures?.['no-link'] ?? 0) > 0 || undefined);
  });
});
