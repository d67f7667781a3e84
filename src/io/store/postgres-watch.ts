/**
 * Hears of commits of other control nodes: listens first, then reads, so nothing falls between; and asks now and then
 * as well, since a notice may be lost with its connection (network.md, point 8).
 */
import type { Kysely } from 'kysely';
import { Client } from 'pg';
import { STORE_POLL_INTERVAL_MS, STORE_RECONNECT_FIRST_MS, STORE_RECONNECT_MAX_MS } from './constants.ts';
import { connectionSettings } from './postgres-pool.ts';
import type { PostgresPlace } from './postgres-url.ts';
import { readCounters } from './queries/installation.ts';
import type { Tables } from './schema.ts';
import { CHANGES_CHANNEL, type StoreWatch, type WatchEvents } from './store.ts';

export class PostgresWatch implements StoreWatch {
  readonly #place: PostgresPlace;
  readonly #database: Kysely<Tables>;
  readonly #events: WatchEvents;
  #client: Client | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #pauseMs = STORE_RECONNECT_FIRST_MS;
  readonly #pollTimer: NodeJS.Timeout;
  #polling: Promise<void> | undefined;
  #lastSeen = '';
  #stopped = false;

  constructor(place: PostgresPlace, database: Kysely<Tables>, events: WatchEvents) {
    this.#place = place;
    this.#database = database;
    this.#events = events;
    this.#pollTimer = setInterval(() => {
      this.#polling ??= this.#poll().finally(() => {
        this.#polling = undefined;
      });
    }, STORE_POLL_INTERVAL_MS);
    void this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#pollTimer);
    clearTimeout(this.#reconnectTimer);
    await this.#polling;
    await this.#client?.end().catch(() => undefined);
  }

  async #listen(): Promise<void> {
    const client = new Client(connectionSettings(this.#place));
    this.#client = client;
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, undefined));
    client.on('notification', () => this.#events.changed());
    try {
      await client.connect();
      await client.query(`listen ${CHANGES_CHANNEL}`);
      if (this.#client !== client || this.#stopped) return;
      this.#pauseMs = STORE_RECONNECT_FIRST_MS;
      this.#events.connected();
    } catch (error) {
      this.#lost(client, error);
    }
  }

  /** Heard once a connection, whatever it says of its end. */
  #lost(client: Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    void client.end().catch(() => undefined);
    if (this.#stopped) return;
    this.#events.failed(error);
    this.#reconnectTimer = setTimeout(() => void this.#listen(), this.#pauseMs);
    this.#pauseMs = Math.min(STORE_RECONNECT_MAX_MS, this.#pauseMs * 2);
  }

  async #poll(): Promise<void> {
    try {
      const { epoch, revision, revocation_sequence } = await readCounters(this.#database);
      const seen = `${epoch}.${revision}.${revocation_sequence}`;
      if (seen === this.#lastSeen || this.#stopped) return;
      this.#lastSeen = seen;
      this.#events.changed();
    } catch {
      // The listening connection tells of it.
    }
  }
}
