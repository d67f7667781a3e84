/**
 * `struct msghdr` with one buffer, one socket address and one control message, on 64-bit little-endian Linux.
 *
 *     at   0  msghdr   name*8 namelen4 pad4 iov*8 iovlen8 control*8 controllen8 flags4 pad4     56 bytes
 *     at  64  iovec    base*8 len8                                                              16 bytes
 *     at  96  sockaddr                                                                          28 bytes
 *     at 128  cmsghdr  len8 level4 type4 data                                                   24 bytes (32 when receiving)
 */
import type { NativeSockets } from './native.ts';
import { SOCKADDR_BYTES } from './socket-address.ts';

const IOVEC = 64;
const NAME = 96;
const CONTROL = 128;
const CONTROL_SPACE = 64;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
const UDP_GRO = 104;
const SEND_CONTROL_BYTES = 24n;

export class MessageHeader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly pointer: bigint;
  readonly nameOffset = NAME;
  readonly #view: DataView;
  readonly #dataPointer: bigint;
  /** Kept so that the memory behind `#dataPointer` lives as long as this. */
  readonly data: Uint8Array<ArrayBuffer>;

  /** `data` must begin at the start of its buffer. */
  constructor(native: NativeSockets, data: Uint8Array<ArrayBuffer>) {
    const arena = new ArrayBuffer(256);
    this.bytes = new Uint8Array(arena);
    this.#view = new DataView(arena);
    this.data = data;
    this.pointer = native.pointer(arena);
    this.#dataPointer = native.pointer(data.buffer);
    this.#view.setBigUint64(0, this.pointer + BigInt(NAME), true);
    this.#view.setBigUint64(16, this.pointer + BigInt(IOVEC), true);
    this.#view.setBigUint64(24, 1n, true);
    this.#view.setBigUint64(32, this.pointer + BigInt(CONTROL), true);
    this.#view.setUint32(CONTROL + 8, SOL_UDP, true);
  }

  /** Makes the header one of a send: `lengthBytes` from `offset`, in datagrams of `segmentBytes` (0: as one). */
  prepareSend(offset: number, lengthBytes: number, segmentBytes: number, nameBytes: number): void {
    const view = this.#view;
    view.setUint32(8, nameBytes, true);
    view.setBigUint64(IOVEC, this.#dataPointer + BigInt(offset), true);
    view.setBigUint64(IOVEC + 8, BigInt(lengthBytes), true);
    view.setBigUint64(40, segmentBytes > 0 ? SEND_CONTROL_BYTES : 0n, true);
    if (segmentBytes > 0) {
      view.setBigUint64(CONTROL, 18n, true);
      view.setUint32(CONTROL + 8, SOL_UDP, true);
      view.setUint32(CONTROL + 12, UDP_SEGMENT, true);
      view.setUint16(CONTROL + 16, segmentBytes, true);
    }
  }

  /** Makes the header one of a receive into the whole of `data`. */
  prepareReceive(): void {
    const view = this.#view;
    view.setUint32(8, SOCKADDR_BYTES, true);
    view.setBigUint64(IOVEC, this.#dataPointer, true);
    view.setBigUint64(IOVEC + 8, BigInt(this.data.length), true);
    view.setBigUint64(40, BigInt(CONTROL_SPACE), true);
    view.setUint32(48, 0, true);
  }

  /** After a receive: size of each coalesced datagram, or `lengthBytes` where the kernel coalesced nothing. */
  receivedSegmentBytes(lengthBytes: number): number {
    const view = this.#view;
    const isGro =
      view.getUint32(40, true) >= 20 &&
      view.getUint32(CONTROL + 8, true) === SOL_UDP &&
      view.getUint32(CONTROL + 12, true) === UDP_GRO;
    const segment = isGro ? view.getInt32(CONTROL + 16, true) : lengthBytes;
    return segment > 0 ? segment : lengthBytes;
  }
}
