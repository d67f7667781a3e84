import { assertNever } from '../../base/index.ts';
import {
  BLAME_UDP_MS,
  CARRIER_LINGER_MS,
  CLIMBED_LOSS,
  FALLS_FORGIVEN_MS,
  HOPELESS_FOR_MS,
  HOPELESS_LOSS,
  LOSS_KNOWN_MS,
  LOST_PATIENCE_MS,
  TRUST_UDP_AT_MOST_MS,
  TRUST_UDP_MS,
  UDP_PATIENCE_MS,
} from './constants.ts';

/** What the overlay knows of one path to a PoP. */
export interface PathView {
  readonly state: 'unproven' | 'up' | 'suspect' | 'down';
  /** Share of heartbeats without an answer, 0 to 1. */
  readonly loss: number;
}

export type UdpVerdict =
  /** Nothing ever came by it. */
  | 'blocked'
  /** It was up and is not any more. */
  | 'lost'
  /** It is up and loses too much. */
  | 'lossy';

/**
 * How a connector reaches one PoP.
 *
 *     trying    UDP alone, nothing heard yet                     up: direct; 1 s: carried
 *     direct    UDP alone                                        lost, or losing a fifth for 10 s: carried
 *     carried   a carrier is wanted, UDP is probed and avoided   UDP good for 10 s, 20 s, ... 10 min: climbed
 *     climbed   UDP again, the carrier stays for a while         lost: carried; a minute: direct
 */
type Phase =
  | { readonly kind: 'trying'; readonly sinceMs: number }
  | { readonly kind: 'direct'; readonly sinceMs: number; badSinceMs: number | undefined; lossyFrom: LossWatch }
  | {
      readonly kind: 'carried';
      readonly because: UdpVerdict;
      goodSinceMs: number | undefined;
      /** Since when the carrier gets through and UDP does not. */
      aloneSinceMs: number | undefined;
      /** Whether this fall counts against UDP. */
      isBlamed: boolean;
    }
  | { readonly kind: 'climbed'; readonly sinceMs: number; badSinceMs: number | undefined; lossyFrom: LossWatch };

/** Loss counts only once it was seen low, or for long: right after a blackout it still tells of that. */
interface LossWatch {
  isKnown: boolean;
  sinceMs: number | undefined;
}

export interface CarrierDecision {
  /** Whether a carrier to the PoP is to be open. */
  readonly carrier: boolean;
  /** Whether packets avoid UDP while the carrier is as good as can be. */
  readonly avoidUdp: boolean;
  /** Why, for the log; undefined where UDP is trusted. */
  readonly because: UdpVerdict | undefined;
}

/** The paths to one PoP; undefined where there is none. */
export interface DirectPaths {
  readonly udp: PathView | undefined;
  readonly tls: Pick<PathView, 'state'> | undefined;
}

/** When to open a carrier to one PoP, and when to trust UDP again. Ask `look` now and then; it takes no time itself. */
export class CarrierPolicy {
  #phase: Phase;
  #falls = 0;
  /** When UDP was trusted last, to forgive. */
  #trustedAtMs: number | undefined;

  constructor(nowMs: number) {
    this.#phase = { kind: 'trying', sinceMs: nowMs };
  }

  /** `true`: nothing comes by UDP here; `false`: something does; `undefined`: not known yet. */
  get isBlocked(): boolean | undefined {
    switch (this.#phase.kind) {
      case 'trying':
        return undefined;
      case 'carried':
        return this.#phase.because !== 'lossy' && this.#phase.goodSinceMs === undefined;
      default:
        return false;
    }
  }

  /** What to do, from what is known of the paths. `udpIsBlocked`: nothing comes by UDP from any other PoP. */
  look({ udp, tls }: DirectPaths, udpIsBlocked: boolean, nowMs: number): CarrierDecision {
    this.#phase = this.#next(udp ?? { state: 'unproven', loss: 0 }, udpIsBlocked, nowMs);
    if (this.#phase.kind === 'carried') this.#blame(this.#phase, tls?.state === 'up', nowMs);
    const { kind } = this.#phase;
    return {
      carrier: kind === 'carried' || kind === 'climbed',
      avoidUdp: kind === 'carried',
      because: this.#phase.kind === 'carried' ? this.#phase.because : undefined,
    };
  }

  #next(udp: PathView, udpIsBlocked: boolean, nowMs: number): Phase {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'trying':
        if (udp.state === 'up') return direct(nowMs);
        return udpIsBlocked || nowMs - phase.sinceMs >= UDP_PATIENCE_MS ? carried('blocked') : phase;
      case 'direct':
        return this.#fallOr(phase, udp, nowMs);
      case 'carried':
        return this.#climbOr(phase, udp, nowMs);
      case 'climbed': {
        const next = this.#fallOr(phase, udp, nowMs);
        return next === phase && nowMs - phase.sinceMs >= CARRIER_LINGER_MS ? { ...phase, kind: 'direct' } : next;
      }
      default:
        return assertNever(phase);
    }
  }

  #fallOr(phase: Phase & { readonly kind: 'direct' | 'climbed' }, udp: PathView, nowMs: number): Phase {
    this.#forgive(nowMs);
    phase.badSinceMs = udp.state === 'up' ? undefined : (phase.badSinceMs ?? nowMs);
    const isLost = udp.state === 'down' || nowMs - (phase.badSinceMs ?? nowMs) >= LOST_PATIENCE_MS;
    if (isLost) return this.#fall('lost', nowMs);
    return isHopeless(phase, udp, nowMs) ? this.#fall('lossy', nowMs) : phase;
  }

  #fall(because: UdpVerdict, nowMs: number): Phase {
    this.#trustedAtMs = nowMs;
    const phase = carried(because);
    if (because === 'lossy') this.#count(phase);
    return phase;
  }

  /** UDP that is lost is to blame where TLS gets through; otherwise it was the PoP that was gone. */
  #blame(phase: Phase & { readonly kind: 'carried' }, isCarried: boolean, nowMs: number): void {
    if (phase.because !== 'lost' || phase.isBlamed) return;
    phase.aloneSinceMs = isCarried && phase.goodSinceMs === undefined ? (phase.aloneSinceMs ?? nowMs) : undefined;
    if (phase.aloneSinceMs !== undefined && nowMs - phase.aloneSinceMs >= BLAME_UDP_MS) this.#count(phase);
  }

  #count(phase: Phase & { readonly kind: 'carried' }): void {
    phase.isBlamed = true;
    if (this.#falls < 16) this.#falls++;
  }

  #climbOr(phase: Phase & { readonly kind: 'carried' }, udp: PathView, nowMs: number): Phase {
    const isGood = udp.state === 'up' && (phase.because !== 'lossy' || udp.loss < CLIMBED_LOSS);
    phase.goodSinceMs = isGood ? (phase.goodSinceMs ?? nowMs) : undefined;
    if (phase.goodSinceMs === undefined || nowMs - phase.goodSinceMs < this.#trustAfterMs()) return phase;
    this.#trustedAtMs = nowMs;
    return {
      kind: 'climbed',
      sinceMs: nowMs,
      badSinceMs: undefined,
      lossyFrom: { isKnown: false, sinceMs: undefined },
    };
  }

  #trustAfterMs(): number {
    return Math.min(TRUST_UDP_AT_MOST_MS, TRUST_UDP_MS * 2 ** Math.max(0, this.#falls - 1));
  }

  #forgive(nowMs: number): void {
    if (this.#trustedAtMs !== undefined && nowMs - this.#trustedAtMs >= FALLS_FORGIVEN_MS) this.#falls = 0;
  }
}

function direct(nowMs: number): Phase {
  return { kind: 'direct', sinceMs: nowMs, badSinceMs: undefined, lossyFrom: { isKnown: false, sinceMs: undefined } };
}

function carried(because: UdpVerdict): Phase & { readonly kind: 'carried' } {
  return { kind: 'carried', because, goodSinceMs: undefined, aloneSinceMs: undefined, isBlamed: false };
}

function isHopeless(
  { lossyFrom, sinceMs }: { readonly lossyFrom: LossWatch; readonly sinceMs: number },
  udp: PathView,
  nowMs: number,
): boolean {
  if (udp.loss < HOPELESS_LOSS / 2 || nowMs - sinceMs >= LOSS_KNOWN_MS) lossyFrom.isKnown = true;
  if (udp.loss < HOPELESS_LOSS || !lossyFrom.isKnown) {
    lossyFrom.sinceMs = undefined;
    return false;
  }
  lossyFrom.sinceMs ??= nowMs;
  return nowMs - lossyFrom.sinceMs >= HOPELESS_FOR_MS;
}
