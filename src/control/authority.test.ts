import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLocalCa } from '../io/certificates.ts';
import { createRandom } from '../io/random.ts';
import { findAuthority, insertAuthority, openSqliteStore, type Store } from '../io/store/index.ts';
import { createStoreSealing } from '../io/store-sealing.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { openAuthority } from './authority.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'manis-authority-'));
const clock = new VirtualClock();
const random = createRandom();
const sealing = createStoreSealing(new Uint8Array(32).fill(7));
let store: Store;
before(async () => {
  store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
});
after(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

const parts = () => ({ store, dataDir, clock, random, sealing });
const keyInStore = async () => (await findAuthority(store.database))?.key_pem ?? '';

test('the key of the authority is sealed in the store, and the same at every start', async () => {
  const made = await openAuthority(parts());
  assert.match(made.keyPem, /PRIVATE KEY/);
  assert.doesNotMatch(await keyInStore(), /PRIVATE KEY/);
  assert.deepEqual(await openAuthority(parts()), made);
});

test('one that an older version left in clear is sealed and goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-older-'));
  const older = await openLocalCa(folder, clock.unixMs(), random);
  rmSync(folder, { recursive: true });
  await store.database.deleteFrom('authorities').execute();
  const row = { id: 'local', certificate_pem: older.certificatePem, key_pem: older.keyPem, created_unix_ms: 1 };
  await store.transaction((transaction) => insertAuthority(transaction, row));
  for (const _start of [1, 2]) assert.equal((await openAuthority(parts())).keyPem, older.keyPem);
  assert.doesNotMatch(await keyInStore(), /PRIVATE KEY/);
});

test('one that another installation sealed is refused', async () => {
  const other = { ...parts(), sealing: createStoreSealing(new Uint8Array(32).fill(8)) };
  await assert.rejects(openAuthority(other), { code: 'ca-unusable' });
});
