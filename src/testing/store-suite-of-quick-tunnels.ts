import assert from 'node:assert/strict';
import {
  deleteQuickTunnel,
  endedQuickTunnels,
  findQuickTunnel,
  findSite,
  insertOrganisation,
  insertQuickTunnel,
  insertSite,
  keepForGood,
  leaseQuickTunnel,
  listQuickTunnels,
  type QuickTunnelsTable,
} from '../io/store/index.ts';
import { organisationRow, type StoreTest } from './store-rows.ts';

const tunnel = (id: string, organisation_id: string, expires: number, lease: number): QuickTunnelsTable => ({
  ...{ id, organisation_id, name: id, site_id: `sit_${id}`, resource_ids: '[]', credential_id: null, kept_urls: '{}' },
  ...{ created_by: 'user:usr_1', created_unix_ms: 1, expires_unix_ms: expires, lease_unix_ms: lease },
});

export function runQuickTunnelSuite(storeTest: StoreTest): void {
  storeTest('a quick tunnel is over when its time is, or when its lease is', async (store) => {
    const rows = [tunnel('q1', 'org_q', 100, 50), tunnel('q2', 'org_q', 60, 90), tunnel('q3', 'org_r', 200, 200)];
    await store.publish(async (transaction) => {
      for (const id of ['org_q', 'org_r']) await insertOrganisation(transaction, organisationRow(id));
      for (const row of rows) {
        const site = { id: row.site_id, organisation_id: row.organisation_id, name: row.id, created_unix_ms: 1 };
        await insertSite(transaction, { ...site, expires_unix_ms: row.expires_unix_ms });
        await insertQuickTunnel(transaction, row);
      }
    });
    const { database } = store;
    const ended = async (unixMs: number) => (await endedQuickTunnels(database, unixMs)).map(({ id }) => id).sort();
    assert.deepEqual(await ended(49), []);
    assert.deepEqual(await ended(60), ['q1', 'q2']);
    await leaseQuickTunnel(database, 'q1', 99);
    assert.deepEqual(await ended(60), ['q2']);
    const { rows: others } = await listQuickTunnels(database, 'org_r', {});
    assert.deepEqual(
      others.map((row) => ({ ...row })),
      [rows[2]],
    );
    assert.equal(await findQuickTunnel(database, 'org_r', 'q1'), undefined, 'another organisation’s');
    await store.publish(async (transaction) => {
      await keepForGood(transaction, 'sit_q1', []);
      assert.ok(await deleteQuickTunnel(transaction, 'q1'));
      assert.ok(!(await deleteQuickTunnel(transaction, 'q1')), 'once');
    });
    assert.equal((await findSite(database, 'org_q', 'sit_q1'))?.expires_unix_ms, null);
  });
}
