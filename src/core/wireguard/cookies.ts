/**
 * The two macs of a handshake message and the cookies behind the second (paper section 5.4.4 and 5.4.7). mac1 proves
 * that the sender knows whom it is talking to; mac2 proves, under load, that it receives at the address it sends from.
 */
import { type Endpoint, equalBytes, type Milliseconds, type Random, utf8 } from '../../base/index.ts';
import { COOKIE_LIFETIME_MS } from './constants.ts';
import type { WireguardCrypto } from './crypto.ts';
import {
  COOKIE_NONCE_BYTES,
  COOKIE_NONCE_OFFSET,
  COOKIE_REPLY_BYTES,
  COOKIE_SEALED_OFFSET,
  MAC_BYTES,
  readInt32,
  TYPE_COOKIE,
  writeInt32,
} from './messages.ts';

const MAC1_LABEL = utf8('mac1----');
const COOKIE_LABEL = utf8('cookie--');
const SECRET_BYTES = 32;
const SENDER_OFFSET = 4;

/** Keys that anybody who knows a public key can compute. */
export function mac1Key(crypto: WireguardCrypto, publicKey: Uint8Array): Uint8Array {
  return crypto.hash(MAC1_LABEL, publicKey);
}

export function cookieKey(crypto: WireguardCrypto, publicKey: Uint8Array): Uint8Array {
  return crypto.hash(COOKIE_LABEL, publicKey);
}

/** Writes both macs at the end of a message; mac2 stays zero without a cookie. Gives mac1, which names the message in a cookie reply. */
export function writeMacs(
  crypto: WireguardCrypto,
  message: Uint8Array,
  key: Uint8Array,
  cookie: Uint8Array | undefined,
): Uint8Array {
  const mac1At = message.length - 2 * MAC_BYTES;
  const mac1 = crypto.mac(key, message.subarray(0, mac1At));
  message.set(mac1, mac1At);
  if (cookie) message.set(crypto.mac(cookie, message.subarray(0, mac1At + MAC_BYTES)), mac1At + MAC_BYTES);
  return mac1;
}

/** Whether mac1 holds. `message` is one whole initiation or response. */
export function mac1Holds(crypto: WireguardCrypto, message: Uint8Array, key: Uint8Array): boolean {
  const mac1At = message.length - 2 * MAC_BYTES;
  return equalBytes(crypto.mac(key, message.subarray(0, mac1At)), message.subarray(mac1At, mac1At + MAC_BYTES));
}

/** The side that hands cookies out: nothing is kept per sender, only one secret that changes every two minutes. */
export class CookieMint {
  readonly #crypto: WireguardCrypto;
  readonly #random: Random;
  readonly #cookieKey: Uint8Array;
  #secret: Uint8Array = new Uint8Array(SECRET_BYTES);
  #secretFromMs = Number.NEGATIVE_INFINITY;

  constructor(crypto: WireguardCrypto, random: Random, publicKey: Uint8Array) {
    this.#crypto = crypto;
    this.#random = random;
    this.#cookieKey = cookieKey(crypto, publicKey);
  }

  mac2Holds(message: Uint8Array, from: Endpoint, nowMs: Milliseconds): boolean {
    const mac2At = message.length - MAC_BYTES;
    const expected = this.#crypto.mac(this.#cookie(from, nowMs), message.subarray(0, mac2At));
    return equalBytes(expected, message.subarray(mac2At));
  }

  /** A cookie reply to a message whose mac1 holds. */
  reply(message: Uint8Array, from: Endpoint, nowMs: Milliseconds): Uint8Array {
    const mac1At = message.length - 2 * MAC_BYTES;
    const nonce = this.#random.bytes(COOKIE_NONCE_BYTES);
    const reply = new Uint8Array(COOKIE_REPLY_BYTES);
    writeInt32(reply, 0, TYPE_COOKIE);
    writeInt32(reply, 4, readInt32(message, SENDER_OFFSET));
    reply.set(nonce, COOKIE_NONCE_OFFSET);
    const mac1 = message.subarray(mac1At, mac1At + MAC_BYTES);
    reply.set(this.#crypto.xseal(this.#cookieKey, nonce, this.#cookie(from, nowMs), mac1), COOKIE_SEALED_OFFSET);
    return reply;
  }

  #cookie(from: Endpoint, nowMs: Milliseconds): Uint8Array {
    if (nowMs - this.#secretFromMs >= COOKIE_LIFETIME_MS) {
      this.#secret = this.#random.bytes(SECRET_BYTES);
      this.#secretFromMs = nowMs;
    }
    const { bytes } = from.address;
    const source = new Uint8Array(bytes.length + 2);
    source.set(bytes);
    source[bytes.length] = from.port >> 8;
    source[bytes.length + 1] = from.port;
    return this.#crypto.mac(this.#secret, source);
  }
}

/** The cookie in a reply to a message of ours with this mac1, or undefined where it does not open. */
export function openCookieReply(
  crypto: WireguardCrypto,
  reply: Uint8Array,
  responderCookieKey: Uint8Array,
  mac1: Uint8Array,
): Uint8Array | undefined {
  const nonce = reply.subarray(COOKIE_NONCE_OFFSET, COOKIE_SEALED_OFFSET);
  return crypto.xopen(responderCookieKey, nonce, reply.subarray(COOKIE_SEALED_OFFSET), mac1);
}
