/**
 * overlay: the small routed IPv6 network between PoPs and connectors, and the only room where WireGuard and TCP/IP meet.
 * Read `overlay-node.ts` first, then `path.ts` and `path-choice.ts` (one session, several ways), `path-health.ts`
 * (heartbeats after RFC 5880), `forwarding.ts` (relays), `mtu-search.ts` (RFC 8899) and `device-peers.ts` (plain WireGuard).
 */
export { overlayAddress } from './address.ts';
export {
  DEVICE_ADDRESSES,
  deviceAddress,
  deviceIndex,
  isBehindDevice,
  POP_DEVICE_ADDRESS,
} from './device-addresses.ts';
export type { DevicePeerOptions, DevicePeers, DeviceStatus } from './device-peers.ts';
export { DROP_REASONS, type DropCounters, type DropReason } from './drops.ts';
export { carrierEndpoint, isCarrierEndpoint, RELAY_PORT } from './endpoints.ts';
export { OverlayNode, type OverlayNodeOptions } from './overlay-node.ts';
export type { PathKind } from './path.ts';
export type { PathState } from './path-health.ts';
export type { RelayOption } from './path-table.ts';
export type { TunnelEvent } from './path-tending.ts';
export type { NodeRole, OverlayPeerOptions } from './peer.ts';
export type { PathStatus, TunnelStatus } from './tunnel-status.ts';
