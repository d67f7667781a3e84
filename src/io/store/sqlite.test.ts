import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Kysely } from 'kysely';
import { factorSuite } from '../../testing/factor-suite.ts';
import { runOrganisationsMigration } from '../../testing/store-organisations-suite.ts';
import { runStoreSuite } from '../../testing/store-suite.ts';
import { insertSite, openSqliteStore, readCounters, type StoreFailure } from './index.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import { openDatabase, openSqliteDatabase } from './open-sqlite.ts';
import type { Tables } from './schema.ts';
import { NodeSqliteDialect } from './sqlite-dialect.ts';

const folder = mkdtempSync(join(tmpdir(), 'manis-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newDir = (): string => join(folder, `data-${made++}`);
const open = (dataDir: string, maxPages?: number) =>
  openSqliteStore({ dataDir, nowUnixMs: 1, ...(maxPages !== undefined && { maxPages }) });

runStoreSuite('SQLite', () => open(newDir()));
factorSuite('SQLite', () => open(newDir()));
runOrganisationsMigration('SQLite', () => openSqliteDatabase(newDir()));

async function refusal(work: Promise<unknown>): Promise<StoreFailure> {
  return work.then(
    () => assert.fail('it should have been refused'),
    (reason: unknown) => reason as StoreFailure,
  );
}

test('the data directory and the file are for their owner alone', async () => {
  const dataDir = newDir();
  const store = await open(dataDir);
  assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  assert.equal(statSync(join(dataDir, 'control.sqlite')).mode & 0o777, 0o600);
  await store.close();
});

test('a second control on the same data is refused, and may start when the first has ended', async () => {
  const dataDir = newDir();
  const first = await open(dataDir);
  const refused = await refusal(open(dataDir));
  assert.equal(refused.code, 'store-locked');
  assert.match(refused.message, /another control plane is running on .*; stop it first/);
  await first.close();
  await (await open(dataDir)).close();
});

test('the lock holds against another process, and dies with it', async () => {
  const dataDir = newDir();
  const child = startChild(dataDir);
  await child.acknowledged(1);
  assert.equal((await refusal(open(dataDir))).code, 'store-locked');
  await child.kill();
  await (await open(dataDir)).close();
});

test('a full disk refuses the write, says so, and loses nothing', async () => {
  const store = await open(newDir(), 400);
  let written = 0;
  const failure = await refusal(
    (async () => {
      for (; ; written++) {
        const name = `${written}${'x'.repeat(2000)}`;
        await store.publish((transaction) =>
          insertSite(transaction, { organisation_id: 'org_1', id: name, name, created_unix_ms: 1 }),
        );
      }
    })(),
  );
  assert.equal(failure.code, 'store-disk-full');
  assert.match(failure.message, /the disk is full/);
  assert.ok(written > 0);
  const count = await store.database
    .selectFrom('sites')
    .select((s) => s.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  assert.equal(Number(count.n), written);
  assert.equal((await readCounters(store.database)).revision, written, 'the store goes on reading');
  await store.transaction((transaction) =>
    transaction
      .deleteFrom('sites')
      .execute()
      .then(() => undefined),
  );
  await store.publish((transaction) =>
    insertSite(transaction, { organisation_id: 'org_1', id: 'a', name: 'a', created_unix_ms: 1 }),
  );
  await store.close();
});

test('what cannot be used is refused with a sentence that names it', async () => {
  const isFile = newDir();
  writeFileSync(isFile, 'a file');
  const barred = newDir();
  mkdirSync(join(barred, 'control.lock'), { recursive: true });
  const damaged = newDir();
  mkdirSync(damaged);
  writeFileSync(join(damaged, 'control.sqlite'), 'not a database, but long enough to be looked at '.repeat(20));
  const newer = newDir();
  await (await open(newer)).close();
  const database = new DatabaseSync(join(newer, 'control.sqlite'));
  database.exec(`insert into migrations values (${MIGRATIONS.length + 1}, 'from the future', 1)`);
  database.close();
  const cases: [dataDir: string, code: string, says: RegExp][] = [
    [isFile, 'store-unreadable', new RegExp(`the data directory ${isFile} cannot be made`)],
    [barred, 'store-unreadable', new RegExp(`${barred} cannot be read and written by this user`)],
    [damaged, 'store-corrupt', /damaged.*restore a backup/],
    [newer, 'store-newer', /newer version of Manis \(schema \d+, this version knows \d+\)/],
  ];
  for (const [dataDir, code, says] of cases) {
    const failure = await refusal(open(dataDir));
    assert.equal(failure.code, code);
    assert.match(failure.message, says);
  }
  await refusal(open(newer));
});

test('two that migrate at the same time do it once', async () => {
  const path = join(folder, 'race.sqlite');
  const databases = await Promise.all([openDatabase(path), openDatabase(path)]);
  const kyselys = databases.map((database) => new Kysely<Tables>({ dialect: new NodeSqliteDialect(database) }));
  const children = Array.from({ length: 3 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', MIGRATE, path]),
  );
  const ends = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  await kyselys[0]?.transaction().execute(async () => undefined);
  for (const kysely of kyselys) await migrate(kysely, 1);
  assert.deepEqual(await Promise.all(ends), [0, 0, 0]);
  const rows = databases[0]?.prepare('select number from migrations order by number').all();
  assert.deepEqual(
    rows?.map((row) => row['number']),
    MIGRATIONS.map((_, index) => index + 1),
  );
  for (const kysely of kyselys) await kysely.destroy();
});

const at = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
const MIGRATE = `
import { Kysely } from ${JSON.stringify(import.meta.resolve('kysely'))};
import { migrate } from ${at('./migrate.ts')};
import { openDatabase, openSqliteDatabase } from ${at('./open-sqlite.ts')};
import { NodeSqliteDialect } from ${at('./sqlite-dialect.ts')};
const kysely = new Kysely({ dialect: new NodeSqliteDialect(await openDatabase(process.argv[1])) });
await migrate(kysely, 1);
await kysely.destroy();
`;

/** Takes about ten seconds: each round starts a process, lets it commit for a random time, and kills it. */
test('kill -9 loses no acknowledged write', async (t) => {
  const dataDir = newDir();
  let acknowledged = 0;
  const rounds = 8;
  for (let round = 0; round < rounds; round++) {
    const child = startChild(dataDir);
    await child.acknowledged(1);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
    await child.kill();
    acknowledged = Math.max(acknowledged, child.last());
    const database = new DatabaseSync(join(dataDir, 'control.sqlite'));
    const check = database.prepare('pragma integrity_check').get();
    const { found, last } = database.prepare('select count(*) as found, max(id) as last from sites').get() as {
      found: number;
      last: string;
    };
    const { revision } = database.prepare('select revision from counters').get() as { revision: number };
    database.close();
    assert.deepEqual(check, { integrity_check: 'ok', __proto__: null });
    assert.ok(found >= acknowledged, `${acknowledged} acknowledged, ${found} found`);
    assert.equal(Number(last), found, 'no gaps: a write is there whole or not at all');
    assert.equal(revision, found, 'the revision and what it was taken for are one');
  }
  t.diagnostic(`${acknowledged} acknowledged writes over ${rounds} kills`);
});

interface Child {
  acknowledged(count: number): Promise<void>;
  last(): number;
  kill(): Promise<void>;
}

function startChild(dataDir: string): Child {
  const program = new URL('../../testing/store-crash-child.ts', import.meta.url).pathname;
  const process_: ChildProcess = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let wake = (): void => undefined;
  process_.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    wake();
  });
  const lines = () => text.split('\n').slice(0, -1);
  return {
    acknowledged: async (count) => {
      while (lines().length < count) {
        assert.equal(process_.exitCode, null, 'the writer ended by itself');
        await new Promise<void>((resolve) => {
          wake = resolve;
          process_.once('exit', () => resolve());
        });
      }
    },
    last: () => Number(lines().at(-1) ?? 0),
    kill: async () => {
      process_.kill('SIGKILL');
      await new Promise((resolve) => process_.once('close', resolve));
    },
  };
}
