import type { DatagramBatch, Endpoint } from '../../base/index.ts';

/** What a UDP socket hands up. Bytes are lent: they are overwritten after the call returns. */
export interface UdpReceiver {
  /**
   * `length` bytes at `offset`, sent by `from`. `segmentBytes` is the size of each datagram where the kernel coalesced
   * several equal ones (the last may be shorter); 0 where one call may hold several and the size is not known.
   */
  receive(bytes: Uint8Array, offset: number, length: number, segmentBytes: number, from: Endpoint): void;
  /** A burst is over: answer now. */
  burstEnded(): void;
  /** Whom the socket is connected to is not there. */
  refused?(): void;
}

export interface UdpCounters {
  sentDatagrams: number;
  sendCalls: number;
  /** The kernel's buffer and our backlog were full, or the kernel refused. */
  sendDropped: number;
  receivedCalls: number;
  receivedBytes: number;
}

/** A bound UDP socket. */
export interface UdpSocket {
  readonly local: Endpoint;
  /** `offload`: many datagrams a call (Linux, UDP_SEGMENT and UDP_GRO); `plain`: one. */
  readonly kind: 'offload' | 'plain';
  readonly counters: Readonly<UdpCounters>;
  /** Whether the kernel can be told not to fragment (needed before path-MTU probes mean anything). */
  readonly dontFragment: boolean;
  /** Sends every datagram of the batch; the batch may be cleared when this returns. */
  send(batch: DatagramBatch): void;
  close(): Promise<void>;
}

export interface UdpSocketOptions {
  readonly address: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
  /**
   * `tunnel`, which is the default: packets that are never cut up on their way, in runs that the kernel may hand over as
   * one. `datagrams`: those of others, of any length, each as it came; over IPv6 those of IPv6 alone.
   */
  readonly carries?: 'tunnel' | 'datagrams';
  /** Where all that is sent goes, and from where alone something is heard. */
  readonly connectedTo?: Endpoint;
  /** `plain` keeps to node:dgram. Default: offload where the machine has it. */
  readonly kind?: 'offload' | 'plain';
}
