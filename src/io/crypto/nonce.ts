/** A nonce of 12 bytes for the counter (four zeros, then 64 bits in little endian), written over the one before. */
export function writeNonce(nonce: Uint8Array, counter: number): void {
  const high = counter < 2 ** 32 ? 0 : Math.floor(counter / 2 ** 32);
  nonce[4] = counter;
  nonce[5] = counter >>> 8;
  nonce[6] = counter >>> 16;
  nonce[7] = counter >>> 24;
  nonce[8] = high;
  nonce[9] = high >>> 8;
  nonce[10] = high >>> 16;
  nonce[11] = high >>> 24;
}
