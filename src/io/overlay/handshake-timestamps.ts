import { join } from 'node:path';
import type { WireguardDevice } from '../../core/wireguard/index.ts';
import { OWNER_ONLY, readJson, writeJson } from '../files.ts';
import { TIMESTAMP_SAVE_MS } from './constants.ts';

/**
 * Keeps the newest handshake timestamp (TAI64N) that this key sent on disk, so that a clock that was fast and is set
 * right does not lock the node out: PoPs refuse initiations that are not newer than the last.
 */
export class HandshakeTimestamps {
  readonly #path: string;
  #device: WireguardDevice | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'handshake-time.json');
  }

  async load(): Promise<Uint8Array | undefined> {
    const stored = (await readJson(this.#path)) as { sent?: unknown } | undefined;
    const sent = typeof stored?.sent === 'string' ? Buffer.from(stored.sent, 'base64') : undefined;
    return sent?.length === 12 ? sent : undefined;
  }

  /** Saves the device's timestamp from time to time and at `close`. */
  keep(device: WireguardDevice): void {
    this.#device = device;
    this.#timer = setInterval(() => void this.#save(), TIMESTAMP_SAVE_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#save();
  }

  async #save(): Promise<void> {
    const sent = this.#device?.latestSentTimestamp();
    if (!sent) return;
    // A disk that is full for a while costs nothing but this safety.
    await writeJson(this.#path, { sent: Buffer.from(sent).toString('base64') }, OWNER_ONLY).catch(() => undefined);
  }
}
