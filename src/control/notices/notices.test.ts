/** Webhooks and alerts through a whole control node: what is told, to whom, once, and what may not be. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createLog } from '../../io/log.ts';
import { type AlertRulesTable, insertOrganisation, openSqliteStore, type Store } from '../../io/store/index.ts';
import { ControlWorld } from '../../testing/control-world.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { organisationRow } from '../../testing/store-rows.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { ObservedControl } from '../metrics.ts';
import type { Condition } from './condition.ts';
import { DELIVERY_RETRY_DELAYS_MS, EVENT_SETTLE_MS, NOTICE_LEASE_MS } from './constants.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { send } from './emit.ts';
import { type Alert, NoticeWatch } from './notice-watch.ts';
import type { Tried } from './send-event.ts';
import { tellAlert } from './tell-alert.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Takes events, and answers as it is told. */
class Receiver {
  readonly received: Received[] = [];
  statuses: number[] = [];
  readonly #server: Server;

  static async open(): Promise<Receiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Receiver(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        this.received.push({ headers: request.headers, body });
        response.writeHead(this.statuses.shift() ?? 204).end();
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async until(count: number): Promise<readonly Received[]> {
    while (this.received.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return this.received;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function verified({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

describe('webhooks', () => {
  const world = new ControlWorld();
  let receiver: Receiver;
  let observed: ObservedControl;
  before(async () => {
    observed = (await world.start()).observed;
    receiver = await Receiver.open();
  });
  after(async () => {
    receiver.close();
    await world.end();
  });

  const add = (name: string, more: object = {}) =>
    world.must('POST', '/webhooks', {
      name,
      url: receiver.url,
      events: ['policy.changed'],
      allowPrivate: true,
      ...more,
    });
  const deliveries = async (id: string) => (await world.must('GET', `/webhooks/${id}/deliveries`)).items;
  const until = async (id: string, is: (newest: { state: string; error: string | null }) => boolean) => {
    for (;;) {
      const [newest] = await deliveries(id);
      if (newest && is(newest)) return newest;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  test('the secret is told once; a test event arrives, signed by it, and its delivery says so', async () => {
    const webhook = await add('ops');
    assert.match(webhook.secret, /^whsec_/);
    assert.ok(!('secret' in (await world.must('GET', `/webhooks/${webhook.id}`))));
    const { deliveryId } = await world.must('POST', `/webhooks/${webhook.id}/test`);
    const [first] = (await receiver.until(1)) as [Received];
    assert.equal(first.headers['webhook-id'], deliveryId);
    assert.ok(verified(first, webhook.secret));
    assert.ok(!verified({ ...first, body: first.body.replace('ops', 'oops') }, webhook.secret));
    const told = JSON.parse(first.body);
    assert.deepEqual([told.type, told.data.name], ['webhook.test', 'ops']);
    assert.ok(Math.abs(Date.parse(told.timestamp) - Date.now()) < 60_000);
    const delivery = await until(webhook.id, ({ state }) => state === 'delivered');
    assert.deepEqual([delivery.id, delivery.status, delivery.tries, delivery.error], [deliveryId, 204, 1, null]);
    const { secret } = await world.must('POST', `/webhooks/${webhook.id}/secret`);
    await world.must('POST', `/webhooks/${webhook.id}/test`);
    const [, second] = (await receiver.until(2)) as [Received, Received];
    assert.ok(verified(second, secret) && !verified(second, webhook.secret));
    await world.must('DELETE', `/webhooks/${webhook.id}`);
  });

  test('a change of a policy is told in the transaction that makes it, to those who asked', async () => {
    const count = receiver.received.length;
    const wants = await add('policies');
    const other = await add('sites', { events: ['site.offline'] });
    await world.must('PUT', '/organisation/policy', { rules: [] });
    const last = (await receiver.until(count + 1)).at(-1) as Received;
    const { type, data } = JSON.parse(last.body);
    assert.deepEqual([type, data.action], ['policy.changed', 'organisation.policy.change']);
    await until(wants.id, ({ state }) => state === 'delivered');
    assert.deepEqual(await deliveries(other.id), []);
    await world.must('PATCH', `/webhooks/${wants.id}`, { enabled: false });
    await world.must('PUT', '/organisation/policy', { rules: [] });
    assert.equal((await deliveries(wants.id)).length, 1);
    assert.equal((await world.api('POST', `/webhooks/${wants.id}/test`)).body.code, 'webhook-off');
  });

  test('a receiver that fails is asked again later; by hand at once; 410 is the end', async () => {
    const webhook = await add('flaky');
    receiver.statuses = [500];
    await world.must('POST', `/webhooks/${webhook.id}/test`);
    const failed = await until(webhook.id, ({ error }) => error !== null);
    assert.deepEqual([failed.state, failed.status, failed.error], ['waiting', 500, 'the receiver answered 500']);
    assert.ok(failed.nextUnixMs > Date.now());
    receiver.statuses = [410];
    await world.must('POST', `/webhooks/${webhook.id}/deliveries/${failed.id}/retry`);
    const dead = await until(webhook.id, ({ state }) => state === 'dead');
    assert.equal(dead.status, 410);
    const audited = await world.must('GET', '/audit?action=webhook.lose');
    assert.equal(audited.items[0].subject, webhook.id);
  });

  test('events go nowhere but where they may: no metadata services, no plain http, no redirects', async () => {
    const bad = await world.api('POST', '/webhooks', {
      name: 'x',
      url: 'http://example.com/',
      events: ['pop.offline'],
    });
    assert.deepEqual([bad.status, bad.body.code], [400, 'webhook-invalid']);
    const credentials = { name: 'x', url: 'https://a:b@example.com/', events: ['pop.offline'] };
    assert.equal((await world.api('POST', '/webhooks', credentials)).body.code, 'webhook-invalid');
    const metadata = await add('metadata', { url: 'https://169.254.169.254/latest', allowPrivate: true });
    await world.must('POST', `/webhooks/${metadata.id}/test`);
    const refused = await until(metadata.id, ({ error }) => error !== null);
    assert.equal(refused.error, 'it is at an address where events may not go');
    const inside = await add('inside', { url: 'https://127.0.0.1:1/', allowPrivate: false });
    await world.must('POST', `/webhooks/${inside.id}/test`);
    assert.equal(
      (await until(inside.id, ({ error }) => error !== null)).error,
      'it is at an address where events may not go',
    );
    receiver.statuses = [302];
    const elsewhere = await add('elsewhere');
    await world.must('POST', `/webhooks/${elsewhere.id}/test`);
    assert.match((await until(elsewhere.id, ({ error }) => error !== null)).error, /leads elsewhere/);
  });

  test('an alert rule tells members and webhooks of the organisation, and nobody else', async () => {
    const { id: webhookId } = await add('alerts');
    const rule = { name: 'sites', kind: 'site', emails: ['stranger@example.org'] };
    assert.equal((await world.api('POST', '/alert-rules', rule)).body.code, 'alert-rule-invalid');
    assert.equal((await world.api('POST', '/alert-rules', { ...rule, emails: [] })).body.code, 'alert-rule-invalid');
    const made = await world.must('POST', '/alert-rules', { ...rule, emails: [], webhookIds: [webhookId] });
    assert.deepEqual([made.holdMs, made.enabled, made.subjectId, made.raised], [120_000, true, null, []]);
    const changed = await world.must('PATCH', `/alert-rules/${made.id}`, { holdMs: 60_000, enabled: false });
    assert.deepEqual([changed.holdMs, changed.enabled], [60_000, false]);
    await world.must('DELETE', `/alert-rules/${made.id}`);
    assert.equal((await world.api('GET', `/alert-rules/${made.id}`)).status, 404);
  });

  test('an alert is mailed to members, in words, and to nobody who has left', async () => {
    const { control } = observed;
    const [{ email }] = (await world.must('GET', '/users')).items;
    const rule: AlertRulesTable = {
      ...{ id: 'alr_mail', organisation_id: control.organisationId, name: 'by mail', kind: 'site', subject_id: null },
      ...{ hold_ms: 1, emails: JSON.stringify([email, 'gone@example.org']), webhook_ids: '[]' },
      ...{ enabled: 1, created_unix_ms: 1 },
    };
    const condition = { kind: 'site', subject_id: 's', name: 'office', reason: 'no-tunnel', since_unix_ms: 0 };
    await control.store.transaction((transaction) =>
      tellAlert(control, transaction, rule, { state: 'raised', condition }),
    );
    const mails = await control.store.database.selectFrom('mails').selectAll().execute();
    assert.deepEqual(
      mails.map(({ recipient, purpose }) => [recipient, purpose]),
      [[email, 'notice']],
    );
    const [mail] = mails;
    const letter = JSON.parse(control.keys.sealing.unseal(mail?.contents ?? '', mail?.id ?? '') ?? '{}');
    assert.equal(letter.subject, 'office has no tunnel to any PoP');
    assert.match(letter.text, /The site office has no tunnel to any PoP, since 1970-01-01 00:00 UTC\./);
  });

  test('an account that is disabled gets no mail of alerts, and gets them again with its account', async () => {
    const { control } = observed;
    const emails = ['off@example.org', 'on@example.org'];
    const [off] = await Promise.all(emails.map((email) => world.must('POST', '/users', { email, name: email })));
    const rule: AlertRulesTable = {
      ...{ id: 'alr_off', organisation_id: control.organisationId, name: 'by mail', kind: 'site', subject_id: null },
      ...{ hold_ms: 1, emails: JSON.stringify(emails), webhook_ids: '[]', enabled: 1, created_unix_ms: 1 },
    };
    const condition = { kind: 'site', subject_id: 's', name: 'office', reason: 'no-tunnel', since_unix_ms: 0 };
    const mailed = async (): Promise<string[]> => {
      await control.store.database.deleteFrom('mails').execute();
      await control.store.transaction((transaction) =>
        tellAlert(control, transaction, rule, { state: 'raised', condition }),
      );
      const mails = await control.store.database.selectFrom('mails').select('recipient').execute();
      return mails.map(({ recipient }) => recipient).toSorted();
    };
    assert.deepEqual(await mailed(), emails);
    await world.must('PATCH', `/users/${off.id}`, { disabled: true });
    assert.deepEqual(await mailed(), ['on@example.org']);
    await world.must('PATCH', `/users/${off.id}`, { disabled: false });
    assert.deepEqual(await mailed(), emails);
  });
});

/** Looks of control nodes over one store, with the time of the test. */
class WatchWorld {
  readonly clock = new VirtualClock(0, 1_700_000_000_000);
  readonly told: string[] = [];
  conditions: Condition[] = [];
  unknown = new Set<Condition['kind']>();
  readonly store: Store;
  readonly random = new SeededRandom(7);

  constructor(store: Store) {
    this.store = store;
  }

  watch(controlId: string): NoticeWatch {
    return new NoticeWatch({
      ...{ store: this.store, clock: this.clock, random: this.random, controlId, log: createLog({ level: 'silent' }) },
      observe: async () => ({ conditions: this.conditions, unknown: this.unknown }),
      tell: async (_transaction, rule, { state, condition }: Alert) => {
        this.told.push(`${rule.name} ${state} ${condition.name}`);
      },
      told: () => undefined,
    });
  }

  site(name: string, reason: string | undefined): Condition {
    return { kind: 'site', subjectId: name, organisationId: 'org', name, reason };
  }

  async events(): Promise<string[]> {
    const rows = await this.store.database.selectFrom('webhook_deliveries').selectAll().orderBy('id').execute();
    return rows.map(({ type, body }) => `${type} ${JSON.parse(body).data.name}`);
  }
}

async function withStore(run: (store: Store) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'manis-notices-'));
  const store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
  try {
    await store.transaction((transaction) => insertOrganisation(transaction, organisationRow('org')));
    const hook = { id: 'whk', organisation_id: 'org', name: 'hook', url: 'https://hook.example/', secret: 's' };
    const events = JSON.stringify(['site.offline', 'site.online']);
    await store.database
      .insertInto('webhooks')
      .values({ ...hook, events, enabled: 1, allow_private: 0, created_unix_ms: 1 })
      .execute();
    const rule = { organisation_id: 'org', kind: 'site', emails: '[]', webhook_ids: '["whk"]', enabled: 1 } as const;
    await store.database
      .insertInto('alert_rules')
      .values([
        { ...rule, id: 'alr_1', name: 'any', subject_id: null, hold_ms: 60_000, created_unix_ms: 1 },
        { ...rule, id: 'alr_2', name: 'berlin', subject_id: 'berlin', hold_ms: 300_000, created_unix_ms: 1 },
      ])
      .execute();
    await run(store);
  } finally {
    await store.close();
    rmSync(dataDir, { recursive: true });
  }
}

test('what is bad for as long as a rule says is told once, and once that it is well again', () =>
  withStore(async (store) => {
    const world = new WatchWorld(store);
    const watch = world.watch('a');
    world.conditions = [world.site('berlin', 'no-tunnel'), world.site('oslo', undefined)];
    await watch.look();
    world.clock.advance(EVENT_SETTLE_MS - 1);
    await watch.look();
    assert.deepEqual([world.told, await world.events()], [[], []], 'a restart is no news');
    world.clock.advance(1);
    await watch.look();
    assert.deepEqual(await world.events(), ['site.offline berlin']);
    world.clock.advance(60_000);
    await watch.look();
    await watch.look();
    assert.deepEqual(world.told, ['any raised berlin']);
    world.clock.advance(300_000);
    await watch.look();
    assert.deepEqual(world.told, ['any raised berlin', 'berlin raised berlin']);
    world.conditions = [world.site('berlin', undefined), world.site('oslo', undefined)];
    await watch.look();
    await watch.look();
    assert.deepEqual(world.told.slice(2).sort(), ['any recovered berlin', 'berlin recovered berlin']);
    assert.deepEqual(await world.events(), ['site.offline berlin', 'site.online berlin']);
  }));

test('what comes and goes within the time is told to nobody; what is removed is forgotten; what is not known stays', () =>
  withStore(async (store) => {
    const world = new WatchWorld(store);
    const watch = world.watch('a');
    world.conditions = [world.site('berlin', 'no-tunnel')];
    await watch.look();
    world.clock.advance(EVENT_SETTLE_MS - 1);
    world.conditions = [world.site('berlin', undefined)];
    await watch.look();
    assert.deepEqual([world.told, await world.events()], [[], []]);
    world.conditions = [world.site('berlin', 'no-tunnel')];
    await watch.look();
    world.clock.advance(60_000);
    await watch.look();
    assert.deepEqual(world.told, ['any raised berlin']);
    [world.conditions, world.unknown] = [[], new Set(['site'])];
    await watch.look();
    world.unknown = new Set();
    world.conditions = [world.site('berlin', 'no-tunnel')];
    await watch.look();
    assert.deepEqual(world.told, ['any raised berlin'], 'nobody saw that it was well, so nobody is told again');
    world.conditions = [];
    await watch.look();
    assert.deepEqual(world.told, ['any raised berlin']);
    assert.equal((await store.database.selectFrom('bad_conditions').selectAll().execute()).length, 0);
  }));

test('of several control nodes one looks; another goes on where it left off, and tells nothing twice', () =>
  withStore(async (store) => {
    const world = new WatchWorld(store);
    const [a, b] = [world.watch('a'), world.watch('b')];
    for (const id of ['a', 'b'])
      await store.database
        .insertInto('control_nodes')
        .values({
          ...{ id, signing_key: '', url: '', software: '', started_unix_ms: 1, portal_host: '', public_port: 0 },
          seen_unix_ms: world.clock.unixMs() + 1_000_000,
        })
        .execute();
    world.conditions = [world.site('berlin', 'no-tunnel')];
    assert.deepEqual([await a.look(), await b.look()], [true, false]);
    world.clock.advance(40_000);
    await a.look();
    world.clock.advance(NOTICE_LEASE_MS + 1);
    assert.deepEqual([await b.look(), await a.look()], [true, false]);
    assert.deepEqual(await world.events(), ['site.offline berlin']);
    assert.deepEqual(world.told, ['any raised berlin']);
  }));

test('an event is tried for about a day, then it is dead; two nodes do not send one twice', () =>
  withStore(async (store) => {
    const world = new WatchWorld(store);
    const { clock, random } = world;
    const sent: string[] = [];
    let answer: Tried = { status: 503, error: 'the receiver answered 503', isFinal: false };
    const dead: string[] = [];
    const queue = () =>
      new DeliveryQueue({
        ...{ store, clock },
        send: async (_webhook, { id }) => {
          sent.push(id);
          return answer;
        },
        dead: async (row) => void dead.push(row.id),
        failed: (error) => assert.fail(String(error)),
      });
    const webhook = { id: 'whk', organisation_id: 'org' };
    const id = await send({ clock, random }, store.database, webhook, { type: 'site.offline', data: { name: 'x' } });
    const [one, two] = [queue(), queue()];
    await Promise.all([one.work(), two.work()]);
    assert.deepEqual(sent, [id]);
    for (const delayMs of DELIVERY_RETRY_DELAYS_MS) {
      await one.work();
      clock.advance(delayMs);
      await Promise.all([one.work(), two.work()]);
    }
    assert.equal(sent.length, DELIVERY_RETRY_DELAYS_MS.length + 1);
    assert.deepEqual(dead, [id]);
    answer = { status: 200, error: undefined, isFinal: false };
    await store.database
      .updateTable('webhook_deliveries')
      .set({ state: 'waiting', tries: 0, next_unix_ms: 0 })
      .execute();
    await two.work();
    const [row] = await store.database.selectFrom('webhook_deliveries').selectAll().execute();
    assert.deepEqual([row?.state, row?.status, row?.error], ['delivered', 200, null]);
  }));
