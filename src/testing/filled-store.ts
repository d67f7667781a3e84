/** A store with a row of every kind that refers to another, for tests of backups and copies. */
import {
  addGroupMember,
  insertAuditEvents,
  insertGroup,
  insertOrganisation,
  insertRevocation,
  insertRole,
  insertSite,
  insertUser,
  putMembership,
  putNamedList,
  putOrganisationPolicy,
  type Store,
  setGroupRoles,
  setUserRoles,
} from '../io/store/index.ts';
import { organisationRow } from './store-rows.ts';

/** Fills it with `count` sites and audit events, and what an installation has. */
export async function fillForTest(store: Store, count: number): Promise<void> {
  await store.publish(async (transaction) => {
    await insertOrganisation(transaction, organisationRow('org_1', { name: 'Northwind' }));
    await insertUser(transaction, {
      ...{ id: 'usr_1', email: 'ann@example.org', name: 'Zoë \u2028 "quoted"\n', password_hash: 'h' },
      ...{ disabled: 0, session_epoch: 1, created_unix_ms: 1_764_000_000_000, installation_admin: 1 },
    });
    const role = { id: 'rol_1', organisation_id: 'org_1', name: 'admin', created_unix_ms: 1 };
    await insertRole(transaction, { ...role, built_in: 'admin', permissions: '[]' });
    await putMembership(transaction, { organisation_id: 'org_1', user_id: 'usr_1', created_unix_ms: 1 });
    await setUserRoles(transaction, 'org_1', 'usr_1', ['admin']);
    await insertGroup(transaction, { id: 'grp_1', organisation_id: 'org_1', name: 'staff', created_unix_ms: 1 });
    await addGroupMember(transaction, 'grp_1', 'usr_1');
    await setGroupRoles(transaction, 'grp_1', ['rol_1']);
    await putOrganisationPolicy(transaction, { organisation_id: 'org_1', policy: '{"rules":[]}' });
    const list = { organisation_id: 'org_1', name: 'office', list: '{}', updated_unix_ms: 1 };
    await putNamedList(transaction, list, 1);
    await insertRevocation(transaction, '{"kind":"key"}', 1, 253_402_300_799_000);
    const key = { id: 'root', purpose: 'root' as const, public_key: 'p', private_key: 's', created_unix_ms: 1 };
    await transaction.insertInto('keys').values(key).execute();
    for (let i = 0; i < count; i++) {
      const id = `sit_${String(i).padStart(6, '0')}`;
      await insertSite(transaction, { organisation_id: 'org_1', id, name: `site ${i}`, created_unix_ms: i });
    }
  });
  const event = { source: 'control', action: 'a', subject: null, outcome: 'done', client_address: '::1', detail: '{}' };
  const inOrganisation = { organisation_id: 'org_1' };
  for (let from = 0; from < count; from += 500) {
    const ids = Array.from({ length: Math.min(500, count - from) }, (_, i) => from + i);
    const rows = ids.map((i) => ({
      ...event,
      ...inOrganisation,
      id: `aud_${i}`,
      unix_ms: i,
      actor: i % 2 === 0 ? null : 'user:usr_1',
    }));
    await insertAuditEvents(store.database, rows);
  }
}
