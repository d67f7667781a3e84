import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { SentRequest } from '../../core/link/index.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource, SIGNED_IN } from '../../testing/pop-world.ts';
import { MAXIMUM_LOGGED_REQUESTS_OF_RESOURCE } from '../constants.ts';
import type { AtResource } from '../door.ts';
import type { StageTimes } from '../request-course.ts';
import { RequestLog, type RequestsMessage } from './request-log.ts';
import { RequestTrack } from './request-track.ts';

const OPEN_HOST = `open.${PORTAL_HOST}`;
const QUIET_HOST = `quiet.${PORTAL_HOST}`;
const BROKEN_HOST = `broken.${PORTAL_HOST}`;

describe('the request log of a PoP', () => {
  let world: PopWorld;
  before(async () => {
    world = await PopWorld.start();
    const port = await world.listen(createServer((_request, response) => response.end('hello')));
    world.publishBasics(
      resource(port, { policy: SIGNED_IN }),
      resource(port, { id: 'open', host: OPEN_HOST, policy: PUBLIC }),
      resource(port, { id: 'quiet', host: QUIET_HOST, policy: PUBLIC, logs: 'refused' }),
      resource(1, { id: 'broken', host: BROKEN_HOST, policy: PUBLIC }),
    );
    openLink(['requests']);
  });
  after(() => world.stop());

  function openLink(takes: readonly string[] | undefined): void {
    const { ca, link } = world;
    const common = { controlId: 'c', baseUrl: 'https://127.0.0.1:1', authentication: '', caPem: ca.certificatePem };
    link.open({ ...common, ...(takes && { takes }) });
  }

  const messages = () => world.link.sent.filter((message): message is RequestsMessage => message.type === 'requests');
  async function told(host: string): Promise<SentRequest> {
    for (;;) {
      const found = messages().flatMap(({ records }) => records.filter((record) => record.host === host));
      if (found[0]) return found[0];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('tells who asked for what, by which rule, over which way and how long each stage took', async () => {
    const cookie = world.sessionCookie('app', APP_HOST);
    const headers = { cookie, 'user-agent': 'test/1', authorization: 'Bearer of-the-backend' };
    assert.equal((await world.fetch(APP_HOST, '/notes?token=secret-value', { headers })).status, 200);
    const record = await told(APP_HOST);
    assert.partialDeepStrictEqual(record, {
      ...{ resourceId: 'app', method: 'GET', path: '/notes?token=…', status: 200, outcome: 'allowed' },
      ...{ reason: 'authenticated', ruleId: 'everyone', ruleName: 'Everyone', policy: 'resource', agent: 'test/1' },
      ...{ subject: { kind: 'user', id: 'ada' }, bytesOut: 5, bytesIn: 0, way: { carrier: 'udp', relayPopId: null } },
    });
    const { judge, way, backend, total } = record.stageMs;
    assert.ok(judge >= 0 && way !== null && backend !== null && total >= backend, JSON.stringify(record.stageMs));
    assert.deepEqual(
      record.rules?.map(({ ruleName, effect }) => [ruleName, effect]),
      [['Everyone', 'decided']],
    );
    const text = JSON.stringify(messages());
    for (const secret of ['secret-value', 'of-the-backend', cookie]) assert.ok(!text.includes(secret), secret);
  });

  test('tells why somebody was asked to sign in, and why nothing answered', async () => {
    assert.equal((await world.fetch(BROKEN_HOST, '/')).status, 502);
    const broken = await told(BROKEN_HOST);
    assert.deepEqual([broken.outcome, broken.status, broken.stageMs.backend], ['failed', 502, null]);
    assert.match(broken.reason, /^target-/);
    const before = messages().length;
    assert.equal((await world.fetch(APP_HOST, '/anonymous')).status, 401);
    for (;;) {
      const later = messages().slice(before);
      const [refused] = later.flatMap(({ records }) => records.filter(({ path }) => path === '/anonymous'));
      if (refused) {
        assert.deepEqual([refused.outcome, refused.subject, refused.way], ['challenged', null, null]);
        const traffic = later.flatMap((message) => message.traffic).find(({ resourceId }) => resourceId === 'app');
        assert.deepEqual([traffic?.requests, traffic?.denied], [1, { [refused.reason]: 1 }]);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  test('what is not logged is counted all the same', async () => {
    assert.equal((await world.fetch(QUIET_HOST, '/')).status, 200);
    const isCounted = () => messages().some(({ traffic }) => traffic.some(({ resourceId }) => resourceId === 'quiet'));
    while (!isCounted()) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(messages().every(({ records }) => records.every(({ host }) => host !== QUIET_HOST)));
  });

  test('an older control node is told nothing of it', async () => {
    openLink(undefined);
    const before = messages().length;
    assert.equal((await world.fetch(OPEN_HOST, '/')).status, 200);
    // What is confirmed makes room for what follows; two looks at the audit are a second of the log.
    const audited = () => {
      const events = world.link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
      world.link.events.received({ type: 'auditStored', ids: events.map(({ id }) => id) });
      return events.some(({ host }) => host === OPEN_HOST);
    };
    while (!audited()) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(messages().length, before);
  });
});

test('what there is no room for is lost, and how many those were is told', () => {
  const clock = { nowMs: () => 5, unixMs: () => 1_000 };
  const log = new RequestLog(clock);
  const sent: RequestsMessage[] = [];
  const over = 7;
  for (let i = 0; i < MAXIMUM_LOGGED_REQUESTS_OF_RESOURCE + over; i++) answered(log);
  log.tick(undefined);
  log.tick((message) => sent.push(message) > 0);
  answered(log);
  log.tick((message) => sent.push(message) > 0);
  assert.deepEqual(
    sent.map(({ lost, records }) => [lost, records.length]),
    [[MAXIMUM_LOGGED_REQUESTS_OF_RESOURCE + over, 1]],
  );
  log.tick((message) => sent.push(message) > 0);
  assert.equal(sent.length, 1, 'a second in which nothing happened is not told of');
});

test('what became a WebSocket is told when it is over, by what was known of it when it was joined', () => {
  let nowMs = 5;
  const clock = { nowMs: () => nowMs, unixMs: () => 1_000 };
  const log = new RequestLog(clock);
  const sent: RequestsMessage[] = [];
  const tick = () => log.tick((message) => sent.push(message) > 0);
  const { at, end } = upgraded(log, 'upgrade');
  at.track.joined?.();
  // Whatever becomes of its parts now, nobody looks.
  Object.assign(at, { context: undefined, resource: undefined, view: undefined });
  tick();
  assert.equal(sent.length, 0);
  nowMs = 65;
  end();
  tick();
  const [record] = sent[0]?.records ?? [];
  assert.deepEqual(
    [record?.status, record?.outcome, record?.protocol, record?.path],
    [101, 'allowed', 'websocket', '/'],
  );
  assert.deepEqual(record?.stageMs, { judge: 1, way: 1, backend: 1, total: 60 });
  assert.deepEqual([sent[0]?.traffic[0]?.requests, sent[0]?.traffic[0]?.errors], [1, 0]);
});

test('a request that is waited for in whole is kept until its end', () => {
  const seen: string[] = [];
  const ended = ({ at, status }: { at: AtResource; status: number }) => seen.push(`${at.context.requestId} ${status}`);
  const log = new RequestLog({ nowMs: () => 5, unixMs: () => 1_000 }, { ended, awaits: () => true });
  const { at, end } = upgraded(log, 'upgrade');
  at.track.joined?.();
  assert.deepEqual(seen, []);
  end();
  assert.deepEqual(seen, ['q 101']);
});

/** A request that was refused, as far as the log looks at it. */
function answered(log: RequestLog): void {
  let close = (): void => undefined;
  const response = {
    ...{ headersSent: true, statusCode: 403 },
    once: (_event: string, listener: () => void) => {
      close = listener;
    },
  };
  const at = requestAt({ judge: 1, way: undefined, backend: undefined, total: 2 });
  at.track.decided({ outcome: 'deny', reason: 'rule-denied', status: 403 }, undefined);
  log.follow(at, response as never);
  close();
}

/** A request that was admitted and is about to become a WebSocket. */
function upgraded(log: RequestLog, reason: string): { readonly at: AtResource; readonly end: () => void } {
  let end = (): void => undefined;
  const stream = {
    on: (_event: string, listener: () => void) => {
      end = listener;
    },
  };
  const at = requestAt({ judge: 1, way: 1, backend: 1, total: 3 });
  at.track.decided({ outcome: 'allow', reason, status: 0 }, undefined);
  log.followUpgrade(at, { protocol: 'websocket', stream } as never);
  return { at, end: () => end() };
}

function requestAt(stages: StageTimes): AtResource {
  const request = { rawHeaders: [], httpVersion: '1.1' };
  const context = {
    ...{ requestId: 'q', nowUnixMs: 1, method: 'GET', host: 'a', target: { path: '/', query: '' } },
    ...{ clientAddressText: '::1', request, header: () => undefined },
    course: { startedMs: 5, trace: { traceId: 't' }, stages: () => stages },
  };
  const published = { record: { id: 'app', policy: { rules: [] } }, ruleName: () => undefined };
  const track = new RequestTrack();
  return { kind: 'resource', context, view: {}, resource: published, track } as unknown as AtResource;
}
