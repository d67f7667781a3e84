import type { EmailCodesTable, MailSettingsTable, MailsTable, PasswordResetsTable } from '../schema-of-mail.ts';
import type { Queries, StoreTransaction } from '../store.ts';

export function findMailSettings(queries: Queries, organisationId: string): Promise<MailSettingsTable | undefined> {
  return queries
    .selectFrom('mail_settings')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst();
}

export async function putMailSettings(transaction: StoreTransaction, row: MailSettingsTable): Promise<void> {
  await deleteMailSettings(transaction, row.organisation_id);
  await transaction.insertInto('mail_settings').values(row).execute();
}

export async function deleteMailSettings(transaction: StoreTransaction, organisationId: string): Promise<boolean> {
  const deleted = transaction.deleteFrom('mail_settings').where('organisation_id', '=', organisationId);
  return (await deleted.executeTakeFirst()).numDeletedRows > 0n;
}

/** Puts a mail into the queue. False where the queue holds `most` already. */
export async function insertMail(queries: Queries, row: MailsTable, most: number): Promise<boolean> {
  const { waiting } = await queries
    .selectFrom('mails')
    .select((row) => row.fn.countAll<number>().as('waiting'))
    .executeTakeFirstOrThrow();
  if (Number(waiting) >= most) return false;
  await queries.insertInto('mails').values(row).execute();
  return true;
}

/**
 * Takes up to `most` mails that are due: nobody else gets them before `untilUnixMs`. One statement; PostgreSQL looks at
 * `next_unix_ms` again where another node was quicker.
 */
export function takeDueMails(
  queries: Queries,
  unixMs: number,
  untilUnixMs: number,
  most: number,
): Promise<MailsTable[]> {
  return queries
    .updateTable('mails')
    .set((row) => ({ next_unix_ms: untilUnixMs, tries: row('tries', '+', 1) }))
    .where('next_unix_ms', '<=', unixMs)
    .where('id', 'in', (from) =>
      from.selectFrom('mails').select('id').where('next_unix_ms', '<=', unixMs).orderBy('next_unix_ms').limit(most),
    )
    .returningAll()
    .execute();
}

export async function putOffMail(queries: Queries, id: string, nextUnixMs: number): Promise<void> {
  await queries.updateTable('mails').set({ next_unix_ms: nextUnixMs }).where('id', '=', id).execute();
}

export async function deleteMail(queries: Queries, id: string): Promise<void> {
  await queries.deleteFrom('mails').where('id', '=', id).execute();
}

/** When the next mail is due; undefined where none waits. */
export async function nextMailUnixMs(queries: Queries): Promise<number | undefined> {
  const next = queries.selectFrom('mails').select('next_unix_ms').orderBy('next_unix_ms').limit(1);
  return (await next.executeTakeFirst())?.next_unix_ms;
}

/** The code is the only one of its address and purpose from now on. */
export async function putEmailCode(transaction: StoreTransaction, row: EmailCodesTable): Promise<void> {
  await transaction
    .deleteFrom('email_codes')
    .where('organisation_id', '=', row.organisation_id)
    .where('purpose', '=', row.purpose)
    .where('email', '=', row.email)
    .execute();
  await transaction.insertInto('email_codes').values(row).execute();
}

export function findEmailCode(queries: Queries, id: string): Promise<EmailCodesTable | undefined> {
  return queries.selectFrom('email_codes').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Whether it was there until now: of two that race one spends it. */
export async function spendEmailCode(queries: Queries, id: string): Promise<boolean> {
  return (await queries.deleteFrom('email_codes').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

export async function deleteEndedEmailCodes(queries: Queries, unixMs: number): Promise<void> {
  await queries.deleteFrom('email_codes').where('expires_unix_ms', '<=', Math.round(unixMs)).execute();
}

/** The link is the only one of its user from now on. */
export async function putPasswordReset(transaction: StoreTransaction, row: PasswordResetsTable): Promise<void> {
  await transaction.deleteFrom('password_resets').where('user_id', '=', row.user_id).execute();
  await transaction.insertInto('password_resets').values(row).execute();
}

export function findPasswordReset(
  queries: Queries,
  tokenHash: string,
  unixMs: number,
): Promise<PasswordResetsTable | undefined> {
  const found = queries.selectFrom('password_resets').selectAll().where('token_hash', '=', tokenHash);
  return found.where('expires_unix_ms', '>', unixMs).executeTakeFirst();
}

/** Whether it was there until now. */
export async function spendPasswordReset(transaction: StoreTransaction, tokenHash: string): Promise<boolean> {
  const deleted = transaction.deleteFrom('password_resets').where('token_hash', '=', tokenHash);
  return (await deleted.executeTakeFirst()).numDeletedRows > 0n;
}

export async function deletePasswordResetsOf(transaction: StoreTransaction, userId: string): Promise<void> {
  await transaction.deleteFrom('password_resets').where('user_id', '=', userId).execute();
}

export async function deleteEndedPasswordResets(queries: Queries, unixMs: number): Promise<void> {
  await queries.deleteFrom('password_resets').where('expires_unix_ms', '<=', Math.round(unixMs)).execute();
}
