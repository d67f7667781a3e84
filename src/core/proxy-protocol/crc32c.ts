const REVERSED_POLYNOMIAL = 0x82f63b78;

const TABLE = new Uint32Array(256).map((_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ REVERSED_POLYNOMIAL : remainder >>> 1;
  return remainder;
});

/** CRC32c (RFC 3309, RFC 9260 appendix A), with the bytes in [zeroFrom, zeroTo) taken for zeros. */
export function crc32c(bytes: Uint8Array, zeroFrom = 0, zeroTo = 0): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) {
    const byte = at >= zeroFrom && at < zeroTo ? 0 : (bytes[at] as number);
    crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] as number);
  }
  return ~crc >>> 0;
}
