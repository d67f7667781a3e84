import assert from 'node:assert/strict';
import {
  allNamedLists,
  allOrganisationPolicies,
  deleteNamedList,
  findNamedList,
  findOrganisationPolicy,
  insertOrganisation,
  listNamedLists,
  putNamedList,
  putOrganisationPolicy,
} from '../io/store/index.ts';
import { organisationRow, type StoreTest } from './store-rows.ts';

export function runPolicySuite(storeTest: StoreTest): void {
  storeTest('an organisation has one policy, and lists by name that are its own', async (store) => {
    await store.transaction(async (transaction) => {
      for (const id of ['org_a', 'org_b']) await insertOrganisation(transaction, organisationRow(id));
      for (const policy of ['{"rules":[]}', '{"rules":[1]}'])
        await putOrganisationPolicy(transaction, { organisation_id: 'org_a', policy });
      const list = (organisation_id: string, name: string, text: string) =>
        putNamedList(transaction, { organisation_id, name, list: text, updated_unix_ms: 1 }, 2);
      assert.ok(await list('org_a', 'office', '1'));
      assert.ok(await list('org_a', 'office', '2'));
      assert.ok(await list('org_b', 'office', '3'));
      assert.ok(await list('org_a', 'home', '4'));
      assert.ok(!(await list('org_a', 'third', '5')), 'one too many');
    });
    const { database } = store;
    assert.equal(await findOrganisationPolicy(database, 'org_a'), '{"rules":[1]}');
    assert.equal(await findOrganisationPolicy(database, 'org_b'), undefined);
    assert.equal((await findNamedList(database, 'org_b', 'office'))?.list, '3');
    assert.equal(await findNamedList(database, 'org_b', 'home'), undefined);
    const names = (await listNamedLists(database, 'org_a')).map(({ name, list }) => `${name}=${list}`);
    assert.deepEqual(names, ['home=4', 'office=2', 'third=5']);
    await store.transaction(async (transaction) => {
      assert.equal(await deleteNamedList(transaction, 'org_b', 'home'), false, 'another organisation has it');
      assert.equal(await deleteNamedList(transaction, 'org_a', 'home'), true);
    });
    assert.equal((await allNamedLists(database)).length, 3);
    assert.equal((await allOrganisationPolicies(database)).length, 1);
  });
}
