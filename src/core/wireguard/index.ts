/**
 * core/wireguard: the WireGuard protocol without sockets and timers. One `WireguardDevice` holds one private key and
 * many peers: datagrams go in, packets and datagrams come out, and the device says when it wants to be asked again.
 *
 * Read: J. Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel" (NDSS 2017, revision of 2020), sections 5 and
 * 6; the Noise Protocol Framework, revision 34; RFC 7693, 7748, 8439; draft-irtf-cfrg-xchacha-03; RFC 6479.
 */
export { splitCoalesced } from './coalesced.ts';
export { DEFAULT_LIMITS, type WireguardLimits } from './constants.ts';
export type { PacketKey, WireguardCrypto } from './crypto.ts';
export { WireguardDevice } from './device.ts';
export { DROP_REASONS, type DropCounters, type DropReason } from './drops.ts';
export { DATA_HEADER_BYTES, isInitiation, PADDING_BYTES, SEAL_OVERHEAD_BYTES } from './messages.ts';
export type {
  PeerHandle,
  PeerOptions,
  PeerStatus,
  Received,
  ReceivedMessage,
  ReceivedPacket,
  WireguardDeviceOptions,
  WireguardEvent,
  WireguardEventKind,
} from './types.ts';
