/**
 * The cryptography that WireGuard needs, as a port. Core decides what is hashed, sealed and opened; an adapter in
 * `io/crypto` says how. Every method is synchronous and takes and gives raw bytes.
 */

/** A transport key made ready for the packet path. Only the adapter that made it looks inside. */
export interface PacketKey {
  /** Overwrites the key material as far as the runtime allows. The key must not be used afterwards. */
  destroy(): void;
}

export interface WireguardCrypto {
  /** Which implementation seals packets, for logs and benchmarks. */
  readonly packetPath: string;

  /** Public key (32 bytes) of a private key (RFC 7748). */
  x25519PublicKey(privateKey: Uint8Array): Uint8Array;
  /** Shared secret (32 bytes), or undefined where it is all zero: the peer sent a point of small order (RFC 7748 section 6.1). */
  x25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;

  /** BLAKE2s-256 (RFC 7693) over `first`, then `second`. */
  hash(first: Uint8Array, second?: Uint8Array): Uint8Array;
  /** Keyed BLAKE2s with an output of 16 bytes. The key has 16 or 32 bytes. */
  mac(key: Uint8Array, data: Uint8Array): Uint8Array;

  /** ChaCha20-Poly1305 (RFC 8439) under the nonce `00000000 || counter` in little endian; the tag (16 bytes) follows. */
  seal(key: Uint8Array, counter: number, plaintext: Uint8Array, associatedData: Uint8Array): Uint8Array;
  /** The plaintext, or undefined where the tag does not hold. */
  open(key: Uint8Array, counter: number, sealed: Uint8Array, associatedData: Uint8Array): Uint8Array | undefined;

  /** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with a nonce of 24 bytes; the tag follows. */
  xseal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associatedData: Uint8Array): Uint8Array;
  /** The plaintext, or undefined where the tag does not hold. */
  xopen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associatedData: Uint8Array): Uint8Array | undefined;

  /** Prepares a transport key (32 bytes, copied). */
  packetKey(key: Uint8Array): PacketKey;
  /**
   * Seals `plaintextLength` bytes at `offset` where they stand, without associated data; the tag is written into the
   * 16 bytes behind them. `counter` is an integer below 2^53.
   */
  sealInPlace(key: PacketKey, counter: number, buffer: Uint8Array, offset: number, plaintextLength: number): void;
  /** Opens `sealedLength` bytes (tag included) where they stand. False, and bytes of no meaning, where the tag does not hold. */
  openInPlace(key: PacketKey, counter: number, buffer: Uint8Array, offset: number, sealedLength: number): boolean;
}
