import { endLease, findLease, type Queries, takeLease, touchedSince } from '../../io/store/index.ts';
import { NODE_SILENT_MS } from '../constants.ts';
import { CERTIFICATE_LEASE_MS } from './constants.ts';

/** The right of one control node to work on a certificate. It ends with its time, or when its node falls silent. */
export class CertificateLease {
  readonly #id: string;
  readonly #controlId: string;

  constructor(certificateId: string, controlId: string) {
    this.#id = `certificate:${certificateId}`;
    this.#controlId = controlId;
  }

  /** Takes or keeps it; false while another node has it. */
  async take(queries: Queries, nowUnixMs: number): Promise<boolean> {
    const take = () => takeLease(queries, this.#id, this.#controlId, nowUnixMs, nowUnixMs + CERTIFICATE_LEASE_MS);
    if (await take()) return true;
    const held = await findLease(queries, this.#id);
    if (!held || (await touchedSince(queries, held.holder, nowUnixMs - NODE_SILENT_MS))) return false;
    await endLease(queries, this.#id, held.holder);
    return take();
  }

  /** Whether it is still this node's; within a transaction nobody else gets it before the commit. */
  async isHeld(queries: Queries, nowUnixMs: number): Promise<boolean> {
    const held = await findLease(queries, this.#id);
    return held?.holder === this.#controlId && held.until_unix_ms > nowUnixMs;
  }

  async end(queries: Queries): Promise<void> {
    await endLease(queries, this.#id, this.#controlId);
  }
}
