import { concat, type IpAddress, ipAddress, utf8 } from '../../base/index.ts';

/** fd6d:616e:6973::/48, a unique local prefix (RFC 4193); its bytes spell "manis". */
const OVERLAY_PREFIX = [0xfd, 0x6d, 0x61, 0x6e, 0x69, 0x73] as const;

/**
 * The overlay address that belongs to a WireGuard public key, so that nobody allocates addresses and nobody can claim
 * another's without its key (as in RFC 3972, cryptographically generated addresses).
 *
 *     | fd6d:616e:6973 (48 bits) | first 80 bits of SHA-256("manis overlay v1" || public key) |
 */
export function overlayAddress(publicKey: Uint8Array, sha256: (bytes: Uint8Array) => Uint8Array): IpAddress {
  if (publicKey.length !== 32) throw new RangeError(`a public key has 32 bytes, not ${publicKey.length}`);
  const digest = sha256(concat(utf8('manis overlay v1'), publicKey));
  return ipAddress(Uint8Array.from([...OVERLAY_PREFIX, ...digest.subarray(0, 10)]));
}

/** Whether an address lies in the overlay. */
export function isOverlayAddress(address: IpAddress): boolean {
  return address.version === 6 && OVERLAY_PREFIX.every((byte, i) => address.bytes[i] === byte);
}
