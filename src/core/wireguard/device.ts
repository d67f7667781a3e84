import type { DatagramBatch, Endpoint, Milliseconds } from '../../base/index.ts';
import type { DropCounters } from './drops.ts';
import type { PeerHandle, PeerOptions, PeerStatus, Received, WireguardDeviceOptions, WireguardEvent } from './types.ts';

export declare class WireguardDevice {
  readonly publicKey: Uint8Array;
  constructor(options: WireguardDeviceOptions);
  addPeer(options: PeerOptions): PeerHandle;
  removePeer(peer: PeerHandle): void;
  peerByPublicKey(publicKey: Uint8Array): PeerHandle | undefined;
  setEndpoint(peer: PeerHandle, endpoint: Endpoint): void;
  receiveDatagram(bytes: Uint8Array, offset: number, length: number, from: Endpoint, nowMs: Milliseconds): Received;
  sealInto(
    peer: PeerHandle,
    batch: DatagramBatch,
    packetLength: number,
    nowMs: Milliseconds,
    paddedLimit?: number,
  ): boolean;
  startHandshake(peer: PeerHandle, nowMs: Milliseconds): void;
  poll(batch: DatagramBatch, nowMs: Milliseconds): void;
  nextDeadlineMs(): Milliseconds | undefined;
  nextEvent(): WireguardEvent | undefined;
  peerStatus(peer: PeerHandle, nowMs: Milliseconds): PeerStatus;
  latestTimestamp(peer: PeerHandle): Uint8Array | undefined;
  latestSentTimestamp(): Uint8Array | undefined;
  setUnixOffset(unixOffsetMs: Milliseconds): void;
  counters(): DropCounters;
}
