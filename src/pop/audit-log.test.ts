import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { AUDIT_DROPPED, type AuditEvent } from '../core/link/index.ts';
import { SeededRandom, testSeed } from '../testing/seeded-random.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { AuditLog } from './audit-log.ts';
import { AUDIT_BATCH_EVENTS, AUDIT_RESEND_MS, MAXIMUM_AUDIT_EVENTS, MAXIMUM_AUDIT_PATH_LENGTH } from './constants.ts';

const event = (id: string, path = '/', userId: string | null = null): AuditEvent => ({
  id,
  unixMs: 0,
  requestId: id,
  resourceId: null,
  userId,
  clientAddress: '192.0.2.1',
  method: 'GET',
  host: 'app.example',
  path,
  outcome: 'deny',
  reason: 'rule-denied',
  ruleId: null,
  status: 403,
});

const logs: AuditLog[] = [];
after(() => Promise.all(logs.map((log) => log.close().catch(() => undefined))));

class World {
  readonly clock = new VirtualClock();
  readonly folder: string;
  readonly failures: string[] = [];
  #ids = 0;

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'manis-audit-'));
    t.after(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** A log over what the disk holds, as after a start. */
  async open(): Promise<AuditLog> {
    const log = new AuditLog({
      folder: this.folder,
      secret: new Uint8Array(32).fill(1),
      clock: this.clock,
      newId: () => `own${this.#ids++}`,
      failed: (what) => this.failures.push(what),
    });
    await log.open();
    logs.push(log);
    return log;
  }
}

/** Control, as far as a PoP's audit log goes. */
class FakeControl {
  readonly batches: (readonly AuditEvent[])[] = [];
  readonly send = (events: readonly AuditEvent[]): boolean => this.batches.push(events) > 0;

  get ids(): string[] {
    return this.batches.flatMap((events) => events.map(({ id }) => id));
  }

  /** Takes everything that comes, until nothing does. */
  async takeAll(log: AuditLog): Promise<void> {
    await log.tick(this.send);
    for (let confirmed = 0; confirmed < this.batches.length; confirmed++)
      await log.stored(
        (this.batches[confirmed] ?? []).map(({ id }) => id),
        this.send,
      );
  }
}

test('events are on the disk after a second, are sent in order and in batches, and go when control has them', async (t) => {
  const world = new World(t);
  const log = await world.open();
  const ids = Array.from({ length: AUDIT_BATCH_EVENTS + 1 }, (_, i) => `e${i}`);
  for (const id of ids) log.add(event(id));
  await log.tick(undefined);
  const killed = await world.open();
  assert.equal(killed.waiting, ids.length);
  const control = new FakeControl();
  await control.takeAll(killed);
  assert.deepEqual(control.ids, ids);
  assert.deepEqual(
    control.batches.map(({ length }) => length),
    [AUDIT_BATCH_EVENTS, 1],
  );
  assert.equal(killed.waiting, 0);
  assert.equal((await world.open()).waiting, 0);
});

test('what was sent and not confirmed is sent again: over the next link, after a while, and by the next process', async (t) => {
  const world = new World(t);
  const log = await world.open();
  const control = new FakeControl();
  log.add(event('a'));
  await log.tick(control.send);
  await log.tick(control.send);
  assert.deepEqual(control.ids, ['a']);
  log.linkEnded();
  await log.tick(control.send);
  assert.deepEqual(control.ids, ['a', 'a']);
  world.clock.advance(AUDIT_RESEND_MS);
  await log.tick(control.send);
  assert.equal(control.ids.length, 3);
  const next = await world.open();
  await next.tick(control.send);
  assert.equal(control.ids.length, 4);
  await next.stored(['a', 'unknown'], control.send);
  assert.equal(next.waiting, 0);
});

test('a link that takes nothing loses nothing', async (t) => {
  const log = await new World(t).open();
  log.add(event('a'));
  await log.tick(() => false);
  assert.equal(log.waiting, 1);
  const control = new FakeControl();
  await control.takeAll(log);
  assert.deepEqual([control.ids, log.waiting], [['a'], 0]);
});

test('what users did is sent first, and takes the room of what nobody in particular did', async (t) => {
  const log = await new World(t).open();
  for (let i = 0; i < MAXIMUM_AUDIT_EVENTS + 20; i++) log.add(event(`a${i}`, 'x'.repeat(5_000)));
  assert.equal(log.dropped, 20);
  for (let i = 0; i < 10; i++) log.add(event(`u${i}`, '/', 'ada'));
  assert.deepEqual([log.waiting, log.dropped], [MAXIMUM_AUDIT_EVENTS, 30]);
  const control = new FakeControl();
  await control.takeAll(log);
  const told = control.batches[0]?.find(({ reason }) => reason === AUDIT_DROPPED);
  assert.equal(told?.path, '30 events');
  const others = control.ids.filter((id) => id !== told?.id);
  assert.deepEqual(others.slice(0, 11), ['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8', 'u9', 'a10']);
  assert.equal(others.length, MAXIMUM_AUDIT_EVENTS);
  assert.ok(control.batches.flat().every(({ path }) => path.length <= MAXIMUM_AUDIT_PATH_LENGTH));
});

test('a disk that fails costs no request, and what waits is written when it works again', async (t) => {
  const world = new World(t);
  const log = await world.open();
  rmSync(world.folder, { recursive: true });
  log.add(event('a'));
  await log.tick(undefined);
  assert.deepEqual(world.failures, ['audit events wait in memory']);
  assert.equal(log.waiting, 1);
});

test('none is lost and none comes twice, whatever is killed in between', async (t) => {
  const seed = testSeed(26);
  const random = new SeededRandom(seed);
  const world = new World(t);
  const stored = new Set<string>();
  const durable: string[] = [];
  let log = await world.open();
  let sequence = 0;
  for (let round = 0; round < 120; round++) {
    const added = Array.from({ length: random.integer(0, 8) }, () => `e${sequence++}`);
    for (const id of added) log.add(event(id, '/', random.chance(0.5) ? 'ada' : null));
    let outgoing: (readonly AuditEvent[])[] = [];
    const send = (events: readonly AuditEvent[]): boolean => outgoing.push(events) > 0 || true;
    await log.tick(random.chance(0.8) ? send : undefined);
    durable.push(...added);
    while (outgoing.length > 0) {
      const [batch = [], ...rest] = outgoing;
      outgoing = rest;
      // Control dies before it stores, or between storing and saying so.
      if (random.chance(0.1)) break;
      for (const { id } of batch) stored.add(id);
      if (random.chance(0.2)) {
        log.linkEnded();
        break;
      }
      await log.stored(
        batch.map(({ id }) => id),
        send,
      );
    }
    // The PoP dies, or lives on with a link that broke.
    if (random.chance(0.2)) log = await world.open();
    else log.linkEnded();
  }
  const control = new FakeControl();
  await control.takeAll(log);
  for (const id of control.ids) stored.add(id);
  assert.deepEqual([...stored].sort(), durable.sort(), `seed ${seed}`);
  assert.equal(log.waiting, 0);
});
