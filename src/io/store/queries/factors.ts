import type {
  KnownDevicesTable,
  MfaSettingsTable,
  PasskeysTable,
  RememberedBrowsersTable,
  TotpKeysTable,
} from '../schema-of-factors.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { rowsAmong } from './published-part.ts';
import { SORTED } from './sorted.ts';

export function totpKeysOf(queries: Queries, userId: string): Promise<TotpKeysTable[]> {
  return queries.selectFrom('totp_keys').selectAll().where('user_id', '=', userId).orderBy('id').execute();
}

export async function insertTotpKey(transaction: StoreTransaction, row: TotpKeysTable): Promise<void> {
  await transaction.insertInto('totp_keys').values(row).execute();
}

export async function confirmTotpKey(
  transaction: StoreTransaction,
  id: string,
  unixMs: number,
  name: string,
): Promise<void> {
  await transaction.updateTable('totp_keys').set({ confirmed_unix_ms: unixMs, name }).where('id', '=', id).execute();
}

/** Uses up the codes up to a step; false where that one is used up already. */
export async function takeTotpStep(
  transaction: StoreTransaction,
  id: string,
  step: number,
  unixMs: number,
): Promise<boolean> {
  const taken = await transaction
    .updateTable('totp_keys')
    .set({ last_step: step, last_used_unix_ms: unixMs })
    .where('id', '=', id)
    .where('last_step', '<', step)
    .executeTakeFirst();
  return taken.numUpdatedRows > 0n;
}

export async function deleteTotpKey(transaction: StoreTransaction, userId: string, id: string): Promise<boolean> {
  const gone = transaction.deleteFrom('totp_keys').where('id', '=', id).where('user_id', '=', userId);
  return (await gone.executeTakeFirst()).numDeletedRows > 0n;
}

/** Authenticators that were begun and never confirmed. */
export async function deletePendingTotpKeys(queries: Queries, userId: string): Promise<void> {
  const pending = queries.deleteFrom('totp_keys').where('user_id', '=', userId);
  await pending.where('confirmed_unix_ms', 'is', null).execute();
}

/** A new set in place of the one before. */
export async function putRecoveryCodes(
  transaction: StoreTransaction,
  userId: string,
  hashes: readonly string[],
  unixMs: number,
): Promise<void> {
  await transaction.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
  const row = { user_id: userId, created_unix_ms: unixMs, used_unix_ms: null };
  if (hashes.length > 0)
    await transaction
      .insertInto('recovery_codes')
      .values(hashes.map((code_hash) => ({ ...row, code_hash })))
      .execute();
}

/** Uses a code up; false where there is no such unused one. */
export async function takeRecoveryCode(
  transaction: StoreTransaction,
  userId: string,
  hash: string,
  unixMs: number,
): Promise<boolean> {
  const taken = await transaction
    .updateTable('recovery_codes')
    .set({ used_unix_ms: unixMs })
    .where('code_hash', '=', hash)
    .where('user_id', '=', userId)
    .where('used_unix_ms', 'is', null)
    .executeTakeFirst();
  return taken.numUpdatedRows > 0n;
}

/** How many are left, and of how many. */
export async function countRecoveryCodes(queries: Queries, userId: string): Promise<{ left: number; of: number }> {
  const rows = await queries.selectFrom('recovery_codes').selectAll().where('user_id', '=', userId).execute();
  return { left: rows.filter((row) => row.used_unix_ms === null).length, of: rows.length };
}

export function passkeysOf(queries: Queries, userId: string): Promise<PasskeysTable[]> {
  return queries.selectFrom('passkeys').selectAll().where('user_id', '=', userId).orderBy('id').execute();
}

export function findPasskey(queries: Queries, credentialId: string): Promise<PasskeysTable | undefined> {
  return queries.selectFrom('passkeys').selectAll().where('credential_id', '=', credentialId).executeTakeFirst();
}

export async function insertPasskey(transaction: StoreTransaction, row: PasskeysTable): Promise<void> {
  await transaction.insertInto('passkeys').values(row).execute();
}

/** Notes a use; false where the counter went back, as that of a copied key does. */
export async function usePasskey(
  transaction: StoreTransaction,
  id: string,
  counter: number,
  backedUp: boolean,
  unixMs: number,
): Promise<boolean> {
  let used = transaction
    .updateTable('passkeys')
    .set({ counter, last_used_unix_ms: unixMs, backed_up: backedUp ? 1 : 0 })
    .where('id', '=', id);
  // A key that does not count says 0 for ever.
  used = counter === 0 ? used.where('counter', '=', 0) : used.where('counter', '<', counter);
  return (await used.executeTakeFirst()).numUpdatedRows > 0n;
}

export async function renamePasskey(
  transaction: StoreTransaction,
  userId: string,
  id: string,
  name: string,
): Promise<boolean> {
  const renamed = transaction.updateTable('passkeys').set({ name }).where('id', '=', id).where('user_id', '=', userId);
  return (await renamed.executeTakeFirst()).numUpdatedRows > 0n;
}

export async function deletePasskey(transaction: StoreTransaction, userId: string, id: string): Promise<boolean> {
  const gone = transaction.deleteFrom('passkeys').where('id', '=', id).where('user_id', '=', userId);
  return (await gone.executeTakeFirst()).numDeletedRows > 0n;
}

export function rememberedBrowsersOf(
  queries: Queries,
  userId: string,
  unixMs: number,
): Promise<RememberedBrowsersTable[]> {
  const rows = queries.selectFrom('remembered_browsers').selectAll().where('user_id', '=', userId);
  return rows.where('expires_unix_ms', '>', unixMs).orderBy('id').execute();
}

export async function insertRememberedBrowser(
  transaction: StoreTransaction,
  row: RememberedBrowsersTable,
): Promise<void> {
  await transaction.insertInto('remembered_browsers').values(row).execute();
}

/** Whether this user is remembered by the secret; notes the use. */
export async function useRememberedBrowser(
  queries: Queries,
  userId: string,
  secretHash: string,
  unixMs: number,
): Promise<boolean> {
  const used = await queries
    .updateTable('remembered_browsers')
    .set({ last_used_unix_ms: unixMs })
    .where('secret_hash', '=', secretHash)
    .where('user_id', '=', userId)
    .where('expires_unix_ms', '>', unixMs)
    .executeTakeFirst();
  return used.numUpdatedRows > 0n;
}

/** Forgets one of a user's, or all. */
export async function forgetBrowsers(transaction: StoreTransaction, userId: string, id?: string): Promise<number> {
  let gone = transaction.deleteFrom('remembered_browsers').where('user_id', '=', userId);
  if (id !== undefined) gone = gone.where('id', '=', id);
  return Number((await gone.executeTakeFirst()).numDeletedRows);
}

export function knownDevicesOf(queries: Queries, userId: string): Promise<KnownDevicesTable[]> {
  return queries.selectFrom('known_devices').selectAll().where('user_id', '=', userId).orderBy('id').execute();
}

/** Of the members of an organisation. */
export function listKnownDevices(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<KnownDevicesTable>> {
  const members = queries.selectFrom('memberships').select('user_id').where('organisation_id', '=', organisationId);
  return readPage(queries.selectFrom('known_devices').selectAll().where('user_id', 'in', members), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
}

export function findKnownDevice(queries: Queries, id: string): Promise<KnownDevicesTable | undefined> {
  return queries.selectFrom('known_devices').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertKnownDevice(transaction: StoreTransaction, row: KnownDevicesTable): Promise<void> {
  await transaction.insertInto('known_devices').values(row).execute();
}

export async function updateKnownDevice(
  queries: Queries,
  id: string,
  change: Partial<Pick<KnownDevicesTable, 'last_used_unix_ms' | 'approved_unix_ms' | 'approved_by'>>,
): Promise<void> {
  await queries.updateTable('known_devices').set(change).where('id', '=', id).execute();
}

export async function deleteKnownDevice(transaction: StoreTransaction, id: string): Promise<boolean> {
  return (await transaction.deleteFrom('known_devices').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

export async function deleteKnownDevicesOf(transaction: StoreTransaction, userId: string): Promise<void> {
  await transaction.deleteFrom('known_devices').where('user_id', '=', userId).execute();
}

/** Takes every factor from a user, and forgets their browsers; how many authenticators and passkeys there were. */
export async function deleteFactors(transaction: StoreTransaction, userId: string): Promise<number> {
  const totp = await transaction.deleteFrom('totp_keys').where('user_id', '=', userId).executeTakeFirst();
  const passkeys = await transaction.deleteFrom('passkeys').where('user_id', '=', userId).executeTakeFirst();
  await transaction.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
  await forgetBrowsers(transaction, userId);
  return Number(totp.numDeletedRows + passkeys.numDeletedRows);
}

export function findMfaSettings(queries: Queries, organisationId: string): Promise<MfaSettingsTable | undefined> {
  const rows = queries.selectFrom('mfa_settings').selectAll();
  return rows.where('organisation_id', '=', organisationId).executeTakeFirst();
}

export async function putMfaSettings(transaction: StoreTransaction, row: MfaSettingsTable): Promise<void> {
  await transaction.deleteFrom('mfa_settings').where('organisation_id', '=', row.organisation_id).execute();
  await transaction.insertInto('mfa_settings').values(row).execute();
}

/** Uses up what is good for one time; false where it was used before. One statement, so of two that race one loses. */
export async function spendProof(queries: Queries, id: string, untilUnixMs: number): Promise<boolean> {
  const spent = await queries
    .insertInto('spent_proofs')
    .values({ id, until_unix_ms: Math.round(untilUnixMs) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return (spent.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** What nobody can use any more. */
export async function deleteEndedProofs(queries: Queries, unixMs: number): Promise<void> {
  await queries.deleteFrom('spent_proofs').where('until_unix_ms', '<=', Math.round(unixMs)).execute();
  await queries.deleteFrom('remembered_browsers').where('expires_unix_ms', '<=', Math.round(unixMs)).execute();
}

/** What PoPs are told of factors. */
export interface PublishedFactors {
  readonly passkeys: readonly Pick<PasskeysTable, 'user_id' | 'credential_id' | 'public_key'>[];
  readonly usersWithTotp: ReadonlySet<string>;
  readonly knownDevices: readonly Pick<KnownDevicesTable, 'id' | 'user_id' | 'public_key' | 'approved_unix_ms'>[];
  readonly settings: readonly MfaSettingsTable[];
}

/** Of all, or of these users and with these devices. */
export async function publishedFactors(
  queries: Queries,
  userIds?: readonly string[],
  deviceIds?: readonly string[],
): Promise<PublishedFactors> {
  const totp = queries.selectFrom('totp_keys').select('user_id').where('confirmed_unix_ms', 'is not', null);
  const passkeys = queries.selectFrom('passkeys').select(['user_id', 'credential_id', 'public_key']).orderBy('id');
  const devices = queries
    .selectFrom('known_devices')
    .select(['id', 'user_id', 'public_key', 'approved_unix_ms'])
    .orderBy('id');
  return {
    passkeys: await rowsAmong(passkeys, 'user_id', userIds),
    usersWithTotp: new Set((await rowsAmong(totp, 'user_id', userIds)).map((row) => row.user_id)),
    knownDevices: await rowsAmong(devices, 'id', deviceIds),
    settings: await queries.selectFrom('mfa_settings').selectAll().orderBy('organisation_id').execute(),
  };
}
