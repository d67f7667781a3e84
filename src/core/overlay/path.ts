import type { Endpoint, IpAddress } from '../../base/index.ts';
import {
  FAILURES_FORGOTTEN_MS,
  FIRST_TRY_MS,
  LOSSY_FROM,
  LOSSY_UNTIL,
  RELAY_ASIDE_AT_MOST_MS,
  RELAY_ASIDE_MS,
  RELAY_USED_FOR_MS,
  RELAYED_MTU,
  STEADY_AT_MOST_MS,
  STEADY_MS,
} from './constants.ts';
import { MtuSearch } from './mtu-search.ts';
import { PathHealth, type PathState } from './path-health.ts';

/** `udp`: direct; `tls`: direct, in a carrier; `relay`: through another PoP. In the order of preference. */
export type PathKind = 'udp' | 'tls' | 'relay';

/** How far a path is to be trusted, best first. */
export const TRUST = { proven: 0, new: 1, assumed: 2, lossy: 3, suspect: 4, unproven: 5, down: 6 } as const;

const NEVER = Number.POSITIVE_INFINITY;

/** What a path asks of a peer, its own and the one that relays. */
interface Relaying {
  readonly dials: boolean;
  readonly directState: PathState;
  readonly direct: { readonly health: PathHealth } | undefined;
}

/** An endpoint that knows its path. One of a relayed path has the overlay address of the far end and RELAY_PORT. */
export class PathEndpoint<Peer extends Relaying> implements Endpoint {
  readonly address: IpAddress;
  readonly port: number;
  readonly path: Path<Peer>;

  constructor({ address, port }: Endpoint, path: Path<Peer>) {
    this.address = address;
    this.port = port;
    this.path = path;
  }
}

/** One way by which the datagrams of a session travel. `Peer` is whose session it is. */
export class Path<Peer extends Relaying> {
  readonly kind: PathKind;
  readonly peer: Peer;
  /** The peer that relays; undefined for direct paths. */
  readonly via: Peer | undefined;
  endpoint: PathEndpoint<Peer>;
  /** The object by which a socket names the endpoint, so that most datagrams are known without a comparison. */
  source: Endpoint | undefined;
  health: PathHealth;
  mtu: MtuSearch;
  /** What the relay says of its round trip to the far end. */
  relayRttMs: number | undefined;
  /** Whether the relay is said to reach the far end; false where only the far end came by it. */
  isOffered = false;
  /** A relay is used until this time: packets went over it a moment ago. */
  usedUntilMs = Number.NEGATIVE_INFINITY;
  isUsed = false;
  /** One end asked for another direct path while there is a good one: datagrams get lost here, or it comes and goes. */
  avoidedByUs = false;
  avoidedByPeer = false;
  readonly #madeAtMs: number;
  #isLossy = false;
  #failures = 0;
  #failedAtMs = Number.NEGATIVE_INFINITY;
  #asideUntilMs = Number.NEGATIVE_INFINITY;

  constructor(kind: PathKind, peer: Peer, endpoint: Endpoint, mtu: MtuSearch, nowMs: number, via?: Peer) {
    this.kind = kind;
    this.peer = peer;
    this.via = via;
    this.endpoint = new PathEndpoint(endpoint, this);
    this.health = this.#newHealth(nowMs);
    this.mtu = mtu;
    this.#madeAtMs = nowMs;
  }

  /** A path through `via` to `peer`. Its MTU is given: wrapped packets fit any path. */
  static relayed<Peer extends Relaying>(
    peer: Peer,
    via: Peer,
    endpoint: Endpoint,
    mtu: number,
    nowMs: number,
  ): Path<Peer> {
    return new Path('relay', peer, endpoint, MtuSearch.given(Math.min(RELAYED_MTU, mtu)), nowMs, via);
  }

  /**
   * What users of the path may count on. A relay that nobody tried works as well as the path to it, unless it failed
   * lately: then it has to prove itself.
   */
  state(nowMs: number): PathState {
    if (!this.via) return this.health.state;
    const near = this.via.directState;
    if (near === 'down' || near === 'unproven' || nowMs < this.#asideUntilMs) return 'down';
    const assumed = this.#recentFailures(nowMs) > 0 ? 'suspect' : 'up';
    const far = this.health.state === 'unproven' ? assumed : this.health.state;
    return far === 'up' ? near : far;
  }

  trust(nowMs: number): number {
    const state = this.state(nowMs);
    if (state === 'up' && this.#isLossy) return TRUST.lossy;
    if (state === 'up') return this.health.state === 'up' ? TRUST.proven : TRUST.assumed;
    return state === 'unproven' && nowMs < this.#madeAtMs + FIRST_TRY_MS ? TRUST.new : TRUST[state];
  }

  /** Round trip from end to end, where it is known. */
  get rttMs(): number | undefined {
    const { rttMs } = this.health;
    if (rttMs !== undefined || !this.via) return rttMs;
    const nearMs = this.via.direct?.health.rttMs;
    return nearMs === undefined || this.relayRttMs === undefined ? undefined : nearMs + this.relayRttMs;
  }

  /** When it has been up for long enough to take over again. A path that never failed may do so at once. */
  steadyAtMs(nowMs: number): number {
    if (this.health.state !== 'up') return NEVER;
    const sinceMs = this.health.changedAtMs;
    const failures = this.#recentFailures(nowMs);
    if (failures === 0) return sinceMs;
    return sinceMs + Math.min(STEADY_AT_MOST_MS, STEADY_MS * 2 ** (failures - 1));
  }

  get isLossy(): boolean {
    return this.#isLossy;
  }

  /** Looks at the measured loss. Returns whether that makes another path of this. */
  judgeLoss(): boolean {
    const { loss } = this.health;
    const isLossy = loss >= (this.#isLossy ? LOSSY_UNTIL : LOSSY_FROM);
    if (isLossy === this.#isLossy) return false;
    this.#isLossy = isLossy;
    return true;
  }

  /** It was up, or taken to be, and is not any more. */
  failed(nowMs: number): void {
    this.#failures = Math.min(16, this.#recentFailures(nowMs) + 1);
    this.#failedAtMs = nowMs;
  }

  #recentFailures(nowMs: number): number {
    return nowMs - this.#failedAtMs < FAILURES_FORGOTTEN_MS ? this.#failures : 0;
  }

  /** A relay that does not work: not again for a while, then anew. */
  putAside(nowMs: number): void {
    const failures = Math.max(1, this.#recentFailures(nowMs));
    this.#asideUntilMs = nowMs + Math.min(RELAY_ASIDE_AT_MOST_MS, RELAY_ASIDE_MS * 2 ** (failures - 1));
    this.rest(nowMs);
  }

  /** A relay that nobody uses now: what was known of it grows old. */
  rest(nowMs: number): void {
    if (this.health.state === 'up' && nowMs - this.health.changedAtMs >= STEADY_MS) this.#failures = 0;
    this.isUsed = false;
    this.#isLossy = false;
    this.health = this.#newHealth(nowMs);
  }

  #newHealth(nowMs: number): PathHealth {
    return new PathHealth(nowMs, { isAssumed: this.via !== undefined, yields: !this.peer.dials });
  }

  /** A packet goes out. True where the next deadline may have come earlier. */
  sent(nowMs: number): boolean {
    const isEarlier = this.health.sent(nowMs);
    if (!this.via) return isEarlier;
    this.usedUntilMs = nowMs + RELAY_USED_FOR_MS;
    if (this.isUsed) return isEarlier;
    this.isUsed = true;
    this.health.keysRenewed(nowMs);
    return true;
  }

  /** Times at which the choice may fall otherwise although nothing happens. */
  nextChangeMs(nowMs: number): number {
    if (this.#asideUntilMs > nowMs) return this.#asideUntilMs;
    const triedMs = this.#madeAtMs + FIRST_TRY_MS;
    return this.health.state === 'unproven' && triedMs > nowMs && !this.via ? triedMs : NEVER;
  }
}
