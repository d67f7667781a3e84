import assert from 'node:assert/strict';
import {
  type AcmeChallengesTable,
  acmeChallengesOf,
  addAcmeAccount,
  type CertificateOrdersTable,
  deleteCertificateOrder,
  dueCertificateOrders,
  findAcmeAccount,
  findCertificate,
  insertAcmeChallenges,
  insertCertificateOrder,
  nextCertificateOrderUnixMs,
  putCertificate,
  readPublishedRows,
  setAcmeAccountUrl,
  updateCertificateOrder,
} from '../io/store/index.ts';
import type { StoreTest } from './store-rows.ts';

const order = (id: string, next_unix_ms: number): CertificateOrdersTable => ({
  ...{ id, wish: '{}', phase: 'waiting', directory_url: 'd', order_url: null, key_pem: null },
  ...{ published_epoch: null, published_revision: null, started_unix_ms: null, next_unix_ms, renew_unix_ms: 0 },
  ...{ renewal: null, failures: 0, proved_by: null, error_code: null, error_text: null, error_unix_ms: null },
});
const challenge = (id: string, certificate_id: string): AcmeChallengesTable => ({
  ...{ id, certificate_id, kind: 'http-01', name: 'a.example', token: 't', proof: 't.p', url: 'u' },
  ...{ certificate: null, record_name: null, dns_provider_id: null },
});

export function runCertificateSuite(storeTest: StoreTest): void {
  storeTest('orders are found when they are due, and go with their challenges', async (store) => {
    assert.equal(await nextCertificateOrderUnixMs(store.database), undefined);
    for (const [id, next] of [
      ['b.example', 20],
      ['a.example', 10],
      ['c.example', 90],
    ] as const)
      await insertCertificateOrder(store.database, order(id, next));
    assert.equal(await nextCertificateOrderUnixMs(store.database), 10);
    const due = async (atMs: number, limit: number) =>
      (await dueCertificateOrders(store.database, atMs, limit)).map(({ id }) => id);
    assert.deepEqual(await due(50, 9), ['a.example', 'b.example']);
    assert.deepEqual(await due(50, 1), ['a.example']);
    assert.ok(await updateCertificateOrder(store.database, 'a.example', { next_unix_ms: 60, phase: 'ordered' }));
    assert.deepEqual(await due(50, 9), ['b.example']);
    await store.publish((transaction) =>
      insertAcmeChallenges(transaction, [challenge('1', 'a.example'), challenge('2', 'b.example')]),
    );
    assert.deepEqual(
      (await readPublishedRows(store)).acmeChallenges.map(({ id }) => id),
      ['1', '2'],
    );
    await store.transaction((transaction) => deleteCertificateOrder(transaction, 'a.example'));
    assert.deepEqual(await acmeChallengesOf(store.database, 'a.example'), []);
    assert.equal((await acmeChallengesOf(store.database, 'b.example')).length, 1);
    assert.ok(!(await updateCertificateOrder(store.database, 'a.example', { failures: 1 })), 'it is gone');
  });

  storeTest('of two nodes that make an account together, the first one’s counts', async (store) => {
    const account = (key_pem: string) => ({ id: 'https://ca.example/dir', key_pem, url: null, created_unix_ms: 1 });
    const both = await Promise.all(['one', 'two'].map((key) => addAcmeAccount(store.database, account(key))));
    assert.equal(both[0]?.key_pem, both[1]?.key_pem);
    await setAcmeAccountUrl(store.database, account('').id, 'https://ca.example/1');
    assert.equal((await findAcmeAccount(store.database, account('').id))?.url, 'https://ca.example/1');
  });

  storeTest('a certificate replaces the one with its id, whatever its source', async (store) => {
    const row = { id: 'a.example', hosts: '["a.example"]', chain_pem: 'c', key_pem: 'k', not_before_unix_ms: 1 };
    for (const source of ['local', 'acme'] as const)
      await store.publish((transaction) => putCertificate(transaction, { ...row, not_after_unix_ms: 2, source }));
    assert.equal((await findCertificate(store.database, 'a.example'))?.source, 'acme');
  });
}
