/** What the store must do with credentials, in every dialect. */
import assert from 'node:assert/strict';
import {
  allCredentials,
  credentialsOpening,
  credentialUses,
  deleteCredential,
  deleteResource,
  findCredential,
  insertCredential,
  insertResource,
  listCredentials,
  putCredentialUses,
  type Store,
  setCredentialResources,
} from '../io/store/index.ts';
import { resourceRow } from './store-rows.ts';

export function credentialTests(storeTest: (name: string, run: (store: Store) => Promise<void>) => void): void {
  storeTest('credentials go with what they open, and with the resources that they opened', async (store) => {
    const credential = (id: string, method: 'pin' | 'share-link') => ({
      ...{ id, organisation_id: 'org_1', name: id, method, username: null, secret_hash: 'h', version: 1 },
      ...{ expires_unix_ms: null, maximum_uses: 5, path_prefix: '/a', created_unix_ms: 1, rotated_unix_ms: 1 },
    });
    await store.transaction(async (transaction) => {
      await insertResource(transaction, resourceRow('res_1'));
      await insertResource(transaction, resourceRow('res_2'));
      await insertCredential(transaction, credential('crd_1', 'pin'));
      await insertCredential(transaction, credential('crd_2', 'share-link'));
      await setCredentialResources(transaction, 'crd_1', ['res_1', 'res_2']);
      await setCredentialResources(transaction, 'crd_2', ['res_1']);
      const uses = { version: 1, last_used_unix_ms: 3, attacked_unix_ms: null, granted_uses: 2, granted_tries: '[]' };
      await putCredentialUses(transaction, { credential_id: 'crd_2', uses: 1, ...uses });
      await putCredentialUses(transaction, { credential_id: 'crd_2', uses: 4, ...uses });
    });
    const ids = async (filter: { resourceId?: string; method?: 'pin'; organisationId?: string }) =>
      (await listCredentials(store.database, { organisationId: 'org_1', ...filter }, {})).rows.map(({ id }) => id);
    assert.deepEqual(await ids({}), ['crd_1', 'crd_2']);
    assert.deepEqual(await ids({ organisationId: 'org_2' }), []);
    assert.deepEqual(await ids({ resourceId: 'res_2' }), ['crd_1']);
    assert.deepEqual(await ids({ method: 'pin' }), ['crd_1']);
    assert.equal((await findCredential(store.database, 'org_1', 'crd_2'))?.uses?.uses, 4);
    assert.equal(await findCredential(store.database, 'org_2', 'crd_2'), undefined);
    const opening = await credentialsOpening(store.database, 'pin', ['res_2']);
    assert.deepEqual({ ...opening[0] }, { id: 'crd_1', username: null, resource_id: 'res_2' });
    await store.transaction((transaction) => deleteResource(transaction, 'org_1', 'res_2'));
    assert.deepEqual((await allCredentials(store.database))[0]?.resourceIds, ['res_1']);
    await store.transaction((transaction) => deleteCredential(transaction, 'crd_2'));
    assert.equal(await credentialUses(store.database, 'crd_2'), undefined);
  });
}
