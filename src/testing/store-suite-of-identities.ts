import assert from 'node:assert/strict';
import {
  deleteIdentityProvider,
  findIdentity,
  findIdentityProvider,
  type IdentitiesTable,
  identitiesOf,
  insertIdentity,
  insertIdentityProvider,
  insertOrganisation,
  insertPortalSession,
  insertUser,
  revokeProviderSessions,
  type Store,
} from '../io/store/index.ts';
import { organisationRow, type StoreTest } from './store-rows.ts';

const provider = (id: string) => ({
  ...{ id, organisation_id: 'org_1', name: id, enabled: 1 as const, client_id: 'c', client_secret: null },
  ...{ settings: '{}', created_unix_ms: 1 },
});
const identity = (subject: string, user_id: string): IdentitiesTable => ({
  ...{ provider_id: 'idp_1', subject, user_id, email: null, provided: '[]' },
  ...{ created_unix_ms: 1, seen_unix_ms: 1 },
});

async function fill(store: Store): Promise<void> {
  await store.transaction(async (transaction) => {
    for (const id of ['usr_1', 'usr_2']) {
      const named = { id, email: `${id}@example.org`, name: id, password_hash: null };
      await insertUser(transaction, {
        ...named,
        ...{ disabled: 0, session_epoch: 1, created_unix_ms: 1, installation_admin: 0 },
      });
    }
    await insertOrganisation(transaction, organisationRow('org_1'));
    await insertIdentityProvider(transaction, provider('idp_1'));
  });
}

export function runIdentitySuite(storeTest: StoreTest): void {
  storeTest('an identity belongs to one user, and goes with its provider', async (store) => {
    await fill(store);
    const { database } = store;
    await store.transaction((transaction) => insertIdentity(transaction, identity('s1', 'usr_1')));
    const again = store.transaction((transaction) => insertIdentity(transaction, identity('s1', 'usr_2')));
    await assert.rejects(again, { code: 'store-conflict' });
    assert.equal((await findIdentity(database, 'idp_1', 's1'))?.user_id, 'usr_1');
    assert.equal(await findIdentityProvider(database, 'org_2', 'idp_1'), undefined, "another organisation's");
    await store.transaction((transaction) => deleteIdentityProvider(transaction, 'idp_1'));
    assert.deepEqual(await identitiesOf(database, 'usr_1'), []);
  });

  storeTest('sessions that came through a provider end by its session, by user, or all', async (store) => {
    await fill(store);
    const session = (id: string, user_id: string, provider_sid: string | null) =>
      insertPortalSession(store.database, {
        ...{ id, user_id, created_unix_ms: 1, expires_unix_ms: 9, client_address: '', user_agent: '', pop_id: null },
        ...{ revoked_unix_ms: null, provider_id: 'idp_1', provider_sid },
      });
    for (const [id, user, sid] of [
      ['a', 'usr_1', 'one'],
      ['b', 'usr_1', 'two'],
      ['c', 'usr_2', null],
    ] as const)
      await session(id, user, sid);
    const end = async (of: { sid?: string; userId?: string }) =>
      (await store.transaction((transaction) => revokeProviderSessions(transaction, 'idp_1', of, 5))).map(
        ({ id }) => id,
      );
    assert.deepEqual(await end({ sid: 'one' }), ['a']);
    assert.deepEqual(await end({ userId: 'usr_1' }), ['b']);
    assert.deepEqual(await end({}), ['c']);
    assert.deepEqual(await end({}), []);
  });
}
