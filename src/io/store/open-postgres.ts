import { Kysely, PostgresDialect, sql } from 'kysely';
import { migrate } from './migrate.ts';
import { postgresFailure } from './postgres-failure.ts';
import { openPool } from './postgres-pool.ts';
import { readPostgresUrl } from './postgres-url.ts';
import { PostgresWatch } from './postgres-watch.ts';
import type { Tables } from './schema.ts';
import { Store, type WatchEvents } from './store.ts';

export interface PostgresOptions {
  /** `postgres://user@host/database`; see `postgres-url.ts`. */
  readonly url: string;
  /** Instead of one in the URL. */
  readonly password?: string | undefined;
  readonly nowUnixMs: number;
  /** A connection that was not in use broke. */
  readonly connectionLost?: (error: unknown) => void;
}

/** Opens a store on PostgreSQL, which other control nodes share, and brings its schema up to date. Throws a `StoreFailure`. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const kysely = openPostgresDatabase(options);
  try {
    await migrate(kysely, options.nowUnixMs);
    const place = readPostgresUrl(options.url, options.password);
    const watch = (events: WatchEvents) => new PostgresWatch(place, kysely, events);
    return new Store(kysely, { dialect: 'postgres', close: () => kysely.destroy(), watch });
  } catch (error) {
    await kysely.destroy();
    throw postgresFailure(error);
  }
}

/** The same without a look at the schema. */
export function openPostgresDatabase(options: Omit<PostgresOptions, 'nowUnixMs'>): Kysely<Tables> {
  const place = readPostgresUrl(options.url, options.password);
  const pool = openPool(place, options.connectionLost ?? (() => undefined));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Which history of PostgreSQL this is: a restored cluster has another timeline, another cluster another identifier. */
export async function lineageOf(database: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ lineage: string }>`
    select system.system_identifier::text || '/' || checkpoint.timeline_id::text as lineage
    from pg_control_system() as system, pg_control_checkpoint() as checkpoint`.execute(database);
  return rows[0]?.lineage ?? '';
}
