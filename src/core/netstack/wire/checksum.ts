/**
 * The Internet checksum (RFC 1071). Words are summed in little-endian order, which the checksum allows (section 2 B):
 * every partial sum here is in that order, and a finished checksum is stored with `setUint16(offset, value, true)`.
 */

/** Sum of the 16-bit words of `length` bytes, not yet folded. An odd last byte counts as if followed by zero. */
export function sumWords(view: DataView, offset: number, length: number): number {
  let low = 0;
  let high = 0;
  let at = offset;
  const blocksEnd = offset + (length & ~15);
  for (; at < blocksEnd; at += 16) {
    const a = view.getInt32(at, true);
    const b = view.getInt32(at + 4, true);
    const c = view.getInt32(at + 8, true);
    const d = view.getInt32(at + 12, true);
    // 65535 bytes give at most 2^30 per accumulator, so int32 additions never wrap.
    low = (low + (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff)) | 0;
    high = (high + (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16)) | 0;
  }
  const end = offset + length;
  for (; at + 1 < end; at += 2) low = (low + view.getUint16(at, true)) | 0;
  if (at < end) low = (low + view.getUint8(at)) | 0;
  return low + high;
}

/** The 16-bit one's complement sum; 0xffff for bytes that contain their own right checksum. */
export function foldSum(sum: number): number {
  // Sums may exceed int32 when several are added, so the first fold is done in floating point.
  let folded = (sum % 0x10000) + Math.floor(sum / 0x10000);
  folded = (folded & 0xffff) + (folded >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}

/** The checksum to store, in little-endian order, for a sum taken with the checksum field as zero. */
export function finishChecksum(sum: number): number {
  return ~foldSum(sum) & 0xffff;
}

/** A 16-bit value in network order as a little-endian word, to be added to a sum. */
export function networkWord(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

/**
 * Sum of the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1): in both IP versions the source and destination
 * address stand side by side, so their sum is one run of words.
 */
export function pseudoHeaderSum(
  view: DataView,
  sourceOffset: number,
  addressBytes: number,
  protocol: number,
  length: number,
): number {
  return sumWords(view, sourceOffset, 2 * addressBytes) + networkWord(protocol) + networkWord(length);
}
