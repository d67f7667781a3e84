import type { CertificateProblem, PopToControl } from '../core/link/index.ts';
import type { Log } from '../io/log.ts';

type StatusLoad = NonNullable<Extract<PopToControl, { type: 'status' }>['load']>;

/** What a PoP said over its link to this node, beside what the store keeps of it. */
export interface PeerFacts {
  /** When it came to the place in the stream of revocations where it is; null where it was there before this link. */
  readonly revokedAtUnixMs: number | null;
  /** How far its clock is ahead of this node's, where that is too much. */
  readonly clockSkewMs: number | null;
  /** Hosts without a certificate that is good. */
  readonly certificates: readonly CertificateProblem[];
  /** How busy it is; null: it did not say. */
  readonly load: StatusLoad | null;
}

const NOTHING: PeerFacts = { revokedAtUnixMs: null, clockSkewMs: null, certificates: [], load: null };

/** The facts of the PoPs that are linked with this node, by PoP. */
export class FactsOfPeers {
  readonly #facts = new Map<string, PeerFacts>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  of(popId: string): PeerFacts {
    return this.#facts.get(popId) ?? NOTHING;
  }

  /** It confirmed revocations. */
  revoked(popId: string, unixMs: number): void {
    this.#facts.set(popId, { ...this.of(popId), revokedAtUnixMs: Math.round(unixMs) });
  }

  clock(popId: string, clockSkewMs: number | null): void {
    const before = this.of(popId);
    if (before.clockSkewMs === clockSkewMs) return;
    if (before.clockSkewMs === null) this.#log.warn('the clock of a PoP is wrong', { popId, skewMs: clockSkewMs });
    this.#facts.set(popId, { ...before, clockSkewMs });
  }

  certificates(popId: string, certificates: readonly CertificateProblem[]): void {
    this.#facts.set(popId, { ...this.of(popId), certificates });
  }

  load(popId: string, load: StatusLoad | null): void {
    this.#facts.set(popId, { ...this.of(popId), load });
  }

  /** Its link is over, or another begins. */
  forget(popId: string): void {
    this.#facts.delete(popId);
  }
}
