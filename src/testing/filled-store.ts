/** A store with a row of every kind that refers to another, for tests of backups and copies. */
import {
  insertAuditEvents,
  insertRevocation,
  insertRole,
  insertSite,
  insertUser,
  type Store,
  setUserRoles,
} from '../io/store/index.ts';

/** Fills it with `count` sites and audit events, and what an installation has. */
export async function fillForTest(store: Store, count: number): Promise<void> {
  await store.publish(async (transaction) => {
    await insertUser(transaction, {
      ...{ id: 'usr_1', email: 'ann@example.org', name: 'Zoë \u2028 "quoted"\n', password_hash: 'h' },
      ...{ disabled: 0, session_epoch: 1, created_unix_ms: 1_764_000_000_000 },
    });
    await insertRole(transaction, { id: 'rol_1', name: 'admin', created_unix_ms: 1 });
    await setUserRoles(transaction, 'usr_1', ['admin']);
    await insertRevocation(transaction, '{"kind":"key"}', 1, 253_402_300_799_000);
    const key = { id: 'root', purpose: 'root' as const, public_key: 'p', private_key: 's', created_unix_ms: 1 };
    await transaction.insertInto('keys').values(key).execute();
    for (let i = 0; i < count; i++) {
      const id = `sit_${String(i).padStart(6, '0')}`;
      await insertSite(transaction, { id, name: `site ${i}`, created_unix_ms: i });
    }
  });
  const event = { source: 'control', action: 'a', subject: null, outcome: 'done', client_address: '::1', detail: '{}' };
  for (let from = 0; from < count; from += 500) {
    const ids = Array.from({ length: Math.min(500, count - from) }, (_, i) => from + i);
    const rows = ids.map((i) => ({ ...event, id: `aud_${i}`, unix_ms: i, actor: i % 2 === 0 ? null : 'user:usr_1' }));
    await insertAuditEvents(store.database, rows);
  }
}
