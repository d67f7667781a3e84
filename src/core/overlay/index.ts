/**
 * overlay: the small routed IPv6 network between PoPs and connectors, and the only room where WireGuard and TCP/IP meet.
 * Read `overlay-node.ts` first, then `path-health.ts` (heartbeats after RFC 5880) and `address.ts`.
 */
export { overlayAddress } from './address.ts';
export { DROP_REASONS, type DropCounters, type DropReason } from './drops.ts';
export { OverlayNode, type OverlayNodeOptions, type TunnelEvent, type TunnelStatus } from './overlay-node.ts';
export type { PathState } from './path-health.ts';
export type { OverlayPeerOptions } from './peer.ts';
