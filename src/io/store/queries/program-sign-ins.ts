import type { ProgramSignInsTable } from '../schema-of-program-sign-ins.ts';
import type { Queries, StoreTransaction } from '../store.ts';

export async function insertProgramSignIn(transaction: StoreTransaction, row: ProgramSignInsTable): Promise<void> {
  await transaction.insertInto('program_sign_ins').values(row).execute();
}

export function findProgramSignIn(
  queries: Queries,
  by: Partial<Pick<ProgramSignInsTable, 'secret_hash' | 'code_hash'>>,
): Promise<ProgramSignInsTable | undefined> {
  let query = queries.selectFrom('program_sign_ins').selectAll();
  if (by.secret_hash !== undefined) query = query.where('secret_hash', '=', by.secret_hash);
  if (by.code_hash !== undefined) query = query.where('code_hash', '=', by.code_hash);
  return query.executeTakeFirst();
}

export async function askedProgramSignIn(queries: Queries, id: string, unixMs: number): Promise<void> {
  await queries.updateTable('program_sign_ins').set({ asked_unix_ms: unixMs }).where('id', '=', id).execute();
}

/** False where somebody else has decided it. */
export async function decideWaitingProgramSignIn(
  transaction: StoreTransaction,
  id: string,
  decided: Pick<ProgramSignInsTable, 'user_id' | 'state'>,
): Promise<boolean> {
  const changed = transaction.updateTable('program_sign_ins').set(decided).where('id', '=', id);
  return (await changed.where('state', '=', 'waiting').executeTakeFirst()).numUpdatedRows > 0n;
}

/** What somebody has signed in and no program has taken yet. */
export async function deleteProgramSignInsOf(transaction: StoreTransaction, userId: string): Promise<void> {
  await transaction.deleteFrom('program_sign_ins').where('user_id', '=', userId).execute();
}

/** False where somebody else took it. */
export async function deleteProgramSignIn(transaction: StoreTransaction, id: string): Promise<boolean> {
  const deleted = transaction.deleteFrom('program_sign_ins').where('id', '=', id);
  return (await deleted.executeTakeFirst()).numDeletedRows > 0n;
}

export async function deleteEndedProgramSignIns(queries: Queries, unixMs: number): Promise<void> {
  await queries.deleteFrom('program_sign_ins').where('expires_unix_ms', '<=', unixMs).execute();
}

/** Those that nobody has decided, the oldest first. */
export function waitingProgramSignIns(queries: Queries) {
  const waiting = queries
    .selectFrom('program_sign_ins')
    .select(['id', 'client_address'])
    .where('state', '=', 'waiting');
  return waiting.orderBy('created_unix_ms').orderBy('id').execute();
}

/** One by one it would be as many statements. */
export async function deleteProgramSignIns(transaction: StoreTransaction, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await transaction
      .deleteFrom('program_sign_ins')
      .where('id', 'in', [...ids])
      .execute();
}

export async function countProgramSignIns(queries: Queries): Promise<number> {
  const counted = queries
    .selectFrom('program_sign_ins')
    .select((select) => select.fn.countAll<number | string>().as('count'));
  return Number((await counted.executeTakeFirst())?.count ?? 0);
}
