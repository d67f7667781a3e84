import assert from 'node:assert/strict';
import {
  type EmailCodesTable,
  findEmailCode,
  findPasswordReset,
  insertMail,
  insertUser,
  nextMailUnixMs,
  putEmailCode,
  putOffMail,
  putPasswordReset,
  spendEmailCode,
  spendPasswordReset,
  takeDueMails,
} from '../io/store/index.ts';
import type { StoreTest } from './store-rows.ts';

const mail = (id: string, next_unix_ms: number) => ({
  ...{ id, organisation_id: 'org_1', purpose: 'code', recipient: 'ada@example.org', contents: 'x' },
  ...{ created_unix_ms: 1, next_unix_ms, expires_unix_ms: 1_000_000, tries: 0 },
});
const code = (id: string, purpose: string): EmailCodesTable => ({
  ...{ id, organisation_id: 'org_1', purpose, email: 'ada@example.org', user_id: 'usr_1', resource_id: null },
  ...{ browser_hash: 'b', code_mac: 'm', expires_unix_ms: 100 },
});

export function runMailSuite(storeTest: StoreTest): void {
  storeTest('mails that are due are taken once each, the one that waits longest first', async (store) => {
    for (const [id, next] of [
      ['mai_1', 30],
      ['mai_2', 10],
      ['mai_3', 20],
      ['mai_4', 99],
    ] as const)
      assert.ok(await insertMail(store.database, mail(id, next), 4));
    assert.ok(!(await insertMail(store.database, mail('mai_5', 1), 4)), 'the queue is full');
    assert.equal(await nextMailUnixMs(store.database), 10);
    const taken = await takeDueMails(store.database, 50, 500, 2);
    assert.deepEqual(taken.map(({ id, tries }) => [id, tries]).sort(), [
      ['mai_2', 1],
      ['mai_3', 1],
    ]);
    const both = await Promise.all([1, 2].map(() => takeDueMails(store.database, 50, 500, 2)));
    assert.deepEqual(
      both.flat().map(({ id }) => id),
      ['mai_1'],
    );
    await putOffMail(store.database, 'mai_1', 40);
    assert.equal((await takeDueMails(store.database, 50, 500, 2))[0]?.tries, 2);
  });

  storeTest('an address has one code for a purpose, which is spent once', async (store) => {
    await store.transaction(async (transaction) => {
      const named = { id: 'usr_1', email: 'ada@example.org', name: 'Ada', password_hash: null };
      await insertUser(transaction, {
        ...named,
        disabled: 0,
        session_epoch: 1,
        created_unix_ms: 1,
        installation_admin: 0,
      });
    });
    const put = (row: EmailCodesTable) => store.transaction((transaction) => putEmailCode(transaction, row));
    for (const row of [code('a', 'sign-in'), code('b', 'sign-in'), code('c', 'guest:res_1')])
      await put({ ...row, user_id: row.id === 'c' ? null : 'usr_1' });
    const found = await Promise.all(['a', 'b', 'c'].map((id) => findEmailCode(store.database, id)));
    assert.deepEqual(
      found.map((row) => row?.id),
      [undefined, 'b', 'c'],
    );
    const spent = await Promise.all([1, 2, 3].map(() => spendEmailCode(store.database, 'b')));
    assert.equal(spent.filter(Boolean).length, 1);
    const reset = (token_hash: string) => ({ token_hash, user_id: 'usr_1', expires_unix_ms: 100 });
    await store.transaction((transaction) => putPasswordReset(transaction, reset('one')));
    await store.transaction((transaction) => putPasswordReset(transaction, reset('two')));
    assert.equal(await findPasswordReset(store.database, 'one', 50), undefined, 'a newer link replaced it');
    assert.equal(await findPasswordReset(store.database, 'two', 100), undefined, 'it has ended');
    assert.equal((await findPasswordReset(store.database, 'two', 99))?.user_id, 'usr_1');
    assert.ok(await store.transaction((transaction) => spendPasswordReset(transaction, 'two')));
    assert.ok(!(await store.transaction((transaction) => spendPasswordReset(transaction, 'two'))));
  });
}
