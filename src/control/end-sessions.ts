import type { Revocation } from '../core/session/index.ts';
import {
  deleteProgramSignInsOf,
  findUser,
  forgetBrowsers,
  revokeSessionsOfUser,
  type StoreTransaction,
  type UsersTable,
  updateUser,
} from '../io/store/index.ts';
import { notFound } from './problems.ts';

/** Ends everything that an account is signed in to, and what it is about to be: a program may not have taken its token yet. Gives what PoPs must hear. */
export async function endSessions(
  transaction: StoreTransaction,
  { id: userId, session_epoch }: Pick<UsersTable, 'id' | 'session_epoch'>,
  atUnixMs: number,
): Promise<Revocation[]> {
  const minimumEpoch = session_epoch + 1;
  await updateUser(transaction, userId, { session_epoch: minimumEpoch });
  await revokeSessionsOfUser(transaction, userId, atUnixMs);
  await deleteProgramSignInsOf(transaction, userId);
  return [{ kind: 'user', userId, minimumEpoch, atUnixMs }];
}

/** The same, and forgets the browsers in which its second step is left out. */
export async function endAllSessions(
  transaction: StoreTransaction,
  userId: string,
  atUnixMs: number,
): Promise<Revocation[]> {
  const row = await findUser(transaction, userId);
  if (!row) throw notFound('user', userId);
  const revoke = await endSessions(transaction, row, atUnixMs);
  await forgetBrowsers(transaction, userId);
  return revoke;
}
