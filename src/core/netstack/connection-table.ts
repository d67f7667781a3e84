import type { Endpoint } from '../../base/index.ts';
import type { ControlBlock } from './tcp/control-block.ts';

/** Connections by address pair and port pair. Looking one up for a packet reads the packet's bytes and allocates nothing. */
export class ConnectionTable {
  readonly #buckets = new Map<number, ControlBlock>();
  readonly #seed: number;
  size = 0;

  /** `seed` is random, so that strangers cannot choose colliding tuples. */
  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** The connection of a packet whose addresses start at `sourceOffset` and whose ports at `portOffset`. */
  find(view: DataView, sourceOffset: number, addressBytes: number, portOffset: number): ControlBlock | undefined {
    const hash = this.#hash(view, sourceOffset, addressBytes, view.getInt32(portOffset));
    let block = this.#buckets.get(hash);
    while (block && !isFor(block, view, sourceOffset, addressBytes, portOffset)) block = block.tableNext;
    return block;
  }

  findEndpoints(local: Endpoint, remote: Endpoint): ControlBlock | undefined {
    const packet = addressesAsReceived(local, remote);
    const width = local.address.bytes.length;
    return this.find(packet, 0, width, 2 * width);
  }

  add(block: ControlBlock): void {
    const packet = addressesAsReceived(block.local, block.remote);
    const width = block.local.address.bytes.length;
    block.tableHash = this.#hash(packet, 0, width, packet.getInt32(2 * width));
    block.tableNext = this.#buckets.get(block.tableHash);
    this.#buckets.set(block.tableHash, block);
    this.size++;
  }

  remove(block: ControlBlock): void {
    const first = this.#buckets.get(block.tableHash);
    if (first === block) {
      if (block.tableNext) this.#buckets.set(block.tableHash, block.tableNext);
      else this.#buckets.delete(block.tableHash);
    } else {
      let previous = first;
      while (previous && previous.tableNext !== block) previous = previous.tableNext;
      if (!previous) return;
      previous.tableNext = block.tableNext;
    }
    block.tableNext = undefined;
    this.size--;
  }

  *[Symbol.iterator](): Generator<ControlBlock> {
    for (const first of [...this.#buckets.values()]) {
      let block: ControlBlock | undefined = first;
      while (block) {
        const next: ControlBlock | undefined = block.tableNext;
        yield block;
        block = next;
      }
    }
  }

  /** Multiplies and shifts; 30 bits, so that the key is a small integer. */
  #hash(view: DataView, sourceOffset: number, addressBytes: number, ports: number): number {
    let hash = this.#seed ^ ports;
    for (let at = 0; at < 2 * addressBytes; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(sourceOffset + at), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x85ebca6b);
    return (hash ^ (hash >>> 13)) & 0x3fffffff;
  }
}

/** Compares the packet's source with the remote side and its destination with the local side. */
function isFor(
  block: ControlBlock,
  view: DataView,
  sourceOffset: number,
  addressBytes: number,
  portOffset: number,
): boolean {
  if (view.getUint16(portOffset) !== block.remote.port || view.getUint16(portOffset + 2) !== block.local.port)
    return false;
  const remote = block.remote.address.bytes;
  const local = block.local.address.bytes;
  if (remote.length !== addressBytes) return false;
  for (let i = 0; i < addressBytes; i++) {
    if (remote[i] !== view.getUint8(sourceOffset + i)) return false;
    if (local[i] !== view.getUint8(sourceOffset + addressBytes + i)) return false;
  }
  return true;
}

/** Source address, destination address, source port, destination port of a packet that the remote side would send. */
function addressesAsReceived(local: Endpoint, remote: Endpoint): DataView {
  const width = local.address.bytes.length;
  const bytes = new Uint8Array(2 * width + 4);
  bytes.set(remote.address.bytes, 0);
  bytes.set(local.address.bytes, width);
  const view = new DataView(bytes.buffer);
  view.setUint16(2 * width, remote.port);
  view.setUint16(2 * width + 2, local.port);
  return view;
}
