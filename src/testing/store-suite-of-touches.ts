/** What every dialect must know of rows that were touched. */
import assert from 'node:assert/strict';
import {
  deleteSite,
  insertOrganisation,
  insertResource,
  insertSite,
  insertTarget,
  type Store,
  type TouchCursor,
  touchCursor,
  touchesSince,
  updateResource,
} from '../io/store/index.ts';
import { organisationRow, resourceRow, type StoreTest } from './store-rows.ts';

const cursorOf = (store: Store): Promise<TouchCursor> => store.read(touchCursor);

async function touched(store: Store, from: TouchCursor): Promise<string[]> {
  const touches = await store.read(async (queries) => touchesSince(queries, from, await touchCursor(queries)));
  return (touches ?? []).map(({ noun, id }) => `${noun} ${id}`).sort();
}

const target = {
  ...{ id: 'tgt_1', organisation_id: 'org_1', resource_id: 'res_1', site_id: 'sit_1', scheme: 'http' as const },
  ...{ host: '10.0.0.1', port: 80, host_header: null, tls_server_name: null, tls_verify: 1 as const, priority: 0 },
  ...{ weight: 1, check_settings: null, backend: null, port_count: 1, created_unix_ms: 1 },
};

export function runTouchSuite(storeTest: StoreTest): void {
  storeTest('what is changed is touched, with what goes along, and nothing that was taken back', async (store) => {
    await store.publish(async (transaction) => {
      await insertOrganisation(transaction, organisationRow('org_1'));
      await insertSite(transaction, { id: 'sit_1', organisation_id: 'org_1', name: 'a', created_unix_ms: 1 });
    });
    const start = await cursorOf(store);
    await store.publish(async (transaction) => {
      await insertResource(transaction, resourceRow('res_1'));
      await insertTarget(transaction, target);
    });
    const added = await cursorOf(store);
    assert.deepEqual(await touched(store, start), ['resource res_1', 'site sit_1']);
    await assert.rejects(
      store.publish(async (transaction) => {
        await updateResource(transaction, 'org_1', 'res_1', { name: 'never' });
        throw new Error('taken back');
      }),
    );
    assert.deepEqual(await touched(store, added), []);
    await store.publish((transaction) => updateResource(transaction, 'org_1', 'res_1', { name: 'other' }));
    assert.deepEqual(await touched(store, added), ['resource res_1']);
    const renamed = await cursorOf(store);
    await store.publish((transaction) => deleteSite(transaction, 'org_1', 'sit_1'));
    assert.deepEqual(await touched(store, renamed), ['resource res_1', 'site sit_1'], 'the target went with its site');
  });

  storeTest('what is committed late is touched late, whoever began first', async (store) => {
    await store.publish((transaction) => insertOrganisation(transaction, organisationRow('org_1')));
    const site = (id: string) => ({ id, organisation_id: 'org_1', name: id, created_unix_ms: 1 });
    let cursor = await cursorOf(store);
    const found: string[] = [];
    const reading = (async () => {
      for (let i = 0; i < 20; i++) {
        await store.read(async (queries) => {
          const next = await touchCursor(queries);
          found.push(...((await touchesSince(queries, cursor, next)) ?? []).map(({ id }) => id));
          cursor = next;
        });
      }
    })();
    const ids = Array.from({ length: 12 }, (_, i) => `sit_${i}`);
    // Not by `publish`, under whose lock they would come one after another.
    await Promise.all(ids.map((id) => insertSite(store.database as never, site(id))));
    await reading;
    found.push(...(await touched(store, cursor)).map((text) => text.replace('site ', '')));
    assert.deepEqual(found.sort(), ids.sort(), 'each once');
  });
}
