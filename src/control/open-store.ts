import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../base/index.ts';
import { lockFolder } from '../io/folder-lock.ts';
import type { Log } from '../io/log.ts';
import { openPostgresStore, openSqliteStore, type Store, StoreFailure } from '../io/store/index.ts';
import { STORE_START_RETRY_MS, STORE_START_WAIT_MS } from './constants.ts';

export interface StoreChoice {
  readonly dataDir: string;
  /** PostgreSQL; left out, the store is embedded in the data directory. */
  readonly store?: { readonly url: string; readonly password?: string | undefined; readonly waitMs?: number };
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the store, and keeps a second control off the data directory for as long as it is open. */
export async function openStore(choice: StoreChoice): Promise<{ store: Store; close: () => Promise<void> }> {
  if (!choice.store) {
    const store = await openSqliteStore({ dataDir: choice.dataDir, nowUnixMs: Math.round(choice.clock.unixMs()) });
    return { store, close: () => store.close() };
  }
  const lock = lockFolder(choice.dataDir);
  try {
    const store = await openShared(choice, choice.store);
    const close = async (): Promise<void> => {
      await store.close();
      lock.release();
    };
    return { store, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Control and PostgreSQL may be started together, and a failover takes its time; anything but silence is told at once. */
async function openShared(
  { clock, log }: StoreChoice,
  { url, password, waitMs = STORE_START_WAIT_MS }: NonNullable<StoreChoice['store']>,
): Promise<Store> {
  const untilMs = clock.nowMs() + waitMs;
  for (;;) {
    try {
      const connectionLost = (error: unknown): void => log.debug('a connection to the store was lost', { error });
      return await openPostgresStore({ url, password, nowUnixMs: Math.round(clock.unixMs()), connectionLost });
    } catch (error) {
      const isSilent = error instanceof StoreFailure && error.code === 'store-unavailable';
      if (!isSilent || clock.nowMs() >= untilMs) throw error;
      log.warn('the store cannot be reached yet', { reason: error.message });
      await sleep(STORE_START_RETRY_MS);
    }
  }
}
