import type { Queries } from '../store.ts';

/** A sign-in at the portal; `revoked` where its session has ended. */
export interface SignInRow {
  readonly id: string;
  readonly user_id: string;
  readonly client_address: string;
  readonly created_unix_ms: number;
  readonly revoked_unix_ms: number | null;
}

const COLUMNS = ['id', 'user_id', 'client_address', 'created_unix_ms', 'revoked_unix_ms'] as const;

/** Sign-ins since then whose sessions have not ended, the newest first. */
export function signInsSince(queries: Queries, unixMs: number, limit: number): Promise<SignInRow[]> {
  const recent = queries
    .selectFrom('portal_sessions')
    .select(COLUMNS)
    .where('created_unix_ms', '>=', Math.round(unixMs));
  return recent.where('revoked_unix_ms', 'is', null).orderBy('created_unix_ms', 'desc').limit(limit).execute();
}

/** Those that began or ended since then. */
export async function signInNewsSince(queries: Queries, unixMs: number, limit: number): Promise<SignInRow[]> {
  const since = Math.round(unixMs);
  const all = () => queries.selectFrom('portal_sessions').select(COLUMNS);
  const begun = await all().where('created_unix_ms', '>=', since).limit(limit).execute();
  const ended = await all().where('revoked_unix_ms', '>=', since).limit(limit).execute();
  return [...begun, ...ended];
}
