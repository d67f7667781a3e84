import { DatagramBatch, type DeadlineHeap, type Endpoint } from '../../base/index.ts';
import {
  DATA_HEADER_BYTES,
  isInitiation,
  PADDING_BYTES,
  SEAL_OVERHEAD_BYTES,
  type WireguardDevice,
} from '../wireguard/index.ts';
import { RELAY_HEADER_BYTES, RELAYED_MTU } from './constants.ts';
import type { DropCounters } from './drops.ts';
import { PathEndpoint } from './path.ts';
import type { OverlayPeer, PeerPath } from './peer.ts';
import { emitRelayHeaders } from './relay-codec.ts';

/** What sealing and, for relays, wrapping may add to a packet at most. */
export const EGRESS_OVERHEAD_BYTES = 2 * (SEAL_OVERHEAD_BYTES + PADDING_BYTES) + RELAY_HEADER_BYTES;

interface Held {
  readonly bytes: Uint8Array;
  readonly to: Endpoint;
}

/** The way out: packets are sealed towards their path, and what goes through a relay is wrapped and sealed again. */
export class Egress {
  readonly #device: WireguardDevice;
  readonly #ownAddress: Uint8Array;
  readonly #drops: DropCounters;
  readonly #deadlines: DeadlineHeap<OverlayPeer>;
  /** Room for one packet that is sealed before it is wrapped. */
  readonly #inner = new DatagramBatch(RELAYED_MTU + EGRESS_OVERHEAD_BYTES, 1);
  /** Messages of the device that need more than to be sent, and goodbyes; none is made before these have gone. */
  readonly #held: Held[] = [];

  constructor(
    device: WireguardDevice,
    ownAddress: Uint8Array,
    drops: DropCounters,
    deadlines: DeadlineHeap<OverlayPeer>,
  ) {
    this.#device = device;
    this.#ownAddress = ownAddress;
    this.#drops = drops;
    this.#deadlines = deadlines;
  }

  get hasHeld(): boolean {
    return this.#held.length > 0;
  }

  /** Keeps a sealed message of a session that will be forgotten, until the next `poll`. */
  hold(bytes: Uint8Array, { address, port }: Endpoint): void {
    this.#held.push({ bytes: bytes.slice(), to: { address, port } });
  }

  /** Appends what the device has to say of its own accord. */
  poll(batch: DatagramBatch, nowMs: number): void {
    this.#ship(batch, nowMs);
    if (this.#held.length > 0) return;
    const first = batch.count;
    this.#device.poll(batch, nowMs);
    if (needsCare(batch, first)) {
      for (let i = first; i < batch.count; i++)
        this.#held.push({ bytes: batch.bytesOf(i).slice(), to: batch.endpointOf(i) });
      batch.truncate(first);
      this.#ship(batch, nowMs);
    }
  }

  /** Sends the packet of `length` bytes that stands at `batch.tail + DATA_HEADER_BYTES`. The caller saw to the room. */
  send(peer: OverlayPeer, path: PeerPath | undefined, batch: DatagramBatch, length: number, nowMs: number): void {
    if (!path?.via) {
      this.#device.sealInto(peer.handle, batch, length, nowMs, path?.mtu.mtu, path?.endpoint);
      return;
    }
    if (length > path.mtu.mtu) {
      this.#drops['too-big']++;
      return;
    }
    const inner = this.#inner;
    const at = batch.tail + DATA_HEADER_BYTES;
    inner.slab.set(batch.slab.subarray(at, at + length), DATA_HEADER_BYTES);
    if (this.#device.sealInto(peer.handle, inner, length, nowMs, path.mtu.mtu, path.endpoint)) {
      this.#wrap(inner.bytesOf(0), path.endpoint, path.via, batch, nowMs);
    }
    inner.clear();
  }

  #ship(batch: DatagramBatch, nowMs: number): void {
    let shipped = 0;
    for (; shipped < this.#held.length; shipped++) {
      const { bytes, to } = this.#held[shipped] as Held;
      // Two paths at most take an initiation besides its own.
      if (!batch.hasRoomFor(3 * (bytes.length + EGRESS_OVERHEAD_BYTES)) && batch.count > 0) break;
      if (!(to instanceof PathEndpoint)) batch.appendCopy(bytes, to);
      else this.#shipOver(to, bytes, batch, nowMs);
    }
    this.#held.splice(0, shipped);
  }

  /** Initiations go over every direct path as well: the other end takes the first to arrive, and keys are there at once. */
  #shipOver(to: PathEndpoint<OverlayPeer>, bytes: Uint8Array, batch: DatagramBatch, nowMs: number): void {
    const { path } = to;
    if (path.via) this.#wrap(bytes, to, path.via, batch, nowMs);
    else batch.appendCopy(bytes, to);
    if (!isInitiation(bytes)) return;
    const { udp, tls } = path.peer;
    for (const other of [udp, tls]) if (other && other !== path) batch.appendCopy(bytes, other.endpoint);
  }

  #wrap(datagram: Uint8Array, to: Endpoint, via: OverlayPeer, batch: DatagramBatch, nowMs: number): void {
    const { direct } = via;
    const length = RELAY_HEADER_BYTES + datagram.length;
    if (!direct || via.isRemoved) this.#drops['no-direct-path']++;
    else if (length > direct.mtu.mtu) this.#drops['too-big']++;
    else {
      const at = batch.tail + DATA_HEADER_BYTES;
      batch.slab.set(datagram, at + RELAY_HEADER_BYTES);
      emitRelayHeaders(batch.slab, at, this.#ownAddress, to.address.bytes, datagram.length);
      if (direct.sent(nowMs)) this.#deadlines.ensure(via, direct.health.nextDeadlineMs());
      this.#device.sealInto(via.handle, batch, length, nowMs, direct.mtu.mtu, direct.endpoint);
    }
  }
}

/** Whether a message goes through a relay, or is an initiation that may go over several paths. */
function needsCare(batch: DatagramBatch, first: number): boolean {
  for (let i = first; i < batch.count; i++) {
    const to = batch.endpointOf(i);
    if (!(to instanceof PathEndpoint)) continue;
    if (to.path.via || (isInitiation(batch.bytesOf(i)) && to.path.peer.hasOtherDirect(to.path))) return true;
  }
  return false;
}
