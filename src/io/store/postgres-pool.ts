/** Connections to PostgreSQL as Kysely wants them, with every error turned into a failure of the store. */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { Pool, type PoolClient, types } from 'pg';
import {
  STORE_ANSWER_TIMEOUT_MS,
  STORE_CONNECT_TIMEOUT_MS,
  STORE_CONNECTIONS_MAX,
  STORE_IDLE_TRANSACTION_MS,
  STORE_LOCK_TIMEOUT_MS,
  STORE_STATEMENT_TIMEOUT_MS,
} from './constants.ts';
import { postgresFailure } from './postgres-failure.ts';
import type { PostgresPlace } from './postgres-url.ts';

/** Type oid of bigint. */
const INT8 = 20;

/** Times and counters fit a double exactly; anything else in a bigint column is damage. */
function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the store holds ${text}, which is not a safe integer`);
  return value;
}

/** Settings of every connection, the listening one too. */
export function connectionSettings(place: PostgresPlace) {
  return {
    ...place,
    application_name: 'manis',
    connectionTimeoutMillis: STORE_CONNECT_TIMEOUT_MS,
    statement_timeout: STORE_STATEMENT_TIMEOUT_MS,
    lock_timeout: STORE_LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STORE_IDLE_TRANSACTION_MS,
    query_timeout: STORE_ANSWER_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? parseBigint : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  };
}

/** A pool that opens connections when they are needed and forgets those that broke. `failed` hears of idle ones. */
export function openPool(place: PostgresPlace, failed: (error: unknown) => void): PostgresPool {
  const pool = new Pool({ ...connectionSettings(place), max: STORE_CONNECTIONS_MAX });
  // The driver hangs the whole client on the error, with what cancels its statements: none of that is for a log.
  const lost = (error: unknown): void => failed(postgresFailure(error));
  pool.on('error', lost);
  // Without a listener the loss of a connection that is in use would end the program; its statement fails as well.
  pool.on('connect', (client) => client.on('error', lost));
  const wrapped = new WeakMap<PoolClient, PostgresPoolClient>();
  return {
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw postgresFailure(error);
      });
      const known = wrapped.get(client) ?? wrap(client);
      wrapped.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

function wrap(client: PoolClient): PostgresPoolClient {
  let broken = false;
  const query = async (sql: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      const failure = postgresFailure(error);
      // Its answer may still come and would be taken for that to the next statement.
      if (failure.code === 'store-unavailable' || (error as Error).message === 'Query read timeout') broken = true;
      throw failure;
    }
  };
  const release = () => {
    client.release(broken);
    broken = false;
  };
  return { query, release } as unknown as PostgresPoolClient;
}
