/** The store on a real PostgreSQL: the suite of every dialect, and what only a server can do to it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { issueLeaf, openLocalCa } from '../../src/io/certificates.ts';
import { createClock } from '../../src/io/clock.ts';
import { createRandom } from '../../src/io/random.ts';
import { backUpStore, copyStore, restoreStore } from '../../src/io/store/archive/index.ts';
import {
  insertSite,
  lineageOf,
  openPostgresStore,
  openSqliteStore,
  readCounters,
  type Store,
  type StoreFailure,
} from '../../src/io/store/index.ts';
import { openPostgresDatabase } from '../../src/io/store/open-postgres.ts';
import { factorSuite } from '../../src/testing/factor-suite.ts';
import { fillForTest } from '../../src/testing/filled-store.ts';
import { runOrganisationsMigration } from '../../src/testing/store-organisations-suite.ts';
import { runStoreSuite } from '../../src/testing/store-suite.ts';
import { runPublicationsSuite } from '../../src/testing/suite-of-publications.ts';
import { POSTGRES_REQUIREMENTS, PostgresServer } from '../lab/postgres-server.ts';
import { missingRequirement, mustHaveTools } from './requirements.ts';

/** A third of what SQLite gets: each takes some hundred statements. */
const PUBLICATION_ROUNDS = 20;

const missing = missingRequirement(POSTGRES_REQUIREMENTS);
if (missing !== undefined && mustHaveTools()) throw new Error(`${missing}; in CI nothing is skipped`);

describe('PostgreSQL', { skip: missing }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await PostgresServer.start();
  });
  after(() => server.remove());

  const open = async (database?: string): Promise<Store> =>
    openPostgresStore({ url: server.url(database ?? (await server.createDatabase())), nowUnixMs: 1 });
  const refusal = (work: Promise<unknown>): Promise<StoreFailure> =>
    work.then(
      () => assert.fail('it should have been refused'),
      (reason: unknown) => reason as StoreFailure,
    );
  const addSite = (store: Store, name: string) =>
    store.publish((transaction) =>
      insertSite(transaction, { organisation_id: 'org_1', id: name, name, created_unix_ms: 1 }),
    );

  test('several that start on an empty database make the schema once', async () => {
    const database = await server.createDatabase();
    const stores = await Promise.all(Array.from({ length: 5 }, () => open(database)));
    const { rows } = { rows: await server.query<{ number: number }>('select number from migrations', database) };
    assert.deepEqual(
      rows.map(({ number }) => number),
      rows.map((_, index) => index + 1),
    );
    assert.ok(rows.length > 0);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('publishers on several nodes give every revision once, in commit order', async () => {
    const database = await server.createDatabase();
    const stores = await Promise.all(Array.from({ length: 3 }, () => open(database)));
    const made = await Promise.all(
      Array.from({ length: 90 }, (_, i) => addSite(stores[i % 3] as Store, `site-${String(i).padStart(3, '0')}`)),
    );
    const revisions = made.map(({ version }) => version.revision).toSorted((a, b) => a - b);
    assert.deepEqual(
      revisions,
      Array.from({ length: 90 }, (_, i) => i + 1),
    );
    await Promise.all(stores.map((store) => store.close()));
  });

  test('what a transaction has read stays true until it is committed', async () => {
    const database = await server.createDatabase();
    const [a, b] = await Promise.all([open(database), open(database)]);
    const addIfEmpty = (store: Store, name: string) =>
      store.transaction(async (transaction) => {
        const found = await transaction.selectFrom('sites').select('id').execute();
        if (found.length === 0)
          await insertSite(transaction, { organisation_id: 'org_1', id: name, name, created_unix_ms: 1 });
      });
    await Promise.all(Array.from({ length: 20 }, (_, i) => addIfEmpty(i % 2 === 0 ? a : b, `s${i}`)));
    assert.equal((await a.database.selectFrom('sites').select('id').execute()).length, 1);
    await Promise.all([a.close(), b.close()]);
  });

  test('a deadlock is tried again', async () => {
    const database = await server.createDatabase();
    await server.query(`alter database ${database} set deadlock_timeout = '50ms'`);
    const store = await open(database);
    await addSite(store, 'a');
    await store.publish((transaction) =>
      transaction
        .insertInto('roles')
        .values({ id: 'r', organisation_id: 'org_1', name: 'r', created_unix_ms: 1, built_in: null, permissions: '[]' })
        .execute()
        .then(() => undefined),
    );
    const firstHolds = Promise.withResolvers<void>();
    const bothHold = Promise.withResolvers<void>();
    let tries = 0;
    const first = store.transaction(async (transaction) => {
      tries++;
      await transaction.updateTable('sites').set({ name: 'first' }).where('id', '=', 'a').execute();
      firstHolds.resolve();
      if (tries === 1) await bothHold.promise;
      await transaction.updateTable('roles').set({ name: 'first' }).where('id', '=', 'r').execute();
    });
    // One that does not begin as ours do.
    const second = store.database.transaction().execute(async (transaction) => {
      await firstHolds.promise;
      await transaction.updateTable('roles').set({ name: 'second' }).where('id', '=', 'r').execute();
      bothHold.resolve();
      await transaction.updateTable('sites').set({ name: 'second' }).where('id', '=', 'a').execute();
    });
    const [, other] = await Promise.allSettled([first, second]);
    if (other.status === 'rejected') assert.equal((other.reason as StoreFailure).code, 'store-busy');
    else assert.ok(tries >= 2);
    await store.close();
  });

  test('what keeps it from opening is one sentence with a code, and never a password', async () => {
    const database = await server.createDatabase();
    await server.query(`create role stranger login password 'secret-word'`);
    await server.query(`create role nobody nologin`);
    await server.query(`revoke create on schema public from public`, database);
    const newer = await server.createDatabase();
    await (await open(newer)).close();
    await server.query(`insert into migrations values (9999, 'from the future', 1)`, newer);
    const cases: [url: string, code: string, says: RegExp][] = [
      ['mysql://a@b/c', 'store-url-invalid', /not a URL such as postgres:\/\/user@host\/database/],
      ['postgres://a:secret-word@127.0.0.1:99999/c', 'store-url-invalid', /not a URL|port/],
      ['postgres://a@127.0.0.1/c?sslmode=prefer', 'store-url-invalid', /sslmode is not one of disable, require/],
      ['postgres://a@127.0.0.1/c?colour=red', 'store-url-invalid', /the parameter colour is not known/],
      ['postgres://127.0.0.1/c', 'store-url-invalid', /names no user/],
      ['postgres://a@127.0.0.1/', 'store-url-invalid', /names no database/],
      ['postgres://a:secret-word@127.0.0.1:1/c', 'store-unavailable', /PostgreSQL cannot be reached.*ECONNREFUSED/],
      [server.tcpUrl('nothing'), 'store-unreadable', /the database of the store does not exist/],
      [server.tcpUrl(database, 'nobody'), 'store-authentication', /PostgreSQL refuses this user/],
      [server.tcpUrl(database, 'stranger'), 'store-permission', /must own the database or its schema/],
      [`${server.tcpUrl(database)}?sslmode=require`, 'store-unavailable', /speaks no TLS/],
      [server.url(newer), 'store-newer', /newer version of Manis \(schema 9999/],
    ];
    for (const [url, code, says] of cases) {
      const failure = await refusal(openPostgresStore({ url, nowUnixMs: 1 }));
      assert.deepEqual([failure.code, says.test(failure.message)], [code, true], `${url}: ${failure.message}`);
      assert.ok(!failure.message.includes('secret-word'));
    }
  });

  test('an ordinary user who owns the database is enough, and may ask for the lineage', async () => {
    await server.query('create role plain login');
    await server.query('create database plainly owner plain');
    const store = await openPostgresStore({ url: server.tcpUrl('plainly', 'plain'), nowUnixMs: 1 });
    await addSite(store, 'a');
    assert.match(await lineageOf(store.database), /^\d+\/\d+$/);
    await store.close();
  });

  test('a NUL in a text is refused, and nothing else suffers', async () => {
    const store = await open();
    assert.equal((await refusal(addSite(store, 'a\0b'))).code, 'store-value-invalid');
    await addSite(store, 'a');
    assert.equal((await readCounters(store.database)).revision, 1);
    await store.close();
  });

  test('a server that is gone is told, and is used again when it is back', async () => {
    const store = await open();
    await addSite(store, 'before');
    const working = Array.from({ length: 5 }, (_, i) => addSite(store, `during-${i}`).catch(() => undefined));
    await server.kill();
    await Promise.all(working);
    assert.equal((await refusal(addSite(store, 'lost'))).code, 'store-unavailable');
    assert.equal((await refusal(readCounters(store.database))).code, 'store-unavailable');
    await server.restart();
    await addSite(store, 'after');
    const names = (await store.database.selectFrom('sites').select('name').execute()).map(({ name }) => name);
    assert.ok(names.includes('before') && names.includes('after') && !names.includes('lost'));
    await store.close();
  });

  test('a standby, which takes no writes, is told as such', async () => {
    const database = await server.createDatabase();
    const store = await open(database);
    await server.query(`alter database ${database} set default_transaction_read_only = on`);
    const reader = await openPostgresStore({ url: server.url(database), nowUnixMs: 1 }).catch((error) => error);
    assert.equal((reader as StoreFailure).code, 'store-read-only');
    await store.close();
  });

  test('a store is copied to PostgreSQL and back, and a backup of one kind is restored to the other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'manis-copy-'));
    const [first, second, file] = [join(folder, 'first'), join(folder, 'second'), join(folder, 'backup')] as const;
    const embedded = await openSqliteStore({ dataDir: first, nowUnixMs: 1 });
    await fillForTest(embedded, 1_100);
    await embedded.close();
    const nowUnixMs = 1_764_000_000_000;
    const [one, two] = [await server.createDatabase(), await server.createDatabase()];
    const there = await copyStore({ place: first }, { place: server.url(one) }, { nowUnixMs });
    const back = await copyStore({ place: server.url(one) }, { place: second }, { nowUnixMs });
    assert.deepEqual(back.counts, there.counts);
    assert.equal(back.epoch, there.epoch + 1, 'each copy begins a new epoch');
    await backUpStore({ place: second }, file, { nowUnixMs });
    const restored = await restoreStore(file, { place: server.url(two) }, { nowUnixMs });
    assert.deepEqual(restored.counts, there.counts);
    const again = await refusal(copyStore({ place: second }, { place: server.url(two) }, { nowUnixMs }));
    assert.equal(again.code, 'store-not-empty');
    const store = await open(two);
    const [user] = await store.database.selectFrom('users').selectAll().execute();
    assert.deepEqual([user?.name, user?.created_unix_ms], ['Zoë \u2028 "quoted"\n', nowUnixMs]);
    await store.close();
    rmSync(folder, { recursive: true });
  });

  test('TLS is spoken as the URL says, and a name that the certificate does not have is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'manis-tls-'));
    const [clock, random] = [createClock(), createRandom()];
    const ca = await openLocalCa(folder, clock.unixMs(), random);
    const leaf = issueLeaf(ca, { dns: ['localhost'], ip: [] }, clock.unixMs(), random);
    const files = [server.addFile('server.crt', leaf.chainPem), server.addFile('server.key', leaf.keyPem)] as const;
    await server.stop();
    await server.restart(['ssl=on', `ssl_cert_file=${files[0]}`, `ssl_key_file=${files[1]}`]);
    const database = await server.createDatabase();
    const byAddress = server.tcpUrl(database);
    const byName = byAddress.replace('127.0.0.1', 'localhost');
    const trusted = `sslrootcert=${encodeURIComponent(ca.file)}`;
    const cases: [url: string, outcome: string][] = [
      [`${byAddress}?sslmode=disable`, 'opened plain'],
      [`${byAddress}?sslmode=require`, 'opened TLS'],
      [`${byName}?sslmode=verify-full&${trusted}`, 'opened TLS'],
      [`${byAddress}?sslmode=verify-ca&${trusted}`, 'opened TLS'],
      [`${byAddress}?sslmode=verify-full&${trusted}`, 'store-unavailable'],
      [`${byName}?sslmode=verify-full`, 'store-unavailable'],
    ];
    for (const [url, outcome] of cases) {
      const store = await openPostgresStore({ url, nowUnixMs: 1 }).catch((error: StoreFailure) => error);
      if (store instanceof Error) {
        assert.deepEqual([store.code, /certificate is not trusted/.test(store.message)], [outcome, true], url);
        continue;
      }
      const { rows } = await sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(
        store.database,
      );
      assert.equal(rows[0]?.ssl ? 'opened TLS' : 'opened plain', outcome, url);
      await store.close();
    }
    rmSync(folder, { recursive: true });
  });

  test('kill -9 of the server loses no acknowledged write', async (t) => {
    const database = await server.createDatabase();
    let acknowledged = 0;
    for (let round = 0; round < 4; round++) {
      const child = startWriter(server.url(database));
      await child.acknowledged(acknowledged + 5);
      await server.kill();
      await child.ended();
      acknowledged = Math.max(acknowledged, child.last());
      await server.restart();
      const [row] = await server.query<{ found: number; last: string }>(
        'select count(*)::int as found, max(id) as last from sites',
        database,
      );
      const [counters] = await server.query<{ revision: string }>('select revision from counters', database);
      const found = row?.found ?? 0;
      assert.ok(found >= acknowledged, `${acknowledged} acknowledged, ${found} found`);
      assert.deepEqual([Number(row?.last), Number(counters?.revision)], [found, found], 'whole or not at all');
      acknowledged = found;
    }
    t.diagnostic(`${acknowledged} acknowledged writes over 4 kills`);
  });

  // Last: each database of theirs would be looked through when the server starts after a kill.
  let empty: string | undefined;
  /** A store that nothing was written to. A copy of one takes a third of the time that its migrations take. */
  const openEmpty = async (): Promise<Store> => {
    if (empty === undefined) {
      empty = await server.createDatabase();
      await (await open(empty)).close();
    }
    return open(await server.createDatabase(empty));
  };
  runStoreSuite('PostgreSQL', openEmpty);
  factorSuite('PostgreSQL', openEmpty);
  runPublicationsSuite('PostgreSQL', PUBLICATION_ROUNDS, openEmpty);
  runOrganisationsMigration('PostgreSQL', async () => {
    const database = openPostgresDatabase({ url: server.url(await server.createDatabase()) });
    return { database, close: () => database.destroy() };
  });
});

function startWriter(url: string) {
  const program = new URL('../../src/testing/store-crash-child.ts', import.meta.url).pathname;
  const child: ChildProcess = spawn(process.execPath, [program, url], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  let wake = (): void => undefined;
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    wake();
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const last = () => Number(text.split('\n').at(-2) ?? 0);
  return {
    last,
    ended: () => exited,
    acknowledged: async (number: number) => {
      while (last() < number) {
        assert.equal(child.exitCode, null, 'the writer ended by itself');
        await new Promise<void>((resolve) => {
          wake = resolve;
          child.once('exit', () => resolve());
        });
      }
    },
  };
}
