/** What waits for those who look through this node: memory that all of them share, so each gets a part of it and no more. */
import { largestBy } from '../../base/index.ts';
import { LIVE_BACKLOG_OF_NODE_MAX_BYTES, LIVE_BACKLOG_OF_ORGANISATION_MAX_BYTES } from './constants.ts';

/** Somebody who reads, and may be cut off; they come back for the whole. */
export interface Reader {
  cut(): void;
}

/** Of one organisation: each reader for whom something waits, and all of it together. */
interface Waiting {
  readonly organisationId: string;
  readonly readers: Map<Reader, number>;
  bytes: number;
}

export class LiveBacklog {
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;
  #cut = 0;

  /** Readers that were cut off to make room. */
  get cut(): number {
    return this.#cut;
  }

  /** So many bytes wait for a reader now. Where that is too much together, whoever has most of it is cut off. */
  note(organisationId: string, reader: Reader, bytes: number): void {
    const own = this.#set(organisationId, reader, bytes);
    if (own.bytes > LIVE_BACKLOG_OF_ORGANISATION_MAX_BYTES) this.#cutWorst(own);
    // Nobody loses what they look at because another organisation reads slowly.
    if (this.#bytes > LIVE_BACKLOG_OF_NODE_MAX_BYTES)
      this.#cutWorst(largestBy(this.#waiting.values(), (one) => one.bytes));
  }

  #set(organisationId: string, reader: Reader, bytes: number): Waiting {
    const own = this.#waiting.get(organisationId) ?? { organisationId, readers: new Map<Reader, number>(), bytes: 0 };
    const more = bytes - (own.readers.get(reader) ?? 0);
    if (bytes > 0) own.readers.set(reader, bytes);
    else own.readers.delete(reader);
    own.bytes += more;
    this.#bytes += more;
    if (own.readers.size > 0) this.#waiting.set(organisationId, own);
    else this.#waiting.delete(organisationId);
    return own;
  }

  #cutWorst(of: Waiting | undefined): void {
    const worst = of && largestBy(of.readers, ([, bytes]) => bytes);
    if (!worst) return;
    const [reader] = worst;
    this.#set(of.organisationId, reader, 0);
    this.#cut++;
    reader.cut();
  }
}
