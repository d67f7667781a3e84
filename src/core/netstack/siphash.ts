/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012) on pairs of 32-bit halves, giving 64 bits as two int32. A keyed hash that is
 * quick on short input: for sequence numbers, ports and hash tables that strangers must not predict.
 */
export class SipHash {
  readonly #key: Int32Array;
  readonly #state = new Int32Array(8);

  /** `key` has 16 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError(`a SipHash key has 16 bytes, not ${key.length}`);
    const view = new DataView(key.buffer, key.byteOffset, 16);
    this.#key = Int32Array.of(
      view.getInt32(0, true),
      view.getInt32(4, true),
      view.getInt32(8, true),
      view.getInt32(12, true),
    );
  }

  /** The hash of `bytes` as [low, high] int32 halves of the 64-bit result. */
  hash(bytes: Uint8Array): readonly [number, number] {
    this.#start();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const whole = bytes.length & ~7;
    for (let at = 0; at < whole; at += 8) this.#absorb(view.getInt32(at, true), view.getInt32(at + 4, true));
    let low = 0;
    let high = bytes.length << 24;
    for (let i = whole; i < bytes.length; i++) {
      const shift = 8 * (i - whole);
      if (shift < 32) low |= (bytes[i] as number) << shift;
      else high |= (bytes[i] as number) << (shift - 32);
    }
    this.#absorb(low, high);
    const s = this.#state;
    s[4] = (s[4] as number) ^ 0xff;
    for (let i = 0; i < 4; i++) this.#round();
    return [
      (s[0] as number) ^ (s[2] as number) ^ (s[4] as number) ^ (s[6] as number),
      (s[1] as number) ^ (s[3] as number) ^ (s[5] as number) ^ (s[7] as number),
    ];
  }

  /** v0 .. v3, low half first: the key combined with "somepseudorandomlygeneratedbytes". */
  #start(): void {
    const k = this.#key;
    const s = this.#state;
    s[0] = (k[0] as number) ^ 0x70736575;
    s[1] = (k[1] as number) ^ 0x736f6d65;
    s[2] = (k[2] as number) ^ 0x6e646f6d;
    s[3] = (k[3] as number) ^ 0x646f7261;
    s[4] = (k[0] as number) ^ 0x6e657261;
    s[5] = (k[1] as number) ^ 0x6c796765;
    s[6] = (k[2] as number) ^ 0x79746573;
    s[7] = (k[3] as number) ^ 0x74656462;
  }

  #absorb(low: number, high: number): void {
    const s = this.#state;
    s[6] = (s[6] as number) ^ low;
    s[7] = (s[7] as number) ^ high;
    this.#round();
    this.#round();
    s[0] = (s[0] as number) ^ low;
    s[1] = (s[1] as number) ^ high;
  }

  #round(): void {
    const s = this.#state;
    add(s, 0, 2);
    rotate(s, 2, 13);
    exclusiveOr(s, 2, 0);
    swap(s, 0);
    add(s, 4, 6);
    rotate(s, 6, 16);
    exclusiveOr(s, 6, 4);
    add(s, 0, 6);
    rotate(s, 6, 21);
    exclusiveOr(s, 6, 0);
    add(s, 4, 2);
    rotate(s, 2, 17);
    exclusiveOr(s, 2, 4);
    swap(s, 4);
  }
}

/** 64-bit addition of the pair at `b` to the pair at `a`. */
function add(s: Int32Array, a: number, b: number): void {
  const low = ((s[a] as number) >>> 0) + ((s[b] as number) >>> 0);
  s[a] = low | 0;
  s[a + 1] = ((s[a + 1] as number) + (s[b + 1] as number) + (low > 0xffffffff ? 1 : 0)) | 0;
}

function exclusiveOr(s: Int32Array, a: number, b: number): void {
  s[a] = (s[a] as number) ^ (s[b] as number);
  s[a + 1] = (s[a + 1] as number) ^ (s[b + 1] as number);
}

/** Rotates left by fewer than 32 bits. */
function rotate(s: Int32Array, a: number, bits: number): void {
  const low = s[a] as number;
  const high = s[a + 1] as number;
  s[a] = (low << bits) | (high >>> (32 - bits));
  s[a + 1] = (high << bits) | (low >>> (32 - bits));
}

/** Rotates by 32 bits. */
function swap(s: Int32Array, a: number): void {
  const low = s[a] as number;
  s[a] = s[a + 1] as number;
  s[a + 1] = low;
}
