import assert from 'node:assert/strict';
import {
  badConditions,
  deleteBadCondition,
  deleteWebhook,
  enabledWebhooks,
  insertAlertRule,
  insertDelivery,
  insertOrganisation,
  insertRaisedAlert,
  insertWebhook,
  keepNewestDeliveries,
  listDeliveries,
  nextDeliveryUnixMs,
  putBadCondition,
  raisedAlerts,
  type Store,
  takeDueDeliveries,
  updateDelivery,
  type WebhookDeliveriesTable,
} from '../io/store/index.ts';
import { organisationRow, type StoreTest } from './store-rows.ts';

const delivery = (id: string, next_unix_ms: number): WebhookDeliveriesTable => ({
  ...{ id, webhook_id: 'whk_1', organisation_id: 'org_n', type: 'site.offline', body: '{}', state: 'waiting' },
  ...{ tries: 0, next_unix_ms, created_unix_ms: 1, updated_unix_ms: 1, status: null, error: null },
});

export function runNoticeSuite(storeTest: StoreTest): void {
  storeTest(
    'events wait for their webhook, are taken once, and of those that are over the newest stay',
    async (store) => {
      await fill(store);
      const { database } = store;
      assert.equal((await enabledWebhooks(database, 'org_n')).length, 1);
      assert.equal((await enabledWebhooks(database, 'another')).length, 0);
      for (let i = 0; i < 3; i++) assert.ok(await insertDelivery(database, delivery(`msg_${i}`, 10 * i), 3));
      assert.ok(!(await insertDelivery(database, delivery('msg_9', 0), 3)), 'there is no more room');
      assert.equal(await nextDeliveryUnixMs(database), 0);
      const [first, again] = [
        await takeDueDeliveries(database, 10, 500, 9),
        await takeDueDeliveries(database, 10, 500, 9),
      ];
      assert.deepEqual(first.map(({ id, tries }) => [id, Number(tries)]).sort(), [
        ['msg_0', 1],
        ['msg_1', 1],
      ]);
      assert.deepEqual(again, []);
      // Events of another organisation do not wait behind those of one whose receiver does not answer.
      for (let i = 0; i < 3; i++)
        await insertDelivery(database, { ...delivery(`msg_a${i}`, 1), organisation_id: 'org_a' }, 99);
      await insertDelivery(database, { ...delivery('msg_b', 9), organisation_id: 'org_b' }, 99);
      assert.ok((await takeDueDeliveries(database, 10, 500, 2)).some(({ id }) => id === 'msg_b'));
      await database.deleteFrom('webhook_deliveries').where('organisation_id', 'in', ['org_a', 'org_b']).execute();
      for (const { id } of first) await updateDelivery(database, id, { state: 'delivered', status: 204 });
      await keepNewestDeliveries(database, 'whk_1', 1);
      const { rows } = await listDeliveries(database, 'whk_1', {});
      assert.deepEqual(
        rows.map(({ id, state }) => [id, state]),
        [
          ['msg_2', 'waiting'],
          ['msg_1', 'delivered'],
        ],
      );
      await store.transaction((transaction) => deleteWebhook(transaction, 'whk_1'));
      assert.equal(await nextDeliveryUnixMs(database), undefined, 'they go with it');
    },
  );

  storeTest('what is bad is kept once, and takes what was raised for it along', async (store) => {
    await fill(store);
    const bad = { id: 'site org_n s', organisation_id: 'org_n', kind: 'site', subject_id: 's', name: 'S' };
    await store.transaction(async (transaction) => {
      const rule = { id: 'alr_1', organisation_id: 'org_n', name: 'r', kind: 'site', subject_id: null } as const;
      const told = { hold_ms: 1, emails: '[]', webhook_ids: '[]', enabled: 1, created_unix_ms: 1 } as const;
      await insertAlertRule(transaction, { ...rule, ...told });
      for (const isTold of [0, 1] as const)
        await putBadCondition(transaction, { ...bad, reason: 'no-tunnel', since_unix_ms: 5, told: isTold });
      const raised = { id: `alr_1 ${bad.id}`, rule_id: 'alr_1', condition_id: bad.id, raised_unix_ms: 7 };
      await insertRaisedAlert(transaction, raised);
    });
    assert.deepEqual(
      (await badConditions(store.database)).map(({ told, since_unix_ms: since }) => [Number(told), Number(since)]),
      [[1, 5]],
    );
    await store.transaction((transaction) => deleteBadCondition(transaction, bad.id));
    assert.deepEqual([...(await badConditions(store.database)), ...(await raisedAlerts(store.database))], []);
  });
}

async function fill(store: Store): Promise<void> {
  await store.publish(async (transaction) => {
    await insertOrganisation(transaction, organisationRow('org_n'));
    const hook = { id: 'whk_1', organisation_id: 'org_n', name: 'hook', url: 'https://hook.example/', secret: 's' };
    await insertWebhook(transaction, { ...hook, events: '[]', enabled: 1, allow_private: 0, created_unix_ms: 1 });
  });
}
