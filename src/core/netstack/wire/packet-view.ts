/**
 * A DataView for the buffer under a Uint8Array, made once per buffer: packets of a batch share theirs, and making a
 * view costs as much as a third of a segment's checksum.
 */
export class PacketView {
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** A view of the whole buffer; add `bytes.byteOffset` to offsets. */
  of(bytes: Uint8Array): DataView {
    const buffer = bytes.buffer;
    if (this.#view.buffer !== buffer) this.#view = new DataView(buffer);
    return this.#view;
  }
}
