import { type DatagramBatch, type Endpoint, type IpAddress, ipAddress } from '../../base/index.ts';
import type { NetstackPort } from '../netstack/index.ts';
import { DATA_HEADER_BYTES, type PeerHandle, type Received, type WireguardDevice } from '../wireguard/index.ts';
import { BASE_MTU, DEVICE_DOWN_MS, DEVICE_HANDSHAKE_MS, DEVICE_RENEW_MS, DEVICE_SUSPECT_MS } from './constants.ts';
import { POP_DEVICE_ADDRESS } from './device-addresses.ts';
import type { DropCounters, DropReason } from './drops.ts';
import type { PastHandshakes } from './past-handshakes.ts';
import { IPV4_DESTINATION_AT, IPV4_SOURCE_AT, isPlainIpv4, readdress } from './readdress.ts';

/** A plain WireGuard device: it speaks WireGuard and IPv4, and knows nothing of heartbeats, relays or carriers. */
export interface DevicePeerOptions {
  readonly id: string;
  /** Curve25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Its own address, and those of what lies behind it: it may send from these and from no other. */
  readonly addresses: readonly IpAddress[];
}

export interface DeviceStatus {
  readonly id: string;
  readonly state: 'up' | 'suspect' | 'down';
  readonly lastHandshakeMs: number | undefined;
  readonly endpoint: { readonly address: IpAddress; readonly port: number } | undefined;
}

/** An address behind a device, and the name under which our TCP/IP knows it. */
interface Place {
  readonly peer: DevicePeer;
  readonly address: IpAddress;
  readonly name: IpAddress;
}

interface DevicePeer {
  readonly id: string;
  readonly handle: PeerHandle;
  /** By the address's text. */
  readonly places: Map<string, Place>;
  heardMs: number;
  /** The first packet that was sent after it was heard last. */
  askedMs: number;
}

/**
 * The devices of a node. Two sites may use the same private addresses, so our TCP/IP does not see them: each address
 * behind each device has a name of its own in 127.0.0.0/8, which is never on a wire, and packets are readdressed on the
 * way. So what a device may send, and who is meant by an address, is one look into one table.
 */
export class DevicePeers {
  readonly #device: WireguardDevice;
  readonly #netstack: NetstackPort;
  readonly #drops: DropCounters;
  readonly #handshakes: PastHandshakes;
  readonly #byId = new Map<string, DevicePeer>();
  readonly #byHandle = new Map<PeerHandle, DevicePeer>();
  readonly #byName = new Map<string, Place>();
  #lastName = 0;

  constructor(device: WireguardDevice, netstack: NetstackPort, drops: DropCounters, handshakes: PastHandshakes) {
    this.#handshakes = handshakes;
    this.#device = device;
    this.#netstack = netstack;
    this.#drops = drops;
  }

  /** Throws for a key that no tunnel can have, or that is there already. */
  add({ id, publicKey, addresses }: DevicePeerOptions): void {
    if (this.#byId.has(id)) throw new Error(`device ${id} is there already`);
    const lastTimestamp = this.#handshakes.of(publicKey);
    const handle = this.#device.addPeer({ publicKey, ...(lastTimestamp && { lastTimestamp }) });
    const never = Number.NEGATIVE_INFINITY;
    const peer: DevicePeer = { id, handle, places: new Map(), heardMs: never, askedMs: never };
    this.#byId.set(id, peer);
    this.#byHandle.set(handle, peer);
    for (const address of addresses) this.#addPlace(peer, address);
  }

  remove(id: string): void {
    const peer = this.#byId.get(id);
    if (!peer) return;
    this.#byId.delete(id);
    this.#byHandle.delete(peer.handle);
    for (const { name } of peer.places.values()) this.#byName.delete(name.text);
    this.#handshakes.remember(peer.handle.publicKey, this.#device.latestTimestamp(peer.handle));
    this.#device.removePeer(peer.handle);
  }

  /** Calls a device where it was once, if it has not called since. Devices call of their own accord as a rule. */
  call(id: string, endpoint: Endpoint, nowMs: number): void {
    const handle = this.#byId.get(id)?.handle;
    if (!handle || this.#device.peerStatus(handle, nowMs).lastHandshakeMs !== undefined) return;
    this.#device.setEndpoint(handle, endpoint);
    this.#device.startHandshake(handle, nowMs);
  }

  /** Lets a device send from other addresses than before, and be reached at them. Those that stay keep their names. */
  setAddresses(id: string, addresses: readonly IpAddress[]): void {
    const peer = this.#byId.get(id);
    if (!peer) return;
    const wanted = new Set(addresses.map(({ text }) => text));
    for (const [text, { name }] of peer.places) {
      if (wanted.has(text)) continue;
      peer.places.delete(text);
      this.#byName.delete(name.text);
    }
    for (const address of addresses) if (!peer.places.has(address.text)) this.#addPlace(peer, address);
  }

  /** What to connect to in order to reach an address behind a device; undefined where it may not be reached. */
  nameOf(id: string, address: string): IpAddress | undefined {
    return this.#byId.get(id)?.places.get(address)?.name;
  }

  /** Whether its handshakes are young and what we sent was answered. It says nothing of its own accord but keepalives. */
  state(id: string, nowMs: number): DeviceStatus['state'] {
    const peer = this.#byId.get(id);
    return peer ? this.#stateOf(peer, nowMs) : 'down';
  }

  status(nowMs: number): DeviceStatus[] {
    return [...this.#byId.values()].map((peer) => {
      const { lastHandshakeMs, endpoint } = this.#device.peerStatus(peer.handle, nowMs);
      return { id: peer.id, state: this.#stateOf(peer, nowMs), lastHandshakeMs, endpoint };
    });
  }

  /** Takes in what WireGuard made of a datagram. False where no device sent it. */
  receive(received: Received, bytes: Uint8Array, nowMs: number): boolean {
    const peer = received.kind !== 'dropped' && received.peer ? this.#byHandle.get(received.peer) : undefined;
    if (!peer) return false;
    peer.heardMs = nowMs;
    if (received.kind !== 'packet') {
      this.#renew(peer, nowMs);
      return true;
    }
    const reason = this.#judge(peer, bytes, received.offset, received.length);
    if (reason) this.#drops[reason]++;
    else this.#netstack.receivePacket(bytes, received.offset, received.length, nowMs);
    return true;
  }

  /** Seals the packet at `batch.tail + DATA_HEADER_BYTES`, which our TCP/IP made for a name. */
  send(name: IpAddress, batch: DatagramBatch, length: number, nowMs: number): void {
    const place = this.#byName.get(name.text);
    const at = batch.tail + DATA_HEADER_BYTES;
    if (!place) this.#drops['no-route']++;
    else if (!isPlainIpv4(batch.slab, at, length)) this.#drops['not-for-devices']++;
    else {
      const { peer, address } = place;
      readdress(batch.slab, at, IPV4_DESTINATION_AT, address.bytes);
      if (peer.heardMs >= peer.askedMs) peer.askedMs = nowMs;
      this.#device.sealInto(peer.handle, batch, length, nowMs, BASE_MTU);
    }
  }

  /** Who called first renews the session. A device that was called says nothing but keepalives, so we do it then. */
  #renew({ handle }: DevicePeer, nowMs: number): void {
    const { lastHandshakeMs = nowMs } = this.#device.peerStatus(handle, nowMs);
    if (nowMs - lastHandshakeMs >= DEVICE_RENEW_MS) this.#device.startHandshake(handle, nowMs);
  }

  #judge(peer: DevicePeer, bytes: Uint8Array, at: number, length: number): DropReason | undefined {
    if (!isPlainIpv4(bytes, at, length)) return 'not-for-devices';
    const source = peer.places.get(textAt(bytes, at + IPV4_SOURCE_AT));
    if (!source) return 'source-not-allowed';
    if (textAt(bytes, at + IPV4_DESTINATION_AT) !== POP_DEVICE_ADDRESS.text) return 'not-for-us';
    readdress(bytes, at, IPV4_SOURCE_AT, source.name.bytes);
    return undefined;
  }

  #stateOf({ handle, heardMs, askedMs }: DevicePeer, nowMs: number): DeviceStatus['state'] {
    const { lastHandshakeMs } = this.#device.peerStatus(handle, nowMs);
    if (lastHandshakeMs === undefined || nowMs - lastHandshakeMs >= DEVICE_HANDSHAKE_MS) return 'down';
    const silentMs = heardMs >= askedMs ? 0 : nowMs - askedMs;
    if (silentMs >= DEVICE_DOWN_MS) return 'down';
    return silentMs >= DEVICE_SUSPECT_MS ? 'suspect' : 'up';
  }

  #addPlace(peer: DevicePeer, address: IpAddress): void {
    const name = this.#newName();
    const place = { peer, address, name };
    peer.places.set(address.text, place);
    this.#byName.set(name.text, place);
  }

  /** Names are not used again soon, so what was meant for one device never reaches another. */
  #newName(): IpAddress {
    for (;;) {
      this.#lastName = (this.#lastName % 0xfffffe) + 1;
      const n = this.#lastName;
      const name = ipAddress(Uint8Array.of(127, n >>> 16, (n >>> 8) & 0xff, n & 0xff));
      if (!this.#byName.has(name.text)) return name;
    }
  }
}

function textAt(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}
