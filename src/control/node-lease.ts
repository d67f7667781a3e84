import { endLease, findLease, type Queries, takeLease, touchedSince } from '../io/store/index.ts';
import { NODE_SILENT_MS } from './constants.ts';

/** The right of one control node to do something. It ends with its time, or when its node falls silent. */
export class NodeLease {
  readonly #id: string;
  readonly #controlId: string;
  readonly #lifeMs: number;

  constructor(id: string, controlId: string, lifeMs: number) {
    this.#id = id;
    this.#controlId = controlId;
    this.#lifeMs = lifeMs;
  }

  /** Takes or keeps it; false while another node has it. */
  async take(queries: Queries, nowUnixMs: number): Promise<boolean> {
    const take = () => takeLease(queries, this.#id, this.#controlId, nowUnixMs, nowUnixMs + this.#lifeMs);
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
