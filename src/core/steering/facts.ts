/**
 * What is known when a client asks. Everything that another PoP says (load, round trips, whom it hears) is a claim: it
 * has a bounded influence, however wrong it is.
 */

export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

/** Where a client may be: one point, or the centres of a large country with their weights. Empty: nobody knows. */
export type ClientPlace = readonly (Coordinates & { readonly weight: number })[];

export interface SteeringClient {
  readonly place: ClientPlace;
  /** The block that it shares round trips with, as `clientPrefix` spells it. */
  readonly prefix: string;
}

/** `unknown`: nobody whose word counts says that it is up, and too few say that it is down. */
export type Liveness = 'up' | 'unknown' | 'down';

/** A PoP as steering sees it. */
export interface SteeredPop extends Coordinates {
  readonly id: string;
  /** Addresses on which browsers reach it. */
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  readonly liveness: Liveness;
  readonly draining: boolean;
  /** Undefined: it did not say, so it counts as idle. */
  readonly load: PopLoadClaim | undefined;
}

export interface PopLoadClaim {
  /** Open connections of clients. */
  readonly connections: number;
  /** Connections that it is built for. */
  readonly capacity: number;
  /** Share of one core that its process uses, 0 to 1. */
  readonly cpu: number;
}

export interface PrefixRttClaim {
  /** As `clientPrefix` spells it. */
  readonly prefix: string;
  readonly rttMs: number;
  readonly samples: number;
}

/** What a PoP knows of another one at first hand. */
export interface PeerState {
  readonly popId: string;
  /** Of the own tunnel to it; `unknown` while there was no time yet to bring it up. */
  readonly tunnel: 'up' | 'suspect' | 'down' | 'unknown';
  /** The last word that came over that tunnel. */
  readonly report?: Pick<PeerReport, 'receivedMs' | 'hears'>;
}

/** What a peer says of itself. */
export interface PeerReport {
  /** Monotonic time of its arrival. */
  readonly receivedMs: number;
  readonly draining: boolean;
  readonly load: PopLoadClaim;
  /** PoPs that it hears. */
  readonly hears: readonly string[];
  readonly prefixes: readonly PrefixRttClaim[];
}

/** What a PoP knows of its peers at first hand: whoever keeps the tunnels between PoPs gives it. */
export interface PeerReports {
  /** Every other PoP, each once. Asked once a second. */
  peers(nowMs: number): readonly (PeerState & { readonly report?: PeerReport })[];
}
