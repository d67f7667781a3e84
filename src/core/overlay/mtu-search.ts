import {
  BASE_MTU,
  MTU_CONFIRM_MS,
  MTU_DOUBT_MS,
  MTU_PROBE_WAIT_MS,
  MTU_PROBES,
  MTU_RAISE_MS,
  MTU_SEARCH_STEP_BYTES,
} from './constants.ts';

const NEVER = Number.POSITIVE_INFINITY;

type Phase =
  /** Not looking: the path's MTU is given. */
  | { readonly kind: 'fixed' }
  /** Between searches. */
  | { readonly kind: 'settled'; readonly raiseAtMs: number }
  | { readonly kind: 'searching' }
  /** Asking whether what was found still holds. */
  | { readonly kind: 'confirming'; readonly raiseAtMs: number };

/**
 * Finds the largest packet that a path takes, without trusting ICMP (RFC 8899, datagram packetization layer path MTU
 * discovery). Probes are padded heartbeats, one at a time; the first asks for the most, then the search halves. It works
 * only while small heartbeats pass, so that a dead path is not taken for a narrow one.
 */
export class MtuSearch {
  readonly #most: number;
  /** What the path takes without being asked. */
  #base: number;
  #mtu: number;
  #phase: Phase;
  /** Sizes above are known or believed to be too large. */
  #high: number;
  #probeBytes = 0;
  #probes = 0;
  /** The heartbeat that was the probe on its way. */
  #probeSequence = 0;
  /** When it counts as lost; NEVER while there is none. */
  #lostAtMs = NEVER;
  #nextProbeMs = NEVER;
  #confirmedAtMs = Number.NEGATIVE_INFINITY;

  /** A path whose MTU is given. */
  constructor(mtu: number) {
    this.#most = mtu;
    this.#base = mtu;
    this.#mtu = mtu;
    this.#high = mtu;
    this.#phase = { kind: 'fixed' };
  }

  /** A path whose MTU is given, and that does not work where it does not take it. */
  static given(mtu: number): MtuSearch {
    const search = new MtuSearch(mtu);
    search.#base = 0;
    search.#settle(NEVER);
    return search;
  }

  /** A path that surely takes the base, and perhaps as much as `most`. */
  static upTo(most: number, nowMs: number): MtuSearch {
    const search = new MtuSearch(most);
    search.#base = Math.min(BASE_MTU, most);
    search.#mtu = search.#base;
    if (search.#mtu < most) search.#begin(most, nowMs);
    return search;
  }

  /** Largest inner packet that the path is known to take. */
  get mtu(): number {
    return this.#mtu;
  }

  /** Size of the probe that is next, or on its way; 0 for none. */
  get probeBytes(): number {
    return this.#probeBytes;
  }

  /** Begins what it is time for. */
  wake(nowMs: number, isBusy: boolean): void {
    if (this.#phase.kind !== 'settled') return;
    if (nowMs >= this.#phase.raiseAtMs) this.#begin(this.#most, nowMs);
    else if (isBusy && this.#mtu > this.#base && nowMs - this.#confirmedAtMs >= MTU_CONFIRM_MS) {
      this.#confirm(this.#phase.raiseAtMs, nowMs);
    }
  }

  /**
   * Size of the probe to send now, or 0; the next heartbeat is it, and `sequence` its number. Send an ordinary one behind
   * it, for comparison. Ask only while the path is up and calm.
   */
  poll(sequence: number, nowMs: number): number {
    if (nowMs < this.#nextProbeMs || this.#probeBytes === 0) return 0;
    this.#nextProbeMs = NEVER;
    this.#lostAtMs = nowMs + MTU_PROBE_WAIT_MS;
    this.#probes++;
    this.#probeSequence = sequence;
    return this.#probeBytes;
  }

  /** The other end heard a heartbeat of this size. Returns whether `mtu` changed. */
  proved(sizeBytes: number, nowMs: number): boolean {
    if (this.#probeBytes === 0 || sizeBytes < this.#probeBytes) return false;
    this.#confirmedAtMs = nowMs;
    if (this.#phase.kind === 'confirming') {
      this.#settle(this.#phase.raiseAtMs);
      return false;
    }
    const grew = this.#probeBytes > this.#mtu;
    this.#mtu = Math.max(this.#mtu, this.#probeBytes);
    this.#next(nowMs);
    return grew;
  }

  /** A heartbeat was answered. One that was sent after the probe says that the probe was lost, however slow the path is. */
  answered(sequence: number, nowMs: number): void {
    if (this.#lostAtMs !== NEVER && sequence > this.#probeSequence) this.#lostAtMs = nowMs;
  }

  /** Notes probes that were lost. Returns whether large packets vanish: `mtu` fell to the base, or a given one does not hold. */
  expire(nowMs: number): boolean {
    if (nowMs < this.#lostAtMs) return false;
    this.#lostAtMs = NEVER;
    if (this.#probes < MTU_PROBES) {
      this.#nextProbeMs = nowMs;
      return false;
    }
    const { kind } = this.#phase;
    if (this.#base === 0) {
      this.#settle(NEVER);
      return true;
    }
    this.#high = this.#probeBytes - 1;
    if (kind === 'searching') {
      this.#next(nowMs);
      return false;
    }
    // A black hole opened (section 4.3): back to what every path takes, then look for what this one takes now.
    this.#mtu = this.#base;
    this.#phase = { kind: 'searching' };
    this.#next(nowMs);
    return true;
  }

  /** The path is in doubt: a probe on its way says nothing of sizes. */
  pause(nowMs: number): void {
    if (this.#lostAtMs === NEVER) return;
    this.#lostAtMs = NEVER;
    this.#probes = 0;
    this.#nextProbeMs = nowMs + MTU_DOUBT_MS;
  }

  /**
   * Packets went out and nothing came back although heartbeats pass, or a large one was sent again because nobody
   * acknowledged it: large ones may be getting lost (section 4.3). Whether that is to be asked now.
   */
  doubt(nowMs: number): boolean {
    const { kind } = this.#phase;
    if (kind !== 'settled' || this.#mtu <= this.#base || nowMs - this.#confirmedAtMs < MTU_DOUBT_MS) return false;
    this.#confirm(this.#phase.raiseAtMs, nowMs);
    return true;
  }

  nextDeadlineMs(): number {
    return Math.min(this.#nextProbeMs, this.#lostAtMs, this.#phase.kind === 'settled' ? this.#phase.raiseAtMs : NEVER);
  }

  #begin(high: number, nowMs: number): void {
    this.#phase = { kind: 'searching' };
    this.#high = high;
    this.#ask(high, nowMs);
  }

  #confirm(raiseAtMs: number, nowMs: number): void {
    this.#phase = { kind: 'confirming', raiseAtMs };
    this.#ask(this.#mtu, nowMs);
  }

  #ask(sizeBytes: number, nowMs: number): void {
    this.#probeBytes = sizeBytes;
    this.#probes = 0;
    this.#lostAtMs = NEVER;
    this.#nextProbeMs = nowMs;
  }

  /** The next size of a search, or its end. */
  #next(nowMs: number): void {
    if (this.#high - this.#mtu < MTU_SEARCH_STEP_BYTES) {
      this.#settle(this.#mtu < this.#most ? nowMs + MTU_RAISE_MS : NEVER);
      return;
    }
    this.#ask(Math.ceil((this.#mtu + this.#high) / 2), nowMs);
  }

  #settle(raiseAtMs: number): void {
    this.#phase = { kind: 'settled', raiseAtMs };
    this.#probeBytes = 0;
    this.#lostAtMs = NEVER;
    this.#nextProbeMs = NEVER;
  }
}
