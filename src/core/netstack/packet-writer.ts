import { PacketView } from './wire/packet-view.ts';

/** Where the next packet is written. One object per stack, used over and over. */
export class PacketWriter {
  readonly #views = new PacketView();
  bytes: Uint8Array = new Uint8Array(0);
  /** Offset in `bytes`. */
  offset = 0;
  view: DataView = new DataView(new ArrayBuffer(0));
  /** The same place in `view`. */
  at = 0;
  nowMs = 0;

  set(bytes: Uint8Array, offset: number, nowMs: number): void {
    this.bytes = bytes;
    this.offset = offset;
    this.view = this.#views.of(bytes);
    this.at = bytes.byteOffset + offset;
    this.nowMs = nowMs;
  }
}
