import assert from 'node:assert/strict';
import {
  allDomains,
  type DomainsTable,
  deleteDomain,
  domainChecksOf,
  findDomain,
  insertDomain,
  insertOrganisation,
  putDomainCheck,
  updateDomain,
} from '../io/store/index.ts';
import { organisationRow, type StoreTest } from './store-rows.ts';

const domain = (id: string, organisation_id: string): DomainsTable => ({
  ...{ id, organisation_id, name: 'example.com', mode: 'cname', certificate: 'acme', challenge: null },
  ...{ dns_provider_id: null, own_certificate_id: null, proof_token: id, state: 'waiting', state_since_unix_ms: 1 },
  ...{ reason: '', verified_unix_ms: null, checked_unix_ms: null, hsts: null, created_unix_ms: 1 },
});

export function runDomainSuite(storeTest: StoreTest): void {
  storeTest('a domain is an organisation’s, and what places saw of it goes with it', async (store) => {
    await store.publish(async (transaction) => {
      for (const id of ['org_1', 'org_2']) {
        await insertOrganisation(transaction, organisationRow(id));
        await insertDomain(transaction, domain(`dom_${id}`, id));
      }
      await updateDomain(transaction, 'dom_org_1', { state: 'verified', verified_unix_ms: 5 });
    });
    const { database } = store;
    assert.equal((await findDomain(database, 'org_1', 'dom_org_1'))?.verified_unix_ms, 5);
    assert.equal(await findDomain(database, 'org_1', 'dom_org_2'), undefined);
    await assert.rejects(store.publish((transaction) => insertDomain(transaction, domain('dom_3', 'org_1'))));
    for (const unixMs of [7, 9])
      await putDomainCheck(database, {
        ...{ domain_id: 'dom_org_1', observer: 'control', checked_unix_ms: unixMs, answers: '[]' },
      });
    assert.deepEqual(
      (await domainChecksOf(database, ['dom_org_1', 'dom_org_2'])).map((row) => row.checked_unix_ms),
      [9],
    );
    await store.publish(async (transaction) => {
      assert.ok(!(await deleteDomain(transaction, 'org_2', 'dom_org_1')), 'another organisation’s');
      assert.ok(await deleteDomain(transaction, 'org_1', 'dom_org_1'));
    });
    assert.deepEqual(
      (await allDomains(database)).map(({ id }) => id),
      ['dom_org_2'],
    );
    assert.deepEqual(await domainChecksOf(database, ['dom_org_1']), []);
  });
}
