import { toHex } from '../../base/index.ts';
import { MAXIMUM_PEERS } from './constants.ts';

/**
 * When peers that were removed shook hands last, by their own clocks. A peer that is added again (its session was given
 * up, its address or who dials is another) must not take a handshake of before for a new one: whoever kept it could
 * replay it from anywhere.
 */
export class PastHandshakes {
  /** The oldest first. */
  readonly #timestamps = new Map<string, Uint8Array>();

  of(publicKey: Uint8Array): Uint8Array | undefined {
    return this.#timestamps.get(toHex(publicKey));
  }

  remember(publicKey: Uint8Array, timestamp: Uint8Array | undefined): void {
    if (!timestamp) return;
    const key = toHex(publicKey);
    this.#timestamps.delete(key);
    this.#timestamps.set(key, timestamp);
    const [oldest] = this.#timestamps.keys();
    if (this.#timestamps.size > MAXIMUM_PEERS && oldest !== undefined) this.#timestamps.delete(oldest);
  }
}
