import { FORWARD_QUEUE_BYTES, FORWARD_QUEUE_PACKETS } from './constants.ts';
import type { DropReason } from './drops.ts';
import type { NodeRole, OverlayPeer } from './peer.ts';
import { isRelayPacket, relayPacketBytes } from './relay-codec.ts';

const HOP_LIMIT_AT = 7;

/**
 * Why a packet from one peer to another is not sent on; undefined where it is. Whatever has no rule of its own is
 * refused: only what is sealed from end to end, only between a connector and a PoP, only to whom we reach directly.
 */
export function refusalToForward(
  ownRole: NodeRole,
  from: OverlayPeer,
  to: OverlayPeer | undefined,
  bytes: Uint8Array,
  offset: number,
  length: number,
): DropReason | undefined {
  if (ownRole !== 'pop') return 'not-for-us';
  if (!to) return 'unknown-destination';
  if (from.role === to.role) return from.role === 'pop' ? 'pop-to-pop' : 'connector-to-connector';
  if (!isRelayPacket(bytes, offset, length)) return 'not-relayed-port';
  if (relayPacketBytes(bytes, offset, length) === 0) return 'bad-relay-packet';
  if ((bytes[offset + HOP_LIMIT_AT] as number) <= 1) return 'hop-limit';
  if (!to.direct || to.directState === 'down' || to.directState === 'unproven') return 'no-direct-path';
  return undefined;
}

interface Forwarded {
  readonly from: OverlayPeer;
  readonly to: OverlayPeer;
  readonly packet: Uint8Array;
}

/**
 * Packets of others between their coming in and their going out: first in, first out, and no more than fits. A sender
 * holds no more than it leaves free, so that one that floods pushes out nobody else's.
 */
export class ForwardQueue {
  #packets: Forwarded[] = [];
  #taken = 0;
  #bytes = 0;

  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Keeps a copy of a packet that may go on, with its hop limit lowered; or says why not. */
  offer(from: OverlayPeer, to: OverlayPeer, bytes: Uint8Array, offset: number, length: number): DropReason | undefined {
    const size = relayPacketBytes(bytes, offset, length);
    const freePackets = FORWARD_QUEUE_PACKETS - (this.#packets.length - this.#taken);
    const freeBytes = FORWARD_QUEUE_BYTES - this.#bytes;
    if (freePackets === 0 || size > freeBytes) return 'relay-queue-full';
    if (from.queuedPackets >= freePackets || from.queuedBytes + size > freeBytes) return 'relay-queue-share';
    // A Buffer's `slice` would be a view of bytes that are only lent.
    const packet = new Uint8Array(bytes.subarray(offset, offset + size));
    packet[HOP_LIMIT_AT] = (packet[HOP_LIMIT_AT] as number) - 1;
    this.#packets.push({ from, to, packet });
    this.#bytes += size;
    from.queuedPackets++;
    from.queuedBytes += size;
    return undefined;
  }

  peek(): Forwarded | undefined {
    return this.#packets[this.#taken];
  }

  shift(): void {
    const first = this.#packets[this.#taken];
    if (!first) return;
    this.#bytes -= first.packet.length;
    first.from.queuedPackets--;
    first.from.queuedBytes -= first.packet.length;
    this.#taken++;
    // Cut off what was taken now and then: cheap, and the array stays short where packets never stop coming.
    if (this.#taken * 2 < this.#packets.length) return;
    this.#packets.splice(0, this.#taken);
    this.#taken = 0;
  }
}
