import type { PeerHandle } from '../wireguard/index.ts';
import { MAXIMUM_PEERS } from './constants.ts';
import type { OverlayPeer } from './peer.ts';

/** Peers by everything that names them: id, session, overlay address. */
export class PeerTable {
  readonly #byId = new Map<string, OverlayPeer>();
  readonly #byHandle = new Map<PeerHandle, OverlayPeer>();
  readonly #byText = new Map<string, OverlayPeer>();
  readonly #byBytes = new Map<string, OverlayPeer>();

  add(peer: OverlayPeer): void {
    this.#byId.set(peer.id, peer);
    this.#byHandle.set(peer.handle, peer);
    this.#byText.set(peer.overlayAddress.text, peer);
    this.#byBytes.set(keyOf(peer.overlayAddress.bytes, 0), peer);
  }

  remove(peer: OverlayPeer): void {
    this.#byId.delete(peer.id);
    this.#byHandle.delete(peer.handle);
    const { text, bytes } = peer.overlayAddress;
    if (this.#byText.get(text) === peer) this.#byText.delete(text);
    const key = keyOf(bytes, 0);
    if (this.#byBytes.get(key) === peer) this.#byBytes.delete(key);
  }

  get isFull(): boolean {
    return this.#byId.size >= MAXIMUM_PEERS;
  }

  byId(id: string): OverlayPeer | undefined {
    return this.#byId.get(id);
  }

  byHandle(handle: PeerHandle): OverlayPeer | undefined {
    return this.#byHandle.get(handle);
  }

  /** By the canonical text of its overlay address. */
  byAddress(text: string): OverlayPeer | undefined {
    return this.#byText.get(text);
  }

  /** By the 16 bytes of its overlay address in a packet. */
  byAddressBytes(bytes: Uint8Array, offset: number): OverlayPeer | undefined {
    return this.#byBytes.get(keyOf(bytes, offset));
  }

  values(): IterableIterator<OverlayPeer> {
    return this.#byId.values();
  }
}

/** Sixteen bytes as eight characters: quicker than the canonical text. */
function keyOf(bytes: Uint8Array, offset: number): string {
  let key = '';
  for (let at = offset; at < offset + 16; at += 2)
    key += String.fromCharCode(((bytes[at] as number) << 8) | (bytes[at + 1] as number));
  return key;
}
