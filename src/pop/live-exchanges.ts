import { assertNever, type Clock } from '../base/index.ts';
import { type Revocation, subjectId } from '../core/session/index.ts';
import { REVIEW_EVERY_MS, REVIEW_SLICE_EXCHANGES, REVIEW_SLICE_MS } from './constants.ts';

/** Why an exchange is cut: it would not be admitted any more, or the PoP stops. */
export type CutReason = 'denied' | 'pop-stopping';

/** A request that is being served, or a WebSocket that is open. */
export interface LiveExchange {
  readonly resourceId: string;
  /** Whose it is (`subjectId`); undefined where nobody had to sign in. */
  readonly subjectId: string | undefined;
  /** The connector that carries it now, by its overlay address. */
  readonly through: string | undefined;
  /** Whether it would be admitted now. */
  stillAdmitted(): boolean;
  /** Cuts both sides. Whose protocol can say so is told why. */
  cut(why: CutReason): void;
  /** No path leads to a connector any more: what waits for an answer through it goes elsewhere. */
  connectorLost?(overlayAddress: string): void;
  /** The PoP stops or empties itself: ends what would never end, in the way that its protocol has for this. */
  goAway(): void;
}

/**
 * What is under way, so that a revocation ends it and not only the next request. Those that have lived a little are
 * found by subject and resource; the many that are over at once never get into that index.
 */
export class LiveExchanges {
  readonly #clock: Clock;
  readonly #live = new Set<LiveExchange>();
  /** Not in the index yet. */
  #young = new Set<LiveExchange>();
  readonly #bySubject = new Index();
  readonly #byResource = new Index();
  /** To be judged anew, the most urgent list first. */
  readonly #reviews: Review[] = [];
  #isReviewing = false;
  #reviewedMs: number;
  #cut = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#reviewedMs = clock.nowMs();
  }

  get size(): number {
    return this.#live.size;
  }

  /** How many were cut because they would not be admitted any more. */
  get cutCount(): number {
    return this.#cut;
  }

  add(exchange: LiveExchange): void {
    this.#live.add(exchange);
    this.#young.add(exchange);
  }

  remove(exchange: LiveExchange): void {
    if (!this.#live.delete(exchange) || this.#young.delete(exchange)) return;
    this.#bySubject.remove(exchange.subjectId, exchange);
    this.#byResource.remove(exchange.resourceId, exchange);
  }

  /** Call once a second or so: takes those that live on into the index, and judges all anew now and then. */
  tick(): void {
    this.settle();
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#reviewedMs >= REVIEW_EVERY_MS) this.review();
  }

  /** Takes those that live on into the index. */
  settle(): void {
    for (const exchange of this.#young) {
      this.#bySubject.add(exchange.subjectId, exchange);
      this.#byResource.add(exchange.resourceId, exchange);
    }
    this.#young = new Set();
  }

  /** Call when the last path to a connector went down. Streams that carry an answer are left to their transport. */
  connectorLost(overlayAddress: string): void {
    for (const exchange of [...this.#live]) exchange.connectorLost?.(overlayAddress);
  }

  /** Something was revoked: judges those that it may concern, before anything else. */
  revoked(revocations: readonly Revocation[]): void {
    const subjects = new Set<string>();
    const resources = new Set<string>();
    for (const revocation of revocations) {
      switch (revocation.kind) {
        // The table may have folded single sessions into their user, so all of the user's are asked.
        case 'session':
        case 'user':
          subjects.add(revocation.userId);
          break;
        case 'credential':
          subjects.add(subjectId({ kind: 'holder', credentialId: revocation.credentialId }));
          break;
        case 'resource':
          resources.add(revocation.resourceId);
          break;
        case 'provider':
          if (revocation.userId !== undefined) {
            subjects.add(revocation.userId);
            break;
          }
          this.#judge([...this.#live], 'first');
          return;
        case 'key':
          this.#judge([...this.#live], 'first');
          return;
        default:
          assertNever(revocation);
      }
    }
    const concerned = new Set<LiveExchange>();
    for (const id of subjects) for (const exchange of this.#bySubject.of(id)) concerned.add(exchange);
    for (const id of resources) for (const exchange of this.#byResource.of(id)) concerned.add(exchange);
    for (const exchange of this.#young)
      if (resources.has(exchange.resourceId) || subjects.has(exchange.subjectId ?? '')) concerned.add(exchange);
    this.#judge([...concerned], 'first');
  }

  /** A new snapshot, or time went by: judges all, a few at a time, so that requests go on meanwhile. */
  review(): void {
    this.#reviewedMs = this.#clock.nowMs();
    // What is left of an older review is in this one.
    this.#reviews.length = 0;
    this.#judge([...this.#live], 'last');
  }

  /** What a connector carries now. */
  through(overlayAddress: string): LiveExchange[] {
    return [...this.#live].filter((exchange) => exchange.through === overlayAddress);
  }

  /** Ends what would never end: all of it, or those of these that are live still. */
  goAway(exchanges: Iterable<LiveExchange> = this.#live): void {
    for (const exchange of exchanges) if (this.#live.has(exchange)) exchange.goAway();
  }

  /** Ends everything. */
  cutAll(): void {
    for (const exchange of [...this.#live]) {
      this.remove(exchange);
      exchange.cut('pop-stopping');
    }
  }

  #judge(exchanges: readonly LiveExchange[], place: 'first' | 'last'): void {
    if (exchanges.length === 0) return;
    const review = { exchanges, next: 0 };
    if (place === 'first') this.#reviews.unshift(review);
    else this.#reviews.push(review);
    if (place === 'first' || !this.#isReviewing) this.#slice();
  }

  #slice(): void {
    const untilMs = this.#clock.nowMs() + REVIEW_SLICE_MS;
    for (;;) {
      const review = this.#reviews[0];
      if (!review) break;
      for (let count = 0; count < REVIEW_SLICE_EXCHANGES && review.next < review.exchanges.length; count++)
        this.#reviewOne(review.exchanges[review.next++] as LiveExchange);
      if (review.next === review.exchanges.length) this.#reviews.shift();
      if (this.#clock.nowMs() >= untilMs) break;
    }
    if (this.#reviews.length === 0 || this.#isReviewing) return;
    this.#isReviewing = true;
    setImmediate(() => {
      this.#isReviewing = false;
      this.#slice();
    });
  }

  #reviewOne(exchange: LiveExchange): void {
    if (!this.#live.has(exchange) || exchange.stillAdmitted()) return;
    this.remove(exchange);
    this.#cut++;
    exchange.cut('denied');
  }
}

interface Review {
  readonly exchanges: readonly LiveExchange[];
  next: number;
}

/** Exchanges by something that they have in common. */
class Index {
  readonly #sets = new Map<string, Set<LiveExchange>>();

  of(id: string): Iterable<LiveExchange> {
    return this.#sets.get(id) ?? [];
  }

  add(id: string | undefined, exchange: LiveExchange): void {
    if (id === undefined) return;
    const set = this.#sets.get(id);
    if (set) set.add(exchange);
    else this.#sets.set(id, new Set([exchange]));
  }

  remove(id: string | undefined, exchange: LiveExchange): void {
    const set = id === undefined ? undefined : this.#sets.get(id);
    if (!set?.delete(exchange) || set.size > 0) return;
    this.#sets.delete(id as string);
  }
}
