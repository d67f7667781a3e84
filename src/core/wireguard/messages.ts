/**
 * The four messages on the wire (WireGuard paper section 5.4). Integers are little endian; `type` is one byte and
 * three reserved zeros.
 *
 *     initiation  type=1 | sender 4 | ephemeral 32 | static 48 | timestamp 28 | mac1 16 | mac2 16         148 bytes
 *     response    type=2 | sender 4 | receiver 4 | ephemeral 32 | empty 16 | mac1 16 | mac2 16             92 bytes
 *     cookie      type=3 | receiver 4 | nonce 24 | cookie 32                                               64 bytes
 *     data        type=4 | receiver 4 | counter 8 | sealed packet, 16 bytes at least                      >= 32 bytes
 */
export const TYPE_INITIATION = 1;
export const TYPE_RESPONSE = 2;
export const TYPE_COOKIE = 3;
export const TYPE_DATA = 4;

export const INITIATION_BYTES = 148;
export const RESPONSE_BYTES = 92;
export const COOKIE_REPLY_BYTES = 64;
/** Where the plaintext of a data message begins. */
export const DATA_HEADER_BYTES = 16;
export const TAG_BYTES = 16;
/** What a data message adds to its padded packet. */
export const SEAL_OVERHEAD_BYTES = DATA_HEADER_BYTES + TAG_BYTES;
/** Packets are padded with zeros to a multiple of this. */
export const PADDING_BYTES = 16;

/** Both messages that carry macs end in mac1 (16 bytes) and mac2 (16 bytes). */
export const MAC_BYTES = 16;

/** The Noise message inside an initiation and a response: behind the indices, before the macs. */
export const INITIATION_NOISE_OFFSET = 8;
export const RESPONSE_NOISE_OFFSET = 12;
export const COOKIE_NONCE_OFFSET = 8;
export const COOKIE_NONCE_BYTES = 24;
export const COOKIE_SEALED_OFFSET = 32;

/** Indices are 32-bit and handled as signed integers inside: every value has one spelling, and the engine keeps it small. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** A 64-bit counter as a number; Infinity where it is not below 2^53, which no honest sender reaches. */
export function readCounter(bytes: Uint8Array, at: number): number {
  const high = readInt32(bytes, at + 4) >>> 0;
  return high < 2 ** 21 ? high * 2 ** 32 + (readInt32(bytes, at) >>> 0) : Number.POSITIVE_INFINITY;
}

export function writeCounter(bytes: Uint8Array, at: number, counter: number): void {
  writeInt32(bytes, at, counter | 0);
  writeInt32(bytes, at + 4, counter < 2 ** 32 ? 0 : Math.floor(counter / 2 ** 32));
}

/** The message type, or 0 where the first four bytes are not a type with its reserved zeros. */
export function messageType(bytes: Uint8Array, at: number): number {
  const type = readInt32(bytes, at);
  return type >= TYPE_INITIATION && type <= TYPE_DATA ? type : 0;
}

/** Whether a message of ours asks for a session. */
export function isInitiation(bytes: Uint8Array): boolean {
  return bytes.length === INITIATION_BYTES && messageType(bytes, 0) === TYPE_INITIATION;
}
