/** Backups of an embedded store: whole, while it is in use, and nothing damaged is ever taken. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fillForTest } from '../../../testing/filled-store.ts';
import { insertSite, openSqliteStore, readCounters, type StoreFailure } from '../index.ts';
import { migrateWithin } from '../migrate.ts';
import { MIGRATIONS } from '../migrations.ts';
import { openSqliteDatabase } from '../open-sqlite.ts';
import { backUpStore, copyStore, restoreStore } from './index.ts';
import { readStore } from './read-rows.ts';
import { RowDigest } from './row-digest.ts';

const folder = mkdtempSync(join(tmpdir(), 'manis-archive-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newPath = (): string => join(folder, `p-${made++}`);
const NOW = 1_764_000_000_000;
const options = { nowUnixMs: NOW };

const refusal = (work: Promise<unknown>): Promise<StoreFailure> =>
  work.then(
    () => assert.fail('it should have been refused'),
    (reason: unknown) => reason as StoreFailure,
  );

async function filled(count: number): Promise<string> {
  const place = newPath();
  const store = await openSqliteStore({ dataDir: place, nowUnixMs: 1 });
  await fillForTest(store, count);
  await store.close();
  return place;
}

async function digestOf(dataDir: string): Promise<string> {
  const { database, close } = await openSqliteDatabase(dataDir);
  const digest = new RowDigest();
  await readStore(database, async (source) => {
    for await (const page of source.pages()) if (page.table !== 'counters') digest.add(page);
  });
  await close();
  return digest.sha256();
}

test('a backup is restored whole, under a new epoch above all that may have been published', async () => {
  const place = await filled(1_234);
  const file = newPath();
  const progress: string[] = [];
  const { rows, bytes } = await backUpStore({ place }, file, { ...options, progress: (table) => progress.push(table) });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(file).size, bytes);
  assert.ok(progress.includes('sites') && progress.filter((table) => table === 'audit_events').length === 3);
  const target = newPath();
  const done = await restoreStore(file, { place: target }, options);
  assert.deepEqual([done.rows, done.counts['sites'], done.counts['user_roles']], [rows, 1_234, 1]);
  assert.equal(await digestOf(target), await digestOf(place));
  const store = await openSqliteStore({ dataDir: target, nowUnixMs: 1 });
  const counters = await readCounters(store.database);
  assert.deepEqual([counters.epoch, done.epoch], [NOW / 1_000, NOW / 1_000]);
  assert.deepEqual([counters.revision, counters.revocation_sequence], [1, 2]);
  await store.close();
});

test('a store in use is backed up as it is at one moment', async () => {
  const place = newPath();
  const store = await openSqliteStore({ dataDir: place, nowUnixMs: 1 });
  await fillForTest(store, 2_000);
  let running = true;
  const writing = (async () => {
    for (let i = 0; running; i++) {
      await store.publish((transaction) =>
        insertSite(transaction, { organisation_id: 'org_1', id: `x${i}`, name: `x${i}`, created_unix_ms: 1 }),
      );
      // The embedded store answers at once; without this the backup would never have its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const file = newPath();
  await backUpStore({ place }, file, options);
  running = false;
  await writing;
  await store.close();
  const lines = readFileSync(file, 'utf8').split('\n');
  const of = (table: string) => lines.filter((line) => line.startsWith(`["${table}",`));
  const { revision } = JSON.parse(of('counters')[0] ?? '')[1];
  assert.equal(
    of('sites').length,
    2_000 + revision - 1,
    'every site that the revision counts and none that it does not',
  );
});

test('a backup of an older version is restored, and brought up to date', async () => {
  const old = newPath();
  const { database, close } = await openSqliteDatabase(old);
  await database.transaction().execute((transaction) => migrateWithin(transaction, 1, 2));
  const pop = { id: 'pop_1', name: 'ams', location_name: '', latitude: 1.5, longitude: 2, wireguard_key: 'w' };
  const endpoints = { overlay_address: 'a', signing_key: 's', udp_endpoints: '[]', https_endpoints: '[]' };
  await database
    .insertInto('pops')
    .values({ ...pop, ...endpoints, created_unix_ms: 1 } as never)
    .execute();
  await close();
  const file = newPath();
  await backUpStore({ place: old }, file, options);
  assert.match(readFileSync(file, 'utf8'), /^\{"manis":"store backup","format":1,"schema":2,/);
  const target = newPath();
  await restoreStore(file, { place: target }, options);
  const store = await openSqliteStore({ dataDir: target, nowUnixMs: 1 });
  const [row] = await store.database.selectFrom('pops').selectAll().execute();
  assert.deepEqual([row?.latitude, row?.draining], [1.5, 0]);
  const applied = await store.database
    .selectFrom('migrations' as 'sites')
    .selectAll()
    .execute();
  assert.equal(applied.length, MIGRATIONS.length);
  await store.close();
});

test('what is damaged, foreign or newer is refused with a reason, and the target stays empty', async () => {
  const file = newPath();
  await backUpStore({ place: await filled(3) }, file, options);
  const good = readFileSync(file, 'utf8');
  const lines = good.trimEnd().split('\n');
  const cases: [name: string, text: string, code: string, says: RegExp][] = [
    ['nothing', '', 'store-corrupt', /its end is missing/],
    ['a part', `${lines.slice(0, -1).join('\n')}\n`, 'store-corrupt', /its end is missing/],
    ['half a line', good.slice(0, -9), 'store-corrupt', /its end is missing/],
    ['a row less', `${lines.toSpliced(3, 1).join('\n')}\n`, 'store-corrupt', /checksum does not fit/],
    ['another letter', good.replace('site 1', 'site 7'), 'store-corrupt', /checksum does not fit/],
    ['two backups', good + good, 'store-corrupt', /something behind its end/],
    ['something else', '{"a":1}\n', 'store-corrupt', /no backup of a store/],
    ['no JSON', 'hello\n', 'store-corrupt', /not JSON/],
    ['a newer form', good.replace('"format":1', '"format":2'), 'store-newer', /a form that this version does not know/],
  ];
  for (const [name, text, code, says] of cases) {
    const path = newPath();
    writeFileSync(path, text);
    const place = newPath();
    const failure = await refusal(restoreStore(path, { place }, options));
    assert.equal(failure.code, code, name);
    assert.match(failure.message, says);
    assert.ok(!existsSync(place), 'the target was not touched');
  }
  assert.equal((await refusal(restoreStore(newPath(), { place: newPath() }, options))).code, 'store-unreadable');
});

test('nothing is overwritten: neither a backup nor a store, and a store in use is not copied', async () => {
  const place = await filled(3);
  const file = newPath();
  await backUpStore({ place }, file, options);
  assert.equal((await refusal(backUpStore({ place }, file, options))).code, 'store-not-empty');
  assert.equal((await refusal(restoreStore(file, { place }, options))).code, 'store-not-empty');
  assert.equal((await refusal(copyStore({ place }, { place }, options))).code, 'store-not-empty');
  const store = await openSqliteStore({ dataDir: place, nowUnixMs: 1 });
  const failure = await refusal(copyStore({ place }, { place: newPath() }, options));
  assert.equal(failure.code, 'store-locked');
  await store.close();
  const nowhere = newPath();
  assert.match((await refusal(copyStore({ place: nowhere }, { place: newPath() }, options))).message, /holds no store/);
  assert.ok(!existsSync(nowhere), 'no store was made where there was none');
});

test('a backup that cannot be written leaves nothing behind', async () => {
  const place = await filled(3);
  const failure = await refusal(backUpStore({ place }, join(newPath(), 'none', 'b'), options));
  assert.match(failure.message, /cannot be written/);
});
