import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { applyDelta, applySnapshot, decodeSnapshotHeader, type SnapshotState } from '../../core/link/index.ts';
import { createClock } from '../../io/clock.ts';
import { createSigningPort } from '../../io/link-crypto.ts';
import { createLog } from '../../io/log.ts';
import { createRandom } from '../../io/random.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { insertOrganisation, insertSite, openSqliteStore, putControlNode, type Store } from '../../io/store/index.ts';
import { organisationRow } from '../../testing/store-rows.ts';
import { PUBLISHED_STATES_KEPT, SNAPSHOT_RENEWAL_MAX_MS, STALENESS_MS } from '../constants.ts';
import { type ControlKeys, openKeys } from '../keys.ts';
import { Publisher } from './publisher.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'manis-publish-'));
const crypto = new NodeSessionCrypto();
const signing = createSigningPort(crypto);
const clock = createClock();
let store: Store;
let keys: ControlKeys;
let number = 0;

before(async () => {
  store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
  keys = await openKeys({ store, dataDir, crypto, clock, random: createRandom() });
  await store.publish((transaction) => putControlNode(transaction, nodeOf(keys)));
  const organisation = organisationRow('org_1', { staleness_ms: STALENESS_MS });
  await store.publish((transaction) => insertOrganisation(transaction, organisation));
});
after(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

const nodeOf = ({ controlId }: ControlKeys) => ({
  ...{ id: controlId, signing_key: 'k', url: 'https://127.0.0.1:1', software: 's' },
  ...{ started_unix_ms: 1, seen_unix_ms: 1, portal_host: '', public_port: 0 },
});

function newPublisher() {
  const published: SnapshotState[] = [];
  const publisher = new Publisher({
    store,
    clock,
    keys,
    signing,
    log: createLog({ level: 'silent' }),
    publication: { portalHost: 'manis.localhost', publicPort: 443 },
    fellBehind: async () => undefined,
    published: (state) => published.push(state),
  });
  return { publisher, published };
}

async function addSite(): Promise<void> {
  number++;
  await store.publish((transaction) =>
    insertSite(transaction, { organisation_id: 'org_1', id: `s${number}`, name: `n${number}`, created_unix_ms: 1 }),
  );
}

const context = () => ({ rootKey: keys.rootKey, popId: 'pop_1', unixMs: clock.unixMs(), port: signing });

test('whoever has nothing, or something unknown, gets the whole; whoever has a state that is remembered, the difference', async () => {
  const { publisher } = newPublisher();
  assert.equal(publisher.messageFor('pop_1', null), undefined, 'nothing before the first publication');
  await publisher.publish();
  const whole = publisher.messageFor('pop_1', null);
  assert.ok(whole?.type === 'snapshot');
  const first = applySnapshot(null, whole, context());
  assert.ok(first.ok);
  await addSite();
  await publisher.publish();
  const delta = publisher.messageFor('pop_1', first.state.version);
  assert.ok(delta?.type === 'delta');
  assert.deepEqual(
    delta.put.map((record) => record.kind),
    ['siteGrant'],
    'a site is known by its grant alone',
  );
  const second = applyDelta(first.state, delta, context());
  assert.ok(second.ok);
  assert.equal(second.state.hash(), publisher.current?.hash());
  assert.equal(publisher.messageFor('pop_1', { epoch: 99, revision: 1 })?.type, 'snapshot');
  for (let i = 0; i < PUBLISHED_STATES_KEPT; i++) {
    await addSite();
    await publisher.publish();
  }
  assert.equal(publisher.messageFor('pop_1', first.state.version)?.type, 'snapshot', 'too long ago');
  await publisher.stop();
});

test('each PoP gets its own header', async () => {
  const { publisher } = newPublisher();
  await publisher.publish();
  const message = publisher.messageFor('pop_2', null);
  assert.ok(message?.type === 'snapshot');
  const refused = applySnapshot(null, message, context());
  assert.equal(refused.ok ? 'ok' : refused.reason, 'other-pop');
  await publisher.stop();
});

test('grants that did not change are not signed anew', async () => {
  const { publisher } = newPublisher();
  await addSite();
  await publisher.publish();
  const before = publisher.grantOf('s1');
  await addSite();
  await publisher.publish();
  assert.equal(publisher.grantOf('s1'), before);
  await publisher.stop();
});

test('changes that come close together are published together, and nothing is published for nothing', async () => {
  const { publisher, published } = newPublisher();
  await publisher.publish();
  await publisher.publish();
  assert.equal(published.length, 1);
  mock.timers.enable({ apis: ['setTimeout'] });
  for (let i = 0; i < 3; i++) {
    await addSite();
    publisher.wake();
  }
  mock.timers.tick(1000);
  mock.timers.reset();
  await publisher.stop();
  assert.equal(published.length, 2);
});

test('while nothing changes the word is renewed before it ends', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { publisher, published } = newPublisher();
  await publisher.publish();
  mock.timers.tick(SNAPSHOT_RENEWAL_MAX_MS);
  mock.timers.tick(SNAPSHOT_RENEWAL_MAX_MS);
  mock.timers.reset();
  assert.equal(published.length, 3);
  const current = publisher.current;
  const message = current && publisher.messageFor('pop_1', current.version);
  assert.ok(message?.type === 'delta' && message.put.length === 0 && message.remove.length === 0);
  const header = decodeSnapshotHeader(message.header.payload);
  assert.ok(header.ok);
  assert.equal(header.value.expiresUnixMs - header.value.issuedUnixMs, STALENESS_MS);
  assert.ok(STALENESS_MS > 2 * SNAPSHOT_RENEWAL_MAX_MS);
  await publisher.stop();
});

test('a record that PoPs would refuse is left out, and the others are published', async () => {
  const { publisher } = newPublisher();
  await store.publish(async (transaction) => {
    await insertOrganisation(
      transaction,
      organisationRow('org_odd', { name: 'x'.repeat(1_025), staleness_ms: STALENESS_MS }),
    );
    await insertOrganisation(transaction, organisationRow('org_well', { staleness_ms: STALENESS_MS }));
  });
  await publisher.publish();
  const ids = [...(publisher.current?.ofKind('organisation') ?? [])].map(({ id }) => id);
  assert.ok(ids.includes('org_well') && !ids.includes('org_odd'), ids.join());
  await publisher.stop();
});
