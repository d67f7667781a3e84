import type { IpAddress } from '../../base/index.ts';
import { ANSWERS_BURST, ANSWERS_PER_SECOND, RATE_BUCKETS, SLIP } from './constants.ts';

/** `truncate`: answer with "ask over TCP" and nothing else. */
export type RateVerdict = 'answer' | 'truncate' | 'drop';

/**
 * Answers over UDP per block of addresses (response rate limiting, as BIND, Knot and NSD do it): whoever forges the
 * address of a victim does not get our answers to flood it. Blocks share a fixed number of token buckets through a keyed
 * hash, so memory stays the same under any flood and nobody can aim at the bucket of somebody else.
 */
export class ResponseRateLimiter {
  readonly #tokens: Float32Array;
  readonly #filledMs: Float64Array;
  readonly #slips: Uint8Array;
  readonly #key: number;

  constructor(key: number, buckets = RATE_BUCKETS) {
    this.#key = key;
    this.#tokens = new Float32Array(buckets).fill(ANSWERS_BURST);
    this.#filledMs = new Float64Array(buckets);
    this.#slips = new Uint8Array(buckets);
  }

  take(address: IpAddress, nowMs: number): RateVerdict {
    const bucket = this.#bucketOf(address);
    const elapsedMs = Math.max(0, nowMs - (this.#filledMs[bucket] as number));
    const filled = (this.#tokens[bucket] as number) + (elapsedMs * ANSWERS_PER_SECOND) / 1000;
    const tokens = Math.min(ANSWERS_BURST, filled);
    this.#filledMs[bucket] = nowMs;
    this.#tokens[bucket] = tokens >= 1 ? tokens - 1 : tokens;
    if (tokens >= 1) return 'answer';
    const slip = ((this.#slips[bucket] as number) + 1) % SLIP;
    this.#slips[bucket] = slip;
    return slip === 0 ? 'truncate' : 'drop';
  }

  /** Of the /24, or the /56 that one IPv6 subscriber has at the least. */
  #bucketOf({ bytes }: IpAddress): number {
    const length = bytes.length === 4 ? 3 : 7;
    let hash = this.#key;
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ (bytes[i] as number), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0xc2b2ae35);
    return ((hash ^ (hash >>> 13)) >>> 0) % this.#tokens.length;
  }
}
