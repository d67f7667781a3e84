/** What the store must do with captured requests, in every dialect. */
import assert from 'node:assert/strict';
import {
  captureSizes,
  deleteCaptures,
  deleteEndedCaptures,
  deleteResource,
  findCapture,
  insertCaptures,
  insertRequests,
  insertResource,
  listRequests,
  type RequestCapturesTable,
  type Store,
  trimCaptures,
} from '../io/store/index.ts';

const resource = {
  ...{
    id: 'res_1',
    organisation_id: 'org_a',
    name: 'a',
    host: 'a.example',
    enabled: 1 as const,
    policy: '{"rules":[]}',
  },
  ...{
    balancing: 'round-robin' as const,
    sticky: 'none' as const,
    panic_threshold: 0.5,
    provider_id: null,
    http_settings: null,
  },
  ...{ kind: 'http' as const, listen: null, proxy_protocol: null, created_unix_ms: 1 },
} as const;

const row = (i: number, change: Partial<RequestCapturesTable> = {}): RequestCapturesTable => ({
  ...{ id: `req_${i}`, organisation_id: 'org_a', resource_id: 'res_1', pop_id: 'pop_1', unix_ms: i },
  ...{ expires_unix_ms: 1000 + i, size_bytes: 10, sealed: 'x' },
  ...change,
});

export function runCaptureSuite(storeTest: (name: string, body: (store: Store) => Promise<void>) => void): void {
  storeTest('captured requests end by time, number and size, and go with their resource', async (store) => {
    const { database } = store;
    await store.transaction((transaction) => insertResource(transaction, resource));
    await insertCaptures(database, [row(1), row(2), row(3), row(4)]);
    await insertCaptures(database, [row(4, { sealed: 'changed' })]);
    assert.equal((await findCapture(database, 'org_a', 'req_4', 1003))?.sealed, 'x');
    assert.equal(await findCapture(database, 'org_b', 'req_4', 1003), undefined);
    assert.equal(await findCapture(database, 'org_a', 'req_4', 1004), undefined);
    assert.deepEqual(await captureSizes(database, 'res_1', 1001), { entries: 3, bytes: 30 });
    await trimCaptures(database, { resourceId: 'res_1' }, { entries: 3, bytes: 100 });
    assert.deepEqual(await captureSizes(database, 'res_1', 0), { entries: 3, bytes: 30 });
    await trimCaptures(database, { organisationId: 'org_a' }, { bytes: 20 });
    await deleteEndedCaptures(database, 1003);
    assert.deepEqual(await captureSizes(database, 'res_1', 0), { entries: 1, bytes: 10 });
    const logged = {
      ...{ organisation_id: 'org_a', resource_id: 'res_1', pop_id: 'pop_1', unix_ms: 1, method: 'GET', host: 'a' },
      ...{ path: '/', status: 200, outcome: 'allowed', reason: 'x', subject_id: null, subject_name: null },
      ...{ client_address: '::1', country: null, total_ms: 1, detail: '{}' },
    };
    await insertRequests(database, [
      { ...logged, id: 'req_3', request_id: 'c' },
      { ...logged, id: 'req_4', request_id: 'd' },
    ]);
    const found = async (isCaptured: boolean) =>
      (await listRequests(database, 'org_a', { isCaptured })).rows.map(({ id }) => id);
    assert.deepEqual([await found(true), await found(false)], [['req_4'], ['req_3']]);
    await store.transaction(async (transaction) => {
      assert.equal(await deleteCaptures(transaction, 'org_b', 'res_1'), 0);
      await deleteResource(transaction, 'org_a', 'res_1');
    });
    assert.deepEqual(await captureSizes(database, 'res_1', 0), { entries: 0, bytes: 0 });
  });
}
