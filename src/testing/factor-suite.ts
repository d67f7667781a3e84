/** What every dialect of the store must do for factors: what is good for one time is taken once, whoever asks first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countRecoveryCodes,
  deleteEndedProofs,
  deleteFactors,
  findMfaSettings,
  forgetBrowsers,
  insertKnownDevice,
  insertOrganisation,
  insertPasskey,
  insertRememberedBrowser,
  insertTotpKey,
  insertUser,
  type PasskeysTable,
  passkeysOf,
  putMfaSettings,
  putRecoveryCodes,
  readPublishedRows,
  type Store,
  spendProof,
  takeRecoveryCode,
  takeTotpStep,
  totpKeysOf,
  usePasskey,
  useRememberedBrowser,
} from '../io/store/index.ts';
import { organisationRow } from './store-rows.ts';

const passkey: PasskeysTable = {
  ...{ id: 'pky_1', user_id: 'usr_1', name: 'Telephone', credential_id: 'credential', public_key: 'key', counter: 0 },
  ...{ transports: '["internal"]', backed_up: 0, created_unix_ms: 1, last_used_unix_ms: null },
};

async function fill(store: Store): Promise<void> {
  await store.publish(async (transaction) => {
    await insertUser(transaction, {
      ...{ id: 'usr_1', email: 'ada@example.org', name: 'Ada', password_hash: null },
      ...{ disabled: 0, session_epoch: 1, created_unix_ms: 1, installation_admin: 0 },
    });
    await insertTotpKey(transaction, {
      ...{ id: 'otp_1', user_id: 'usr_1', name: 'App', secret: 'S', last_step: 10 },
      ...{ confirmed_unix_ms: 1, created_unix_ms: 1, last_used_unix_ms: null },
    });
    await putRecoveryCodes(transaction, 'usr_1', ['h1', 'h2'], 1);
    await insertPasskey(transaction, passkey);
    await insertRememberedBrowser(transaction, {
      ...{ id: 'rem_1', user_id: 'usr_1', secret_hash: 'secret', client_address: '::1', user_agent: 'x' },
      ...{ created_unix_ms: 1, expires_unix_ms: 100, last_used_unix_ms: 1 },
    });
    await insertKnownDevice(transaction, {
      ...{ id: 'key-1', user_id: 'usr_1', name: 'Laptop', public_key: 'spki', user_agent: 'x', created_unix_ms: 1 },
      ...{ last_used_unix_ms: null, approved_unix_ms: null, approved_by: null },
    });
  });
}

/** @param open a fresh store of one dialect, which is closed by the test. */
export function factorSuite(dialect: string, open: () => Promise<Store>): void {
  const factorTest = (name: string, work: (store: Store) => Promise<void>): void => {
    test(`${dialect}: ${name}`, async () => {
      const store = await open();
      try {
        await fill(store);
        await work(store);
      } finally {
        await store.close();
      }
    });
  };

  factorTest('of two that bring the same code of an authenticator, one has it', async (store) => {
    const take = () => store.transaction((transaction) => takeTotpStep(transaction, 'otp_1', 11, 5));
    assert.deepEqual((await Promise.all([take(), take()])).sort(), [false, true]);
    assert.equal(await store.transaction((transaction) => takeTotpStep(transaction, 'otp_1', 9, 5)), false);
    assert.equal((await totpKeysOf(store.database, 'usr_1'))[0]?.last_step, 11);
  });

  factorTest('a recovery code is good once, for its user', async (store) => {
    const take = (userId: string) => store.transaction((transaction) => takeRecoveryCode(transaction, userId, 'h1', 5));
    assert.equal(await take('usr_2'), false);
    assert.deepEqual((await Promise.all([take('usr_1'), take('usr_1')])).sort(), [false, true]);
    assert.deepEqual(await countRecoveryCodes(store.database, 'usr_1'), { left: 1, of: 2 });
  });

  factorTest('a passkey that counts never counts back', async (store) => {
    const use = (counter: number) =>
      store.transaction((transaction) => usePasskey(transaction, 'pky_1', counter, true, 5));
    const answers: boolean[] = [];
    for (const counter of [0, 0, 7, 7, 6, 0, 8]) answers.push(await use(counter));
    assert.deepEqual(answers, [true, true, true, false, false, false, true]);
  });

  factorTest('what was spent is spent', async (store) => {
    const spend = () => spendProof(store.database, 'one', 50);
    assert.deepEqual((await Promise.all([spend(), spend()])).sort(), [false, true]);
    await deleteEndedProofs(store.database, 50);
    assert.equal(await spend(), true);
  });

  factorTest('a browser is remembered for its user, for its time', async (store) => {
    const use = (userId: string, unixMs: number) => useRememberedBrowser(store.database, userId, 'secret', unixMs);
    assert.deepEqual([await use('usr_1', 99), await use('usr_2', 99), await use('usr_1', 100)], [true, false, false]);
    assert.equal(await store.transaction((transaction) => forgetBrowsers(transaction, 'usr_1', 'rem_1')), 1);
    assert.equal(await use('usr_1', 99), false);
  });

  factorTest('a reset leaves no factor', async (store) => {
    assert.equal(await store.transaction((transaction) => deleteFactors(transaction, 'usr_1')), 2);
    assert.deepEqual([await totpKeysOf(store.database, 'usr_1'), await passkeysOf(store.database, 'usr_1')], [[], []]);
    assert.deepEqual(await countRecoveryCodes(store.database, 'usr_1'), { left: 0, of: 0 });
  });

  factorTest('PoPs are told of passkeys and devices, and of no secret', async (store) => {
    await store.publish(async (transaction) => {
      await insertOrganisation(transaction, organisationRow('org_1'));
      await putMfaSettings(transaction, {
        ...{ organisation_id: 'org_1', required: 1, required_roles: '[]', since_unix_ms: 1, grace_ms: 0 },
        ...{ remember_ms: 1, remembered_counts: 0, email_codes: 1 },
      });
    });
    assert.equal((await findMfaSettings(store.database, 'org_1'))?.required, 1);
    const { factors } = await readPublishedRows(store);
    const [told, ...others] = factors.passkeys.map((row) => ({ ...row }));
    assert.deepEqual(told, { user_id: 'usr_1', credential_id: 'credential', public_key: 'key' });
    assert.equal(others.length, 0);
    assert.deepEqual([...factors.usersWithTotp], ['usr_1']);
    assert.equal(factors.knownDevices[0]?.id, 'key-1');
    assert.deepEqual([factors.settings[0]?.required, factors.settings[0]?.email_codes], [1, 1]);
  });
}
