/**
 * Finding the datagrams in a buffer that the kernel put together (UDP generic receive offload): equal sizes, the last
 * may be shorter, and nobody says which size. The messages tell: types 1 to 3 have one size each, and data messages
 * show their header again at every multiple.
 */
import {
  COOKIE_REPLY_BYTES,
  INITIATION_BYTES,
  messageType,
  RESPONSE_BYTES,
  readCounter,
  readInt32,
  SEAL_OVERHEAD_BYTES,
  TYPE_COOKIE,
  TYPE_DATA,
  TYPE_INITIATION,
  TYPE_RESPONSE,
} from './messages.ts';

const FIXED_SIZES = [COOKIE_REPLY_BYTES, RESPONSE_BYTES, INITIATION_BYTES] as const;

/**
 * Splits `length` bytes at `offset`. Writes where each datagram begins and, after the last, where it ends, so datagram
 * `i` is `into[i] .. into[i + 1]`; gives the number of datagrams. `hintBytes` is the size found last for this sender (0
 * for none); it saves the search and changes no result.
 *
 * `into` has room for one more than the datagrams of the buffer: 65,535 bytes hold 2,047 at most, the kernel puts 64
 * or 128 together. Beyond its room the last one takes the rest.
 *
 * Whatever shows no recurring header is one datagram. A header is told from ciphertext by at least 64 bits (type, and
 * receiver index or a small counter) for data, and for the other types by 32 bits at one exact place, so a false cut
 * costs one datagram in some thousand millions.
 */
export function splitCoalesced(
  bytes: Uint8Array,
  offset: number,
  length: number,
  into: Int32Array,
  hintBytes = 0,
): number {
  const size = segmentSize(bytes, offset, length, hintBytes);
  const most = into.length - 1;
  const count = Math.min(Math.ceil(length / size), most);
  for (let i = 0; i < count; i++) into[i] = offset + i * size;
  into[count] = offset + length;
  return count;
}

function segmentSize(bytes: Uint8Array, offset: number, length: number, hintBytes: number): number {
  if (length <= SEAL_OVERHEAD_BYTES) return Math.max(length, 1);
  const type = messageType(bytes, offset);
  if (type === 0) return length;
  if (type !== TYPE_DATA) {
    const fixed = fixedSize(type);
    return recurs(bytes, offset, length, fixed) ? fixed : length;
  }
  if (hintBytes >= SEAL_OVERHEAD_BYTES && hintBytes < length && hintHolds(bytes, offset, length, hintBytes))
    return hintBytes;
  return searchSize(bytes, offset, length);
}

/**
 * Searches for the second header. The smallest size that fits every multiple is the right one: each multiple of it fits
 * just as well, and a smaller one would need headers inside ciphertext.
 */
function searchSize(bytes: Uint8Array, offset: number, length: number): number {
  const largest = sizeByHandshakeMessage(bytes, offset, length);
  const end = Math.min(offset + largest, offset + length - SEAL_OVERHEAD_BYTES + 1);
  // The native search runs to the end of the array, so it gets one that ends here.
  const within = bytes.length === end ? bytes : bytes.subarray(0, end);
  let at = within.indexOf(TYPE_DATA, offset + SEAL_OVERHEAD_BYTES);
  while (at >= 0) {
    if (bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0) {
      if (recurs(bytes, offset, length, at - offset)) return at - offset;
    }
    at = within.indexOf(TYPE_DATA, at + 1);
  }
  return largest;
}

/** The smallest size by which the second message is a handshake message, all of a size or the last; else `length`. */
function sizeByHandshakeMessage(bytes: Uint8Array, offset: number, length: number): number {
  let smallest = length;
  for (const fixed of FIXED_SIZES) {
    if (fixed < smallest && recurs(bytes, offset, length, fixed)) smallest = fixed;
    const asLast = length - fixed;
    if (asLast >= fixed && asLast < smallest && recurs(bytes, offset, length, asLast)) smallest = asLast;
  }
  return smallest;
}

/** A size from before still holds if the next message carries the next counter, or if no divisor of it holds. */
function hintHolds(bytes: Uint8Array, offset: number, length: number, size: number): boolean {
  if (!recurs(bytes, offset, length, size)) return false;
  const second = offset + size;
  if (
    messageType(bytes, second) === TYPE_DATA &&
    readInt32(bytes, second + 4) === readInt32(bytes, offset + 4) &&
    readCounter(bytes, second + 8) === readCounter(bytes, offset + 8) + 1
  )
    return true;
  for (let parts = 2; size >= parts * SEAL_OVERHEAD_BYTES; parts++) {
    if (size % parts === 0 && recurs(bytes, offset, length, size / parts)) return false;
  }
  return true;
}

/** Whether a message stands at every multiple of `size`, each of a type that fits its length. */
function recurs(bytes: Uint8Array, offset: number, length: number, size: number): boolean {
  const end = offset + length;
  const index = readInt32(bytes, offset + 4);
  for (let at = offset + size; at < end; at += size) {
    if (!isMessage(bytes, at, Math.min(size, end - at), index)) return false;
  }
  return size <= length;
}

function isMessage(bytes: Uint8Array, at: number, size: number, index: number): boolean {
  if (size < SEAL_OVERHEAD_BYTES) return false;
  const type = messageType(bytes, at);
  if (type === 0) return false;
  if (type !== TYPE_DATA) return size === fixedSize(type);
  // The same session, or a new one: its counter cannot have come far.
  return readInt32(bytes, at + 4) === index || readInt32(bytes, at + 12) === 0;
}

function fixedSize(type: number): number {
  if (type === TYPE_INITIATION) return INITIATION_BYTES;
  if (type === TYPE_RESPONSE) return RESPONSE_BYTES;
  return type === TYPE_COOKIE ? COOKIE_REPLY_BYTES : 0;
}
