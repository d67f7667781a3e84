import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LEAF_LIFETIME_MS, LEAF_RENEW_BEFORE_MS } from '../../io/certificate-constants.ts';
import { openLocalCa } from '../../io/certificates.ts';
import { createRandom } from '../../io/random.ts';
import { listCertificates, openSqliteStore, readCounters, type Store } from '../../io/store/index.ts';
import { createStoreSealing } from '../../io/store-sealing.ts';
import { openCertificateKey } from './certificate-key.ts';
import { LEAVES_A_COMMIT } from './constants.ts';
import { LocalLeaves } from './local-leaves.ts';
import { type CertificateWish, CoveredHosts } from './wishes.ts';

const folder = mkdtempSync(join(tmpdir(), 'manis-leaves-'));
const random = createRandom();
const sealing = createStoreSealing(new Uint8Array(32));
const stores: Store[] = [];
after(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true });
});

const wish = (id: string, names = [id]): CertificateWish => ({ id, names, source: 'local', challenges: [] });
const many = Array.from({ length: LEAVES_A_COMMIT + 1 }, (_, i) => wish(`app-${i}.example.com`));

async function openWorld() {
  const dataDir = mkdtempSync(join(folder, 'd-'));
  const store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
  stores.push(store);
  let nowUnixMs = Date.UTC(2026, 0, 1);
  const clock = { unixMs: () => nowUnixMs, nowMs: () => nowUnixMs };
  const options = { store, clock, random, sealing, ca: await openLocalCa(dataDir, nowUnixMs, random) };
  const read = async () => new Map((await listCertificates(store.database)).map((row) => [row.id, row]));
  const passes = (ms: number): void => {
    nowUnixMs += ms;
  };
  return { store, options, leaves: new LocalLeaves(options), read, passes, dataDir };
}

test('each wish has a leaf of its own, written some at a time, and nothing is made twice', async () => {
  const { store, options, leaves, read } = await openWorld();
  const before = await readCounters(store.database);
  assert.equal(await leaves.ensure(many), true);
  const made = await read();
  assert.equal(made.size, many.length);
  assert.equal(new Set([...made.values()].map((row) => openCertificateKey(sealing, row))).size, many.length);
  assert.equal((await readCounters(store.database)).revision - before.revision, 2);
  for (const node of [leaves, new LocalLeaves(options)]) assert.equal(await node.ensure(many), false);
  assert.deepEqual(await read(), made);
});

test('what is due, for other names, of another authority, or sealed elsewhere is made anew, and nothing else', async () => {
  const world = await openWorld();
  const { store, options, read, passes } = world;
  const wishes = ['due', 'names', 'other', 'sealed', 'good'].map((name) => wish(`${name}.example.com`));
  await new LocalLeaves(options).ensure(wishes.slice(0, 1));
  passes(LEAF_LIFETIME_MS - LEAF_RENEW_BEFORE_MS);
  await new LocalLeaves(options).ensure(wishes.slice(1));
  const of = (id: string) => store.database.updateTable('certificates').where('id', '=', id);
  await of('other.example.com').set({ chain_pem: 'of another' }).execute();
  await of('sealed.example.com').set({ key_pem: 'c2VhbGVk' }).execute();
  const before = await read();
  const wanted = wishes.map((one) => (one.id.startsWith('names') ? wish(one.id, [one.id, 'more.example.com']) : one));
  assert.equal(await new LocalLeaves(options).ensure(wanted), true);
  const now = await read();
  const changed = wishes.filter(({ id }) => now.get(id)?.chain_pem !== before.get(id)?.chain_pem);
  assert.deepEqual(
    changed.map(({ id }) => id.split('.')[0]),
    ['due', 'names', 'other', 'sealed'],
  );
  assert.deepEqual(JSON.parse(now.get('names.example.com')?.hosts ?? ''), ['names.example.com', 'more.example.com']);
});

test('a node that has looked at a leaf makes one anew that has become due, or is gone', async () => {
  const { store, leaves, passes, read } = await openWorld();
  const wishes = [wish('a.example.com'), wish('b.example.com')];
  await leaves.ensure(wishes);
  await leaves.ensure(wishes);
  await store.database.deleteFrom('certificates').where('id', '=', 'a.example.com').execute();
  assert.equal(await leaves.ensure(wishes), true);
  assert.equal((await read()).size, 2);
  passes(LEAF_LIFETIME_MS - LEAF_RENEW_BEFORE_MS);
  assert.equal(await leaves.ensure(wishes), true);
  assert.equal(await leaves.ensure(wishes), false);
});

test('of two nodes that begin together one makes each leaf', async () => {
  const { options, leaves, read } = await openWorld();
  const wishes = many.slice(0, 20);
  await Promise.all([leaves.ensure(wishes), new LocalLeaves(options).ensure(wishes)]);
  const made = await read();
  assert.equal(made.size, 20);
  assert.equal(await leaves.ensure(wishes), false);
  assert.deepEqual(await read(), made);
});

test('a wildcard covers one label', () => {
  const covered = new CoveredHosts([wish('*.example.com'), wish('x.org', ['x.org', '*.x.org'])]);
  for (const host of ['a.example.com', '*.example.com', 'x.org', 'a.x.org']) assert.ok(covered.has(host), host);
  for (const host of ['example.com', 'a.b.example.com', 'b.a.x.org', 'org']) assert.ok(!covered.has(host), host);
});
