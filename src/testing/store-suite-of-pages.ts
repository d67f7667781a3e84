import assert from 'node:assert/strict';
import { insertSite, listSites, type PageRequest } from '../io/store/index.ts';
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
}
