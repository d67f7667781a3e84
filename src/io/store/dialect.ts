import { PostgresAdapter } from 'kysely';

/** Whether a database, or a transaction on it, is PostgreSQL. */
export function isPostgres(database: { getExecutor(): { readonly adapter: unknown } }): boolean {
  return database.getExecutor().adapter instanceof PostgresAdapter;
}
