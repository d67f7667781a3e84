import dgram from 'node:dgram';
import { getSystemErrorName } from 'node:util';
import { type DatagramBatch, type Endpoint, Failure, parseIpAddress, sameEndpoint } from '../../base/index.ts';
import {
  OFFLOAD_BYTES,
  OFFLOAD_SEGMENTS,
  RECEIVE_BURST_CALLS,
  RECEIVE_SLAB_BYTES,
  RUN_DATAGRAM_BYTES,
} from './constants.ts';
import { MessageHeader } from './message-header.ts';
import type { NativeSockets } from './native.ts';
import { growBuffers } from './plain-socket.ts';
import { endpointOf, Senders } from './senders.ts';
import { AF_INET, AF_INET6, SocketAddressReader, writeSocketAddress } from './socket-address.ts';
import type { UdpCounters, UdpReceiver, UdpSocket, UdpSocketOptions } from './udp-socket.ts';

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const IP_MTU_DISCOVER = 10;
const IPV6_MTU_DISCOVER = 23;
const IPV6_V6ONLY = 26;
const PMTUDISC_PROBE = 3;
const SOL_UDP = 17;
const UDP_GRO = 104;
/** What the kernel says where a device or route cannot take a run: EIO, EINVAL, EOPNOTSUPP. */
const CANNOT_SEGMENT = new Set([5, 22, 95]);
const ECONNREFUSED = 111;

/**
 * Many datagrams a call: UDP_SEGMENT going out and, for a tunnel, UDP_GRO coming in, DF set and ICMP not believed
 * (IP_PMTUDISC_PROBE).
 * node:dgram owns the descriptor's life and says when something has come; it reads the first datagrams of a burst
 * itself, and the rest is read here, into one slab, until the kernel has no more.
 */
export class OffloadUdpSocket implements UdpSocket {
  readonly kind = 'offload';
  readonly local: Endpoint;
  readonly dontFragment: boolean;
  readonly counters: UdpCounters = {
    sentDatagrams: 0,
    sendCalls: 0,
    sendDropped: 0,
    receivedCalls: 0,
    receivedBytes: 0,
  };
  readonly #native: NativeSockets;
  readonly #fd: number;
  readonly #family: number;
  readonly #socket: dgram.Socket;
  readonly #receiver: UdpReceiver;
  readonly #connectedTo: Endpoint | undefined;
  /** Longer ones leave one a call. */
  readonly #runDatagramBytes: number;
  readonly #senders = new Senders();
  readonly #addresses = new SocketAddressReader(this.#senders);
  #burstPending = false;
  #segmentation = true;
  #closed = false;

  static async open(
    native: NativeSockets,
    options: UdpSocketOptions,
    receiver: UdpReceiver,
  ): Promise<OffloadUdpSocket> {
    const fd = openDescriptor(native, options);
    const socket = dgram.createSocket({ type: options.address.includes(':') ? 'udp6' : 'udp4' });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ fd, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return new OffloadUdpSocket(native, fd, socket, receiver, options);
  }

  private constructor(
    native: NativeSockets,
    fd: number,
    socket: dgram.Socket,
    receiver: UdpReceiver,
    { carries = 'tunnel', connectedTo }: UdpSocketOptions,
  ) {
    this.#native = native;
    this.#fd = fd;
    this.#socket = socket;
    this.#receiver = receiver;
    const { address, port, family } = socket.address();
    this.local = endpointOf(address, port);
    this.#family = family === 'IPv6' ? AF_INET6 : AF_INET;
    this.#connectedTo = connectedTo;
    this.#runDatagramBytes = carries === 'tunnel' ? OFFLOAD_BYTES : RUN_DATAGRAM_BYTES;
    this.dontFragment = carries === 'tunnel' && setDontFragment(native, fd, this.#family);
    // What node:dgram reads of a run has no word on where one datagram ends: only a tunnel's packets tell that themselves.
    if (carries === 'tunnel') setOption(native, fd, SOL_UDP, UDP_GRO, 1);
    growBuffers(socket);
    socket.on('error', () => this.#receiver.refused?.());
    socket.on('message', (message, sender) => this.#readable(message, sender));
  }

  send(batch: DatagramBatch): void {
    if (this.#closed) return;
    const header = headerOf(this.#native, batch.slab);
    let index = 0;
    while (index < batch.count) index = this.#sendRun(header, batch, index);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  /** Sends the longest run from `first` that one call may carry: same endpoint, equal sizes, the last may be shorter. */
  #sendRun(header: MessageHeader, batch: DatagramBatch, first: number): number {
    const to = batch.endpointOf(first);
    const size = batch.lengthOf(first);
    let end = first + 1;
    let total = size;
    const isOfRun = this.#segmentation && size > 0 && size <= this.#runDatagramBytes;
    while (isOfRun && end < batch.count && end - first < OFFLOAD_SEGMENTS) {
      const next = batch.lengthOf(end);
      if (next > size || total + next > OFFLOAD_BYTES || !sameEndpoint(batch.endpointOf(end), to)) break;
      total += next;
      end++;
      if (next < size) break;
    }
    const nameBytes = this.#connectedTo ? 0 : writeSocketAddress(header.bytes, header.nameOffset, this.#family, to);
    header.prepareSend(batch.offsetOf(first), total, end - first > 1 ? size : 0, nameBytes);
    this.counters.sendCalls++;
    if (Number(this.#native.sendmsg(this.#fd, header.pointer, 0)) >= 0) this.counters.sentDatagrams += end - first;
    else return this.#notSent(first, end);
    return end;
  }

  /** Gives from where to go on. */
  #notSent(first: number, end: number): number {
    const errno = this.#native.errno();
    if (end - first > 1 && CANNOT_SEGMENT.has(errno)) {
      // A device without checksum offload refuses segmentation; from now on one datagram a call.
      this.#segmentation = false;
      return first;
    }
    this.counters.sendDropped += end - first;
    if (errno === ECONNREFUSED) this.#receiver.refused?.();
    return end;
  }

  #readable(message: Buffer, sender: dgram.RemoteInfo): void {
    this.counters.receivedCalls++;
    this.counters.receivedBytes += message.length;
    const from = this.#connectedTo ?? this.#senders.of(sender.address, sender.port);
    this.#receiver.receive(message, 0, message.length, 0, from);
    if (!this.#burstPending) this.#drain();
  }

  #drain(): void {
    if (this.#closed) return;
    const header = receiveHeader(this.#native);
    let calls = 0;
    for (; calls < RECEIVE_BURST_CALLS && !this.#closed; calls++) {
      header.prepareReceive();
      const length = Number(this.#native.recvmsg(this.#fd, header.pointer, 0));
      if (length < 0) break;
      this.counters.receivedCalls++;
      this.counters.receivedBytes += length;
      const from = this.#connectedTo ?? this.#addresses.read(header.bytes, header.nameOffset);
      this.#receiver.receive(header.data, 0, length, header.receivedSegmentBytes(length), from);
    }
    this.#receiver.burstEnded();
    // More may wait: let timers and other sockets have their turn first.
    if (calls === RECEIVE_BURST_CALLS) {
      this.#burstPending = true;
      setImmediate(() => {
        this.#burstPending = false;
        this.#drain();
      });
    }
  }
}

/** A bound descriptor. Throws an error of the system, with its code, as node does. */
function openDescriptor(native: NativeSockets, options: UdpSocketOptions): number {
  const address = parseIpAddress(options.address);
  if (!address) throw new Failure('listen-address-invalid', `cannot listen on ${options.address}: not an IP address`);
  const family = address.version === 6 ? AF_INET6 : AF_INET;
  const fd = native.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw systemError(native.errno());
  if (family === AF_INET6 && options.carries === 'datagrams') setOption(native, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  const arena = new ArrayBuffer(128);
  const isDone = (call: 'bind' | 'connect', endpoint: Endpoint): boolean =>
    native[call](fd, native.pointer(arena), writeSocketAddress(new Uint8Array(arena), 0, family, endpoint)) === 0;
  const { connectedTo } = options;
  if (isDone('bind', { address, port: options.port }) && (!connectedTo || isDone('connect', connectedTo))) return fd;
  const errno = native.errno();
  native.close(fd);
  throw systemError(errno);
}

function systemError(errno: number): Error {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(code), { code });
}

/** Headers by the bytes that they are for; each is written anew for every call, so sockets share them. */
const HEADERS = new WeakMap<Uint8Array, MessageHeader>();

function headerOf(native: NativeSockets, slab: Uint8Array<ArrayBuffer>): MessageHeader {
  const known = HEADERS.get(slab);
  if (known) return known;
  const header = new MessageHeader(native, slab);
  HEADERS.set(slab, header);
  return header;
}

/** What is received is lent, and none is received while another is looked at: one slab does for all sockets. */
const RECEIVED = new WeakMap<NativeSockets, Uint8Array<ArrayBuffer>>();

function receiveHeader(native: NativeSockets): MessageHeader {
  const slab = RECEIVED.get(native) ?? new Uint8Array(RECEIVE_SLAB_BYTES);
  RECEIVED.set(native, slab);
  return headerOf(native, slab);
}

function setDontFragment(native: NativeSockets, fd: number, family: number): boolean {
  // A dual-stack socket sends IPv4 too, so both are set; the IPv4 option does not exist on an IPv6-only one.
  const v4 = setOption(native, fd, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE);
  return family === AF_INET ? v4 : setOption(native, fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE);
}

function setOption(native: NativeSockets, fd: number, level: number, name: number, value: number): boolean {
  const arena = new ArrayBuffer(128);
  new DataView(arena).setInt32(0, value, true);
  return native.setsockopt(fd, level, name, native.pointer(arena), 4) === 0;
}
