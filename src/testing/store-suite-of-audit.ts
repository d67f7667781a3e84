import assert from 'node:assert/strict';
import { parsePrefix } from '../base/index.ts';
import {
  allAuditSettings,
  auditSettingsOf,
  insertAuditEvents,
  insertOrganisation,
  listAuditEvents,
  listAuditedVisitors,
  putAuditSetting,
} from '../io/store/index.ts';
import { organisationRow, type StoreTest } from './store-rows.ts';

export function runAuditSuite(storeTest: StoreTest): void {
  storeTest('what is audited is said once for each resource, and unsaid', async (store) => {
    await store.transaction(async (transaction) => {
      for (const id of ['org_a', 'org_b']) await insertOrganisation(transaction, organisationRow(id));
      await putAuditSetting(transaction, 'org_a', '', 'all');
      await putAuditSetting(transaction, 'org_a', 'res_1', 'all');
      await putAuditSetting(transaction, 'org_a', 'res_1', 'sampled');
      await putAuditSetting(transaction, 'org_a', 'res_2', 'all');
      await putAuditSetting(transaction, 'org_a', 'res_2', null);
      await putAuditSetting(transaction, 'org_b', 'res_3', 'all');
    });
    const own = (await auditSettingsOf(store.database, 'org_a')).map((row) => `${row.resource_id}=${row.mode}`);
    assert.deepEqual(own, ['=all', 'res_1=sampled']);
    assert.equal((await allAuditSettings(store.database)).length, 3);
  });

  storeTest(
    'audit events are found by every part of a filter, and never those of another organisation',
    async (store) => {
      const event = {
        ...{ id: 'aud_1', unix_ms: 10, source: 'pop_1', actor: 'user:usr_1', action: 'request', subject: 'res_1' },
        ...{ outcome: 'deny', client_address: '::1', detail: '{}', organisation_id: 'org_a', request_id: 'q-1' },
      };
      const other = { ...event, id: 'aud_2', unix_ms: 20, actor: null, subject: 'res_2', request_id: null };
      await insertAuditEvents(store.database, [event, other, { ...event, id: 'aud_3', organisation_id: 'org_b' }]);
      const table: [object, string[]][] = [
        [{}, ['aud_2', 'aud_1']],
        [{ actor: 'user:usr_1' }, ['aud_1']],
        [{ requestId: 'q-1', source: 'pop_1', outcome: 'deny', clientAddress: '::1' }, ['aud_1']],
        [{ subject: 'res_2', action: 'request' }, ['aud_2']],
        [{ sinceUnixMs: 10, untilUnixMs: 20 }, ['aud_1']],
        [{ sinceUnixMs: 11 }, ['aud_2']],
        [{ outcome: 'allow' }, []],
      ];
      const from = (id: string, client_address: string) => ({ ...event, id, client_address, organisation_id: 'org_c' });
      await insertAuditEvents(store.database, [
        ...[
          from('aud_4', '203.0.113.7'),
          from('aud_5', '203.0.114.1'),
          from('aud_6', '2001:db8::1'),
          from('aud_7', ''),
        ],
      ]);
      const blocks: [block: string, ids: string[]][] = [
        ['203.0.113.0/24', ['aud_4']],
        ['203.0.112.0/22', ['aud_5', 'aud_4']],
        ['0.0.0.0/0', ['aud_5', 'aud_4']],
        ['203.0.113.7/32', ['aud_4']],
        ['2001:db8::/33', ['aud_6']],
        ['2001:db8::1/128', ['aud_6']],
        ['::/0', ['aud_6', 'aud_5', 'aud_4']],
        ['10.0.0.0/8', []],
      ];
      for (const [block, ids] of blocks) {
        const { rows } = await listAuditEvents(store.database, 'org_c', false, { clientBlock: parsePrefix(block) });
        assert.deepEqual(
          rows.map(({ id }) => id),
          ids,
          block,
        );
      }
      for (const [filter, ids] of table) {
        const { rows } = await listAuditEvents(store.database, 'org_a', false, filter);
        const found = rows.map(({ id }) => id);
        assert.deepEqual(found, ids, JSON.stringify(filter));
      }
    },
  );

  storeTest(
    'who came without an account is told from the audit, once for each resource, the latest first',
    async (store) => {
      const let_in = {
        ...{ source: 'pop_1', action: 'request', outcome: 'allow', client_address: '::1', detail: '{}' },
        ...{ organisation_id: 'org_a', subject: 'res_1' },
      };
      const rows = [
        ...['guest:ann@example.com', 'guest:ann@example.com', 'credential:crd_1', 'user:usr_1', null].map((actor) => ({
          actor,
        })),
        ...[
          { actor: 'guest:bob@example.com', outcome: 'deny' },
          { actor: 'credential:crd_2', organisation_id: 'org_b' },
        ],
      ].map((row, i) => ({ ...let_in, id: `aud_${i}`, unix_ms: 10 + i, ...row }));
      await insertAuditEvents(store.database, rows);
      const told = (await listAuditedVisitors(store.database, 'org_a', 10, 10)).map(
        ({ actor, subject, firstUnixMs, lastUnixMs }) => `${actor} ${subject} ${firstUnixMs}-${lastUnixMs}`,
      );
      assert.deepEqual(told, ['credential:crd_1 res_1 12-12', 'guest:ann@example.com res_1 10-11']);
      assert.equal((await listAuditedVisitors(store.database, 'org_a', 12, 10)).length, 1);
      assert.equal((await listAuditedVisitors(store.database, 'org_a', 10, 1)).length, 1);
    },
  );
}
