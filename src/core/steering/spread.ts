/** FNV-1a over a text's characters; for spreading, where nobody gains by a collision. */
export function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Two hashes as a number in [0, 1) that looks random and is always the same (the finaliser of MurmurHash3, twice). */
export function mixed(a: number, b: number): number {
  return finalised(finalised(a) ^ b) / 2 ** 32;
}

function finalised(hash: number): number {
  let value = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
