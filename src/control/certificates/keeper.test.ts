// heavy: the keeper over a real store through a year, with a directory that the test plays and a clock that it moves.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { SnapshotVersion } from '../../core/link/index.ts';
import { createLog } from '../../io/log.ts';
import {
  type AcmeChallengesTable,
  allAcmeChallenges,
  findCertificate,
  findCertificateOrder,
  openSqliteStore,
  putAcmeSettings,
  putControlNode,
  readCounters,
  type Store,
  updateCertificateOrder,
} from '../../io/store/index.ts';
import { createStoreSealing } from '../../io/store-sealing.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { StandInDirectory } from '../../testing/stand-in-directory.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { AuditNote } from '../control.ts';
import { openCertificateKey } from './certificate-key.ts';
import { DirectoryAccess } from './directory-access.ts';
import { ensureOrders } from './ensure-orders.ts';
import { CertificateKeeper } from './keeper.ts';
import type { CertificateWish } from './wishes.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const sealing = createStoreSealing(new Uint8Array(32).fill(7));
const wish = (id: string, more: Partial<CertificateWish> = {}): CertificateWish => ({
  ...{ id, names: [id], source: 'acme', challenges: ['http-01', 'tls-alpn-01', 'dns-01'] },
  ...more,
});

const dataDir = mkdtempSync(join(tmpdir(), 'manis-keeper-'));
let store: Store;
let clock: VirtualClock;
let directory: StandInDirectory;
let notes: AuditNote[];
/** What each PoP has; those that follow have whatever is there. */
let pops: Map<string, SnapshotVersion | 'follows'>;
let provider: { put: string[]; removed: string[]; fails: boolean };

before(async () => {
  store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
});
beforeEach(async () => {
  for (const table of ['acme_challenges', 'certificate_orders', 'certificates', 'acme_accounts', 'leases'] as const)
    await store.database.deleteFrom(table).execute();
  clock = new VirtualClock(0, Date.UTC(2026, 0, 1));
  directory = new StandInDirectory(clock);
  notes = [];
  pops = new Map([['pop-1', 'follows']]);
  provider = { put: [], removed: [], fails: false };
  await store.transaction((transaction) =>
    putAcmeSettings(transaction, {
      ...{ id: 'installation', directory_url: 'https://directory.example/dir', contacts: '["a@example.org"]' },
      ...{ terms_agreed: 1, eab_key_id: null, eab_key: null, ca_pem: null, profile: null, is_default: 1 },
      updated_unix_ms: 1,
    }),
  );
});
after(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

const random = new SeededRandom(5);

function node(controlId = 'ctl-1'): CertificateKeeper {
  const access = new DirectoryAccess({ store, sealing, clock, software: 'manis/test', open: () => directory });
  return new CertificateKeeper({
    ...{ store, clock, random, sealing, access, controlId, log: createLog({ level: 'silent' }) },
    committed: () => undefined,
    applied: async () => {
      const { epoch, revision } = await readCounters(store.database);
      return [...pops].map(([popId, has]) => ({ popId, applied: has === 'follows' ? { epoch, revision } : has }));
    },
    behind: (popIds) => void notes.push({ action: 'behind', subject: popIds.join() }),
    dnsProvider: async (id) =>
      id === 'dns-1'
        ? {
            putTxt: async (name) => {
              if (provider.fails) throw new Error('no such zone');
              provider.put.push(name);
            },
            removeTxt: async (name) => void provider.removed.push(name),
          }
        : undefined,
    failed: (what) => assert.fail(what),
    note: async (note) => void notes.push(note),
  });
}

/** Lets a node live until then: it does what is due when it is due. */
async function live(
  keeper: CertificateKeeper,
  untilUnixMs: number,
  each: () => unknown = () => undefined,
): Promise<void> {
  for (;;) {
    const next = (await keeper.nextUnixMs()) ?? Number.POSITIVE_INFINITY;
    if (next > untilUnixMs) break;
    if (next > clock.unixMs()) clock.advance(next - clock.unixMs());
    await keeper.look();
    await each();
  }
  clock.advance(Math.max(0, untilUnixMs - clock.unixMs()));
}

const want = (...wishes: CertificateWish[]) => ensureOrders(store, wishes, clock.unixMs());
const orderRow = async (id = 'a.example') => (await findCertificateOrder(store.database, id)) ?? assert.fail('no row');
const minutes = (count: number) => clock.unixMs() + count * 60_000;

test('a name that is wished for gets a certificate, and the store holds no key in clear', async () => {
  await want(wish('a.example'));
  const seen: AcmeChallengesTable[] = [];
  directory.asked = (what) => {
    if (what === 'ready') void allAcmeChallenges(store.database).then((rows) => seen.push(...rows));
  };
  await live(node(), minutes(5));
  const row = await findCertificate(store.database, 'a.example');
  assert.equal(row?.source, 'acme');
  assert.doesNotMatch(JSON.stringify(row), /PRIVATE KEY/);
  assert.match(openCertificateKey(sealing, row ?? assert.fail()) ?? '', /PRIVATE KEY/);
  assert.deepEqual(
    seen.map(({ kind, name, proof }) => [kind, name, proof]),
    [['http-01', 'a.example', 'http-01.token-0']],
  );
  assert.deepEqual(await allAcmeChallenges(store.database), [], 'the answers went with the order');
  const order = await orderRow();
  assert.deepEqual([order.phase, order.failures, order.key_pem], ['waiting', 0, null]);
  assert.deepEqual(
    notes.map(({ action, subject, outcome }) => [action, subject, outcome]),
    [['certificate.issue', 'a.example', undefined]],
  );
});

test('the directory is told when every PoP that is up has the answers, and not before', async () => {
  pops.set('pop-2', { epoch: 1, revision: 0 });
  await want(wish('a.example'));
  let told = 0;
  directory.asked = (what) => {
    if (what === 'ready') told++;
  };
  const keeper = node();
  await live(keeper, clock.unixMs() + 5_000);
  assert.deepEqual([told, (await orderRow()).phase], [0, 'publishing']);
  pops.set('pop-2', 'follows');
  await live(keeper, clock.unixMs() + 5_000);
  assert.equal(told, 1);
});

test('a PoP that stays behind for a minute is not waited for', async () => {
  pops.set('pop-2', null as never);
  await want(wish('a.example'));
  await live(node(), minutes(2));
  assert.ok(await findCertificate(store.database, 'a.example'));
  assert.ok(notes.some(({ action, subject }) => action === 'behind' && subject === 'pop-2'));
});

test('a wildcard and its domain are proved by two records of one name; an alias leads them elsewhere', async () => {
  const names = ['*.a.example', 'a.example'];
  const alias = 'acme-1.zone.example';
  await want(wish('a.example', { names, challenges: ['dns-01'], dnsAlias: alias }));
  let rows: AcmeChallengesTable[] = [];
  directory.slowness = 3;
  await live(node(), minutes(5), async () => {
    const now = await allAcmeChallenges(store.database);
    if (now.length > 0) rows = now;
  });
  assert.deepEqual(
    rows.map(({ kind, record_name }) => [kind, record_name]),
    names.map(() => ['dns-01', alias]),
  );
  assert.equal((await findCertificate(store.database, 'a.example'))?.hosts, JSON.stringify(names));
});

test('a provider of DNS serves the proof, which is taken back', async () => {
  await want(wish('a.example', { challenges: ['dns-01'], dnsProviderId: 'dns-1' }));
  await live(node(), minutes(5));
  assert.ok(await findCertificate(store.database, 'a.example'));
  assert.deepEqual([provider.put, provider.removed], [['_acme-challenge.a.example'], ['_acme-challenge.a.example']]);
  provider.fails = true;
  await want(wish('b.example', { challenges: ['dns-01'], dnsProviderId: 'dns-1' }));
  await live(node(), minutes(2));
  const row = await orderRow('b.example');
  assert.deepEqual(
    [row.error_code, row.error_text],
    ['dns-provider-failed', 'the provider of DNS did not take the proof of b.example: no such zone'],
  );
});

describe('over a year', () => {
  /** Shortest time that was left of the certificate, and how often it was renewed. */
  async function aYear(): Promise<{ leastMs: number; renewals: number }> {
    await want(wish('a.example'));
    const keeper = node();
    await live(keeper, minutes(5));
    let leastMs = Number.POSITIVE_INFINITY;
    const end = Date.UTC(2027, 0, 1);
    while (clock.unixMs() < end) {
      const row = await findCertificate(store.database, 'a.example');
      await live(keeper, Math.min(end, clock.unixMs() + 6 * HOUR));
      leastMs = Math.min(leastMs, (row?.not_after_unix_ms ?? 0) - clock.unixMs());
    }
    return { leastMs, renewals: directory.orders.length - 1 };
  }

  test('one of 90 days is renewed every 60 days or so', async () => {
    const { leastMs, renewals } = await aYear();
    assert.ok(renewals === 5 || renewals === 6, `${renewals} renewals`);
    assert.ok(leastMs > 25 * DAY, `${leastMs / DAY} days were left`);
    assert.ok(directory.orders.slice(1).every(({ replaces }) => replaces?.includes('BEGIN CERTIFICATE')));
  });

  test('one of 6 days is renewed every 3 days or so', async () => {
    directory.lifeDays = 6;
    const { leastMs, renewals } = await aYear();
    assert.ok(renewals > 110 && renewals <= 122, `${renewals} renewals`);
    assert.ok(leastMs > 2 * DAY, `${leastMs / DAY} days were left`);
  });

  test('one whose directory suggests a window is renewed within it', async () => {
    directory.window = (from) => ({
      ...{ startUnixMs: from + 40 * DAY, endUnixMs: from + 42 * DAY },
      ...{ explanationUrl: undefined, retryAfterMs: 12 * HOUR },
    });
    const { leastMs, renewals } = await aYear();
    assert.ok(renewals === 8 || renewals === 9, `${renewals} renewals`);
    assert.ok(leastMs > 47 * DAY && leastMs < 51 * DAY, `${leastMs / DAY} days were left`);
  });

  test('a window that is moved into the past is acted on within a day', async () => {
    const usual = (from: number, to: number) => ({
      ...{ startUnixMs: from + 60 * DAY, endUnixMs: to - 20 * DAY },
      ...{ explanationUrl: undefined, retryAfterMs: undefined },
    });
    directory.window = usual;
    await want(wish('a.example'));
    const keeper = node();
    await live(keeper, clock.unixMs() + 10 * DAY);
    assert.equal(directory.orders.length, 1);
    const revokedUnixMs = clock.unixMs();
    directory.window = (from, to) =>
      from < revokedUnixMs ? { ...usual(from, to), startUnixMs: from, endUnixMs: from + HOUR } : usual(from, to);
    await live(keeper, clock.unixMs() + DAY);
    assert.equal(directory.orders.length, 2);
  });

  test('a directory that is away for three weeks at the wrong time leaves the certificate as it is', async () => {
    await want(wish('a.example'));
    const keeper = node();
    await live(keeper, clock.unixMs() + 59 * DAY);
    directory.refusing = { code: 'acme-unreachable' };
    let asked = 0;
    directory.asked = () => asked++;
    await live(keeper, clock.unixMs() + 21 * DAY);
    assert.ok(asked > 300 && asked < 600, `${asked} questions`);
    assert.equal((await orderRow()).error_code, 'acme-unreachable');
    directory.refusing = undefined;
    await live(keeper, clock.unixMs() + 2 * HOUR);
    assert.equal(directory.orders.length, 2);
    assert.deepEqual([(await orderRow()).failures, (await orderRow()).error_code], [0, null]);
  });
});

describe('what goes wrong', () => {
  test('a name that is not proved is tried by another kind, later and later, and says why', async () => {
    const kinds: string[] = [];
    directory.proves = (kind) => {
      kinds.push(kind);
      return kinds.length > 4;
    };
    await want(wish('a.example'));
    const began = clock.unixMs();
    const keeper = node();
    await live(keeper, minutes(4));
    const row = await orderRow();
    assert.equal(row.error_code, 'acme-refused');
    assert.match(row.error_text ?? '', /a\.example by http-01: it saw nothing there/);
    assert.deepEqual(await allAcmeChallenges(store.database), []);
    await live(keeper, began + DAY);
    assert.deepEqual(kinds, ['http-01', 'tls-alpn-01', 'dns-01', 'http-01', 'tls-alpn-01']);
    assert.equal((await findCertificate(store.database, 'a.example'))?.source, 'acme');
    assert.deepEqual(
      notes.map(({ outcome }) => outcome),
      ['failed', 'failed', 'failed', 'failed', undefined],
    );
  });

  test('a rate limit is respected to the second', async () => {
    directory.refusing = { code: 'acme-rate-limited', retryAfterMs: 30 * HOUR };
    await want(wish('a.example'));
    const keeper = node();
    let orders = 0;
    directory.asked = (what) => {
      if (what === 'order') orders++;
    };
    // The account is opened before the limit is met.
    directory.refusing = undefined;
    await keeper.look();
    await store.database
      .updateTable('certificate_orders')
      .set({ phase: 'waiting', next_unix_ms: clock.unixMs() })
      .execute();
    directory.refusing = { code: 'acme-rate-limited', retryAfterMs: 30 * HOUR };
    orders = 0;
    await live(keeper, clock.unixMs() + 29 * HOUR);
    assert.equal(orders, 1);
    directory.refusing = undefined;
    await live(keeper, clock.unixMs() + 2 * HOUR);
    assert.ok(await findCertificate(store.database, 'a.example'));
  });

  test('an order goes on where it was when the directory comes back', async () => {
    await want(wish('a.example'));
    directory.slowness = 3;
    const keeper = node();
    for (let i = 0; i < 50 && (await orderRow()).phase !== 'proving'; i++) {
      clock.advance(100);
      await keeper.look();
    }
    directory.refusing = { code: 'acme-unreachable' };
    await live(keeper, minutes(5));
    assert.deepEqual([(await orderRow()).phase, (await orderRow()).failures], ['proving', 0]);
    directory.refusing = undefined;
    await live(keeper, minutes(5));
    assert.ok(await findCertificate(store.database, 'a.example'));
    assert.equal(directory.orders.length, 1);
  });

  test('an order that never ends is given up and begun anew', async () => {
    directory.slowness = 10_000;
    await want(wish('a.example'));
    const keeper = node();
    await live(keeper, minutes(31));
    assert.equal((await orderRow()).error_code, 'order-late');
    directory.slowness = 0;
    await live(keeper, minutes(60));
    assert.ok(await findCertificate(store.database, 'a.example'));
    assert.equal(directory.orders.length, 2);
  });

  test('an account that the directory does not know any more is opened anew', async () => {
    await want(wish('a.example'));
    const keeper = node();
    await live(keeper, minutes(1));
    assert.equal(directory.accounts, 1);
    directory.refusing = { code: 'acme-account-unknown' };
    await want(wish('a.example'), wish('b.example'));
    await keeper.look();
    directory.refusing = undefined;
    await live(keeper, minutes(5));
    assert.equal(directory.accounts, 2);
    assert.ok(await findCertificate(store.database, 'b.example'));
  });

  test('terms that nobody agreed to, and a binding that is missing, are said', async () => {
    directory.directoryFacts = { termsUrl: 'https://directory.example/terms', needsBinding: true, profiles: [] };
    await want(wish('a.example'));
    const keeper = node();
    await keeper.look();
    assert.match((await orderRow()).error_text ?? '', /external account/);
    await store.database.updateTable('acme_settings').set({ terms_agreed: 0 }).execute();
    await updateCertificateOrder(store.database, 'a.example', { next_unix_ms: 0 });
    await keeper.look();
    const row = await orderRow();
    assert.equal(row.error_code, 'acme-account-refused');
    assert.match(row.error_text ?? '', /terms to agree to, https:\/\/directory\.example\/terms/);
  });

  test('what nobody wishes for any more ends, with the answers that PoPs give', async () => {
    await want(wish('a.example'));
    pops.set('pop-2', { epoch: 1, revision: 0 });
    const keeper = node();
    await keeper.look();
    assert.equal((await allAcmeChallenges(store.database)).length, 1);
    await want();
    assert.deepEqual(await allAcmeChallenges(store.database), []);
    await live(keeper, minutes(5));
    assert.equal(await findCertificate(store.database, 'a.example'), undefined);
  });
});

describe('several control nodes', () => {
  const alive = (id: string, seen_unix_ms: number) =>
    store.transaction((transaction) =>
      putControlNode(transaction, {
        ...{
          id,
          signing_key: id,
          url: '',
          software: '',
          started_unix_ms: 1,
          seen_unix_ms,
          portal_host: '',
          public_port: 0,
        },
      }),
    );

  test('one of them orders', async () => {
    await alive('ctl-1', clock.unixMs());
    await alive('ctl-2', clock.unixMs());
    await want(wish('a.example'), wish('b.example'), wish('c.example'));
    const nodes = [node('ctl-1'), node('ctl-2')];
    for (let i = 0; i < 200; i++) {
      await Promise.all(nodes.map((one) => one.look()));
      clock.advance(500);
    }
    assert.equal(directory.orders.length, 3);
    // Two nodes may ask for it at once: to the directory, the key is the account.
    assert.ok(directory.accounts <= 2, `${directory.accounts} accounts`);
    for (const id of ['a.example', 'b.example', 'c.example']) assert.ok(await findCertificate(store.database, id));
  });

  // The directory hears `asked` just before it answers: a node that dies then never learns the answer.
  for (const question of ['openAccount', 'order', 'authorizations', 'ready', 'orderAt', 'finalise', 'certificate']) {
    for (const moment of ['before', 'after'] as const) {
      test(`another goes on where one died ${moment} it asked for ${question}`, async () => {
        await alive('ctl-1', clock.unixMs());
        await want(wish('a.example', { challenges: ['dns-01'] }));
        const first = node('ctl-1');
        const forEver = Promise.withResolvers<never>().promise;
        let died = false;
        const original = directory[question as 'order'].bind(directory);
        const patched = directory as unknown as Record<string, unknown>;
        patched[question] = async (...args: Parameters<typeof original>) => {
          if (died) return original(...args);
          if (moment === 'after') await original(...args);
          died = true;
          return forEver;
        };
        for (let i = 0; !died && i < 200; i++) {
          clock.advance(500);
          await Promise.race([first.look(), until(() => died)]);
        }
        assert.ok(died);
        const at = clock.unixMs();
        await alive('ctl-2', at + 3600_000);
        const second = node('ctl-2');
        let gotUnixMs = 0;
        for (let i = 0; i < 300 && gotUnixMs === 0; i++) {
          clock.advance(500);
          await second.look();
          if (await findCertificate(store.database, 'a.example')) gotUnixMs = clock.unixMs();
        }
        assert.ok(gotUnixMs > 0, 'there is a certificate');
        assert.ok(gotUnixMs - at < 30_000, `after ${gotUnixMs - at} ms`);
        // The order is resumed; only where its place never came to the store there is a second one.
        assert.equal(directory.orders.length, question === 'order' && moment === 'after' ? 2 : 1);
        assert.equal((await orderRow()).phase, 'waiting');
      });
    }
  }
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
