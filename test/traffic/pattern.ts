/** Bytes that anybody can check without having them: the byte at an offset follows from a seed and that offset. */

const WORD = 4;

/** The bytes from `offset` on, `length` of them. */
export function patternBytes(seed: number, offset: number, length: number): Buffer {
  const first = Math.floor(offset / WORD);
  const count = Math.ceil((offset + length) / WORD) - first;
  const words = new Uint32Array(count);
  for (let i = 0; i < count; i++) words[i] = mixed(seed, first + i);
  const skipped = offset - first * WORD;
  return Buffer.from(words.buffer, skipped, length);
}

/** How many bytes of `chunk`, which begins at `offset`, are not what they should be. */
export function wrongBytes(seed: number, offset: number, chunk: Uint8Array): number {
  const expected = patternBytes(seed, offset, chunk.length);
  if (expected.equals(chunk)) return 0;
  let wrong = 0;
  for (let i = 0; i < chunk.length; i++) if (chunk[i] !== expected[i]) wrong++;
  return wrong;
}

/** Neighbouring words and seeds have nothing in common (the finaliser of MurmurHash3). */
function mixed(seed: number, word: number): number {
  let x = Math.imul(seed, 0x9e3779b1) ^ Math.imul(word + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
