import assert from 'node:assert/strict';
import {
  deleteSite,
  insertDnsProvider,
  insertOrganisation,
  insertSite,
  listSites,
  type PageRequest,
  type Store,
} from '../io/store/index.ts';
import type { StoreTest } from './store-rows.ts';

const NAMES = ['Main office', 'office in Ülm', '100% pure', '100 pure', 'under_score', 'underscore', 'back\\slash'];

const FOUND: readonly (readonly [request: PageRequest, ids: readonly string[]])[] = [
  [{ q: 'OFFICE' }, ['s0', 's1']],
  [{ q: 'ice main' }, ['s0']],
  [{ q: 'office nowhere' }, []],
  [{ q: '  ' }, ['s0', 's1', 's2', 's3', 's4', 's5', 's6']],
  [{ q: 'Ülm' }, ['s1']],
  [{ q: '100%' }, ['s2']],
  [{ q: 'under_s' }, ['s4']],
  [{ q: 'k\\s' }, ['s6']],
  [{ q: "' or 1=1 --" }, []],
  [{ ids: ['s5', 's2', 'of-another', 'none'] }, ['s2', 's5']],
  [{ ids: ['s0', 's2'], q: 'office' }, ['s0']],
];

export function runPageSuite(storeTest: StoreTest): void {
  storeTest('a list is searched by words and by ids, and counted over all of its pages', async (store) => {
    await store.transaction(async (transaction) => {
      const row = { organisation_id: 'org_1', created_unix_ms: 1 };
      for (const [i, name] of NAMES.entries()) await insertSite(transaction, { ...row, id: `s${i}`, name });
      await insertSite(transaction, { ...row, organisation_id: 'org_2', id: 'of-another', name: 'Other office' });
    });
    for (const [request, ids] of FOUND) {
      const page = await listSites(store.database, 'org_1', { ...request, count: true });
      const said = JSON.stringify(request);
      assert.deepEqual(
        page.rows.map(({ id }) => id),
        ids,
        said,
      );
      assert.equal(page.count, ids.length, said);
    }
    const page = await listSites(store.database, 'org_1', { q: 'office', limit: 1, count: true });
    assert.equal(page.count, 2);
    const last = await listSites(store.database, 'org_1', { q: 'office', limit: 1, count: true, after: 's0' });
    assert.deepEqual([last.rows[0]?.id, last.count, last.next], ['s1', 2, null]);
    assert.ok(!('count' in (await listSites(store.database, 'org_1', {}))));
  });

  storeTest('a list is sorted by names as people read them, page after page, and back again', async (store) => {
    await store.transaction(async (transaction) => {
      const row = { organisation_id: 'org_1', created_unix_ms: 1 };
      for (const [i, name] of UNSORTED.entries()) await insertSite(transaction, { ...row, id: `s${i}`, name });
      await insertSite(transaction, { ...row, organisation_id: 'org_2', id: 'of-another', name: 'b' });
    });
    const sorted = ['', ...'A a b B c Ä é 漢'.split(' ')];
    for (const limit of [1, 2, 100]) {
      assert.deepEqual(await namesOf(store, { sort: 'name', limit }), sorted, `${limit} at once`);
      assert.deepEqual(await namesOf(store, { sort: '-name', limit }), sorted.toReversed(), `${limit} at once`);
      assert.deepEqual(await namesOf(store, { sort: '-created', limit }), UNSORTED.toReversed());
    }
    assert.deepEqual(await namesOf(store, { sort: 'name', limit: 1, q: 'b' }), ['b', 'B']);
  });

  storeTest('a page that follows a row is there when the row is not any more', async (store) => {
    await store.transaction(async (transaction) => {
      const row = { organisation_id: 'org_1', created_unix_ms: 1 };
      for (const name of ['c', 'b', 'a']) await insertSite(transaction, { ...row, id: `s-${name}`, name });
    });
    const first = await listSites(store.database, 'org_1', { sort: 'name', limit: 2 });
    await store.transaction((transaction) => deleteSite(transaction, 'org_1', 's-b'));
    const next = await listSites(store.database, 'org_1', { sort: 'name', after: first.next ?? '' });
    assert.deepEqual(
      next.rows.map(({ name }) => name),
      ['c'],
    );
    for (const after of ['s-b', 'W10', 'bnVsbA', '%', Buffer.from('["\\u0000","x"]').toString('base64url')])
      await assert.rejects(listSites(store.database, 'org_1', { sort: 'name', after }), {
        code: 'store-cursor-invalid',
      });
  });

  storeTest('a key within an organisation is told by what differs, in words without a table', async (store) => {
    const lifetimes = { session_idle_ms: 1, session_absolute_ms: 2, staleness_ms: 3, created_unix_ms: 1 };
    const zone = { dns_zone: null, certificate_issuers: '[]', domains: '[]' };
    await store.publish((transaction) =>
      insertOrganisation(transaction, { id: 'org_1', name: 'Northwind', ...lifetimes, ...zone }),
    );
    const row = { organisation_id: 'org_1', kind: 'cloudflare', secret: 'x', settings: '{}', created_unix_ms: 1 };
    const add = (id: string) =>
      store.transaction((transaction) => insertDnsProvider(transaction, { ...row, id, name: 'zone' }));
    await add('dnp_1');
    await assert.rejects(add('dnp_2'), {
      ...{ code: 'store-conflict', constraint: 'dns_providers.name' },
      message: 'there is another one with the same name already',
    });
  });
}

const UNSORTED = ['b', 'é', 'A', '漢', 'c', 'Ä', '', 'a', 'B'];

async function namesOf(store: Store, request: PageRequest): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await listSites(store.database, 'org_1', { ...request, after });
    names.push(...page.rows.map(({ name }) => name));
    after = page.next;
  }
  return names;
}
