import type { Endpoint } from '../../base/index.ts';

/** What a header says. */
export type ProxyHeader =
  /** Who came, and to which address. IPv4-mapped addresses are given as the IPv4 addresses that they stand for. */
  | {
      readonly kind: 'proxied';
      readonly transport: 'stream' | 'datagram';
      readonly source: Endpoint;
      readonly destination: Endpoint;
    }
  /** The proxy speaks for itself, as in a health check: LOCAL of version 2. Whoever connected is who came. */
  | { readonly kind: 'local' }
  /** The proxy does not know, or it was no IP: UNKNOWN of version 1, UNSPEC and UNIX of version 2. */
  | { readonly kind: 'unknown' };

export const PROXY_HEADER_FAULTS = [
  /** The bytes begin as no header of any version does. */
  'proxy-header-absent',
  /** Longer than what is taken. */
  'proxy-header-too-long',
  /** A line that version 1 does not allow. */
  'proxy-header-malformed-line',
  /** Neither PROXY nor LOCAL, or another version than 2. */
  'proxy-header-unknown-command',
  /** A family or transport that version 2 does not name. */
  'proxy-header-unknown-family',
  /** Too short for the addresses of its family, or it ends within a TLV. */
  'proxy-header-cut-short',
  /** It carries a CRC32c, and that is another one. */
  'proxy-header-wrong-checksum',
] as const;
export type ProxyHeaderFault = (typeof PROXY_HEADER_FAULTS)[number];

/** What the first bytes of a connection or datagram hold. */
export type ProxyHeaderRead =
  /** It is a header so far, and not whole before there are this many bytes. */
  | { readonly kind: 'incomplete'; readonly atLeastBytes: number }
  /** A header of `length` bytes; what is behind it is the client's. */
  | { readonly kind: 'header'; readonly header: ProxyHeader; readonly length: number }
  | { readonly kind: 'refused'; readonly fault: ProxyHeaderFault };
