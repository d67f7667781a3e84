/**
 * Which handshake messages are worth a computation (paper section 5.3). A Curve25519 operation costs a hundred times a
 * mac, so: mac1 always; beyond a calm rate a cookie round trip; then a rate per source; and a rate for the whole device.
 */
import type { Endpoint, Milliseconds, Random } from '../../base/index.ts';
import {
  MAX_COOKIE_REPLIES_PER_SECOND,
  MAX_SOURCES,
  SOURCE_HANDSHAKE_BURST,
  SOURCE_HANDSHAKES_PER_SECOND,
  UNDER_LOAD_MS,
  type WireguardLimits,
} from './constants.ts';
import { CookieMint, mac1Holds, mac1Key } from './cookies.ts';
import type { WireguardCrypto } from './crypto.ts';
import type { DropReason } from './drops.ts';
import { TokenBucket } from './token-bucket.ts';

export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly reason: DropReason; readonly cookieReply?: Uint8Array };

const ADMITTED: Admission = { kind: 'admitted' };

export class HandshakeAdmission {
  readonly #crypto: WireguardCrypto;
  readonly #mac1Key: Uint8Array;
  readonly #mint: CookieMint;
  readonly #calm: TokenBucket;
  readonly #ceiling: TokenBucket;
  readonly #cookieReplies = new TokenBucket(MAX_COOKIE_REPLIES_PER_SECOND, MAX_COOKIE_REPLIES_PER_SECOND);
  readonly #sources = new Map<string, TokenBucket>();
  #underLoadUntilMs = Number.NEGATIVE_INFINITY;

  constructor(crypto: WireguardCrypto, random: Random, publicKey: Uint8Array, limits: WireguardLimits) {
    this.#crypto = crypto;
    this.#mac1Key = mac1Key(crypto, publicKey);
    this.#mint = new CookieMint(crypto, random, publicKey);
    this.#calm = new TokenBucket(limits.calmHandshakesPerSecond, limits.calmHandshakeBurst);
    this.#ceiling = new TokenBucket(
      limits.maxHandshakesPerSecond,
      Math.max(limits.maxHandshakesPerSecond, limits.calmHandshakeBurst),
    );
  }

  /** Judges one whole initiation or response. */
  judge(message: Uint8Array, from: Endpoint, nowMs: Milliseconds): Admission {
    if (!mac1Holds(this.#crypto, message, this.#mac1Key)) return { kind: 'refused', reason: 'bad-mac1' };
    if (!this.#calm.take(nowMs)) this.#underLoadUntilMs = nowMs + UNDER_LOAD_MS;
    if (nowMs < this.#underLoadUntilMs) {
      if (!this.#mint.mac2Holds(message, from, nowMs)) return this.#askForCookie(message, from, nowMs);
      if (!this.#sourceBucket(from, nowMs)?.take(nowMs)) return { kind: 'refused', reason: 'source-limit' };
    }
    return this.#ceiling.take(nowMs) ? ADMITTED : { kind: 'refused', reason: 'handshake-limit' };
  }

  #askForCookie(message: Uint8Array, from: Endpoint, nowMs: Milliseconds): Admission {
    return this.#cookieReplies.take(nowMs)
      ? { kind: 'refused', reason: 'under-load', cookieReply: this.#mint.reply(message, from, nowMs) }
      : { kind: 'refused', reason: 'under-load' };
  }

  /** The budget of a source. Full budgets are forgotten when the table is full; undefined where none can be. */
  #sourceBucket(from: Endpoint, nowMs: Milliseconds): TokenBucket | undefined {
    const source = sourceKey(from);
    const known = this.#sources.get(source);
    if (known) return known;
    if (this.#sources.size >= MAX_SOURCES) this.#forgetFull(nowMs);
    if (this.#sources.size >= MAX_SOURCES) return undefined;
    const bucket = new TokenBucket(SOURCE_HANDSHAKES_PER_SECOND, SOURCE_HANDSHAKE_BURST);
    this.#sources.set(source, bucket);
    return bucket;
  }

  #forgetFull(nowMs: Milliseconds): void {
    for (const [source, bucket] of this.#sources) if (bucket.isFull(nowMs)) this.#sources.delete(source);
  }
}

/** One IPv4 address or one IPv6 /64: whoever has one address of a /64 has them all. */
function sourceKey(from: Endpoint): string {
  const { address } = from;
  return address.version === 4 ? address.text : address.bytes.subarray(0, 8).join('.');
}
