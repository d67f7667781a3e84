import type { RankedWay } from './choice.ts';
import { MAXIMUM_TRIES, RETRY_BURST, RETRY_PER_SECOND, RETRY_RATIO } from './constants.ts';
import type { Way } from './target.ts';

/**
 * How a try failed.
 *
 * | failure | did the backend see the request? |
 * |---|---|
 * | no-path, refused, connect-timed-out | no: the connection was never there |
 * | reset, closed | perhaps |
 * | response-timed-out | very likely, and it may still be working on it |
 * | response-malformed | yes |
 * | client-gone | does not matter any more |
 */
export type TryFailure =
  | 'no-path'
  | 'refused'
  | 'connect-timed-out'
  | 'reset'
  | 'closed'
  | 'response-timed-out'
  | 'response-malformed'
  | 'client-gone';

export interface FailedTry {
  readonly method: string;
  /** Whether every byte of the body that was read is still at hand; true where there is no body. */
  readonly bodyReplayable: boolean;
  /** Whether any byte of the request, head included, was handed to a connection. */
  readonly sent: boolean;
  /** Whether any byte of a response was seen. */
  readonly responseStarted: boolean;
  readonly failure: TryFailure;
  /** Tries made so far, this one included. */
  readonly tries: number;
}

export type RetryVerdict =
  | 'retry'
  | 'tries-used-up'
  | 'client-gone'
  | 'response-started'
  | 'body-gone'
  | 'not-idempotent'
  | 'not-transient';

/**
 * RFC 9110 section 9.2.2. `Idempotency-Key` makes no method one of these: whether a backend honours it, nobody here knows.
 */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * Whether a failed try may be made again elsewhere without anybody noticing. A request that was not sent can always be;
 * one that the backend may have seen only if doing it twice is as doing it once (RFC 9110 section 9.2.2) and no byte of
 * an answer has come.
 */
export function mayRetry(failed: FailedTry): RetryVerdict {
  if (failed.failure === 'client-gone') return 'client-gone';
  if (failed.responseStarted) return 'response-started';
  if (failed.tries >= MAXIMUM_TRIES) return 'tries-used-up';
  if (!failed.bodyReplayable) return 'body-gone';
  switch (failed.failure) {
    case 'no-path':
    case 'refused':
    case 'connect-timed-out':
    case 'reset':
    case 'closed':
      return !failed.sent || isIdempotent(failed.method) ? 'retry' : 'not-idempotent';
    case 'response-timed-out':
    case 'response-malformed':
      return 'not-transient';
  }
}

/**
 * Where a try is made again: in the most preferred tier that has a way left, as far as possible by another connector and
 * to another target than the one that failed. What failed before a connection was there speaks against the path or,
 * where the target refused, against the target; which of the two differs counts first.
 */
export function nextWay<W extends Way>(
  untried: readonly RankedWay<W>[],
  failed: Way,
  failure: TryFailure,
): RankedWay<W> | undefined {
  const [ofConnector, ofTarget] = failure === 'refused' ? [1, 2] : [2, 1];
  let best: RankedWay<W> | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const ranked of untried) {
    const { way, rank } = ranked;
    const cost =
      rank * 4 +
      (way.connectorId === failed.connectorId ? ofConnector : 0) +
      (way.targetId === failed.targetId ? ofTarget : 0);
    if (cost >= least) continue;
    least = cost;
    best = ranked;
  }
  return best;
}

/**
 * Keeps retries a small share of requests, so that a failing backend is not finished off by them. A token bucket: each
 * request puts in `RETRY_RATIO`, time a little, a retry takes out one. Only tries that a backend may have seen are taken out:
 * one that never reached it is no work to it.
 */
export class RetryBudget {
  /** Full at first: a PoP that has just started meets targets that fail like any other. */
  #tokens = RETRY_BURST;
  #filledMs: number;

  constructor(nowMs: number) {
    this.#filledMs = nowMs;
  }

  /** A request, not a retry, came. */
  earn(nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens = Math.min(RETRY_BURST, this.#tokens + RETRY_RATIO);
  }

  /** Takes a retry out of the budget; false where there is none. */
  spend(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #fill(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#filledMs);
    this.#filledMs = Math.max(this.#filledMs, nowMs);
    this.#tokens = Math.min(RETRY_BURST, this.#tokens + (elapsedMs / 1000) * RETRY_PER_SECOND);
  }
}
