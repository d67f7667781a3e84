import assert from 'node:assert/strict';
import {
  findRequest,
  insertOrganisation,
  insertRequests,
  listRequests,
  putRequestLogSetting,
  type RequestLogTable,
  requestLogSettingsOf,
  requestLogSizes,
  trimRequests,
} from '../io/store/index.ts';
import { organisationRow, type StoreTest } from './store-rows.ts';

const DAY_MS = 86_400_000;

type Row = Omit<RequestLogTable, 'address_key' | 'size_bytes'>;

const row = (i: number, change: Partial<Row> = {}): Row => ({
  ...{ id: `req_${String(i).padStart(6, '0')}`, organisation_id: 'org_a', resource_id: 'res_1', pop_id: 'pop_1' },
  ...{ request_id: `q-${i}`, unix_ms: i * 1000, method: 'GET', host: 'a.example', path: '/x', status: 200 },
  ...{ outcome: 'allowed', reason: 'authenticated', subject_id: null, subject_name: null, client_address: '::1' },
  ...{ country: null, total_ms: 1.5, detail: '{}' },
  ...change,
});

export function runRequestLogSuite(storeTest: StoreTest): void {
  storeTest('requests of one organisation are nothing to another', async (store) => {
    await insertRequests(store.database, [row(1), row(2, { organisation_id: 'org_b' }), row(3)]);
    await insertRequests(store.database, [row(3, { path: '/changed' })]);
    const { rows } = await listRequests(store.database, 'org_a', {});
    assert.deepEqual(
      rows.map(({ id, path, total_ms }) => [id, path, total_ms]),
      [
        ['req_000003', '/x', 1.5],
        ['req_000001', '/x', 1.5],
      ],
    );
    assert.equal(await findRequest(store.database, 'org_b', 'req_000001'), undefined);
  });

  storeTest('a log is kept for so many days and bytes, and its size is known without counting', async (store) => {
    const days = Array.from({ length: 10 }, (_, day) => row(day, { unix_ms: day * DAY_MS }));
    await insertRequests(store.database, [...days, row(99, { organisation_id: 'org_b', unix_ms: 0 })]);
    const sizes = async () => {
      const own = (await requestLogSizes(store.database)).filter((day) => day.organisation_id === 'org_a');
      return [own.length, own.reduce((sum, day) => sum + day.entries, 0)];
    };
    const each = (await requestLogSizes(store.database))[0]?.size_bytes ?? 0;
    assert.deepEqual(await sizes(), [10, 10]);
    assert.equal(await trimRequests(store.database, 'org_a', { sinceUnixMs: 3 * DAY_MS, bytes: each * 100 }), 3);
    assert.deepEqual(await sizes(), [7, 7]);
    assert.equal(await trimRequests(store.database, 'org_a', { sinceUnixMs: 0, bytes: each * 2.5 }), 5);
    const { rows } = await listRequests(store.database, 'org_a', {});
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['req_000009', 'req_000008'],
    );
    assert.equal((await listRequests(store.database, 'org_b', {})).rows.length, 1);
    assert.equal(await trimRequests(store.database, 'org_a', { sinceUnixMs: 0, bytes: 0 }), 2);
    assert.deepEqual(await sizes(), [0, 0]);
  });

  storeTest('which requests are logged is said once for each resource, and unsaid', async (store) => {
    await store.transaction(async (transaction) => {
      await insertOrganisation(transaction, organisationRow('org_a'));
      const all = { level: 'all', kept_days: 3, kept_bytes: 5 } as const;
      const none = { level: 'none', kept_days: null, kept_bytes: null } as const;
      await putRequestLogSetting(transaction, 'org_a', '', all);
      await putRequestLogSetting(transaction, 'org_a', 'res_1', none);
      await putRequestLogSetting(transaction, 'org_a', 'res_2', none);
      await putRequestLogSetting(transaction, 'org_a', 'res_2', null);
    });
    const rows = await requestLogSettingsOf(store.database, 'org_a');
    assert.deepEqual(
      rows.map(({ resource_id, level }) => `${resource_id}=${level}`),
      ['=all', 'res_1=none'],
    );
  });
}
