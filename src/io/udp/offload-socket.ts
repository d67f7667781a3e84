import dgram from 'node:dgram';
import { type DatagramBatch, type Endpoint, Failure, parseIpAddress, sameEndpoint } from '../../base/index.ts';
import { OFFLOAD_BYTES, OFFLOAD_SEGMENTS, RECEIVE_BURST_CALLS, RECEIVE_SLAB_BYTES } from './constants.ts';
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
const PMTUDISC_PROBE = 3;
const SOL_UDP = 17;
const UDP_GRO = 104;
/** What the kernel says where a device or route cannot take a run: EIO, EINVAL, EOPNOTSUPP. */
const CANNOT_SEGMENT = new Set([5, 22, 95]);
const EADDRINUSE = 98;

/**
 * Many datagrams a call: UDP_SEGMENT going out, UDP_GRO coming in, DF set and ICMP not believed (IP_PMTUDISC_PROBE).
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
  readonly #receiveHeader: MessageHeader;
  readonly #senders = new Senders();
  readonly #addresses = new SocketAddressReader(this.#senders);
  #sendHeader: MessageHeader | undefined;
  #burstPending = false;
  #segmentation = true;
  #closed = false;

  static async open(
    native: NativeSockets,
    options: UdpSocketOptions,
    receiver: UdpReceiver,
  ): Promise<OffloadUdpSocket> {
    const fd = bindDescriptor(native, options);
    const socket = dgram.createSocket({ type: options.address.includes(':') ? 'udp6' : 'udp4' });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ fd, exclusive: true }, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return new OffloadUdpSocket(native, fd, socket, receiver);
  }

  private constructor(native: NativeSockets, fd: number, socket: dgram.Socket, receiver: UdpReceiver) {
    this.#native = native;
    this.#fd = fd;
    this.#socket = socket;
    this.#receiver = receiver;
    const { address, port, family } = socket.address();
    this.local = endpointOf(address, port);
    this.#family = family === 'IPv6' ? AF_INET6 : AF_INET;
    this.dontFragment = setDontFragment(native, fd, this.#family);
    setOption(native, fd, SOL_UDP, UDP_GRO, 1);
    growBuffers(socket);
    this.#receiveHeader = new MessageHeader(native, new Uint8Array(RECEIVE_SLAB_BYTES));
    socket.on('error', () => undefined);
    socket.on('message', (message, sender) => this.#readable(message, sender));
  }

  send(batch: DatagramBatch): void {
    if (this.#closed) return;
    if (this.#sendHeader?.data !== batch.slab) this.#sendHeader = new MessageHeader(this.#native, batch.slab);
    let index = 0;
    while (index < batch.count) index = this.#sendRun(this.#sendHeader, batch, index);
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
    while (this.#segmentation && end < batch.count && end - first < OFFLOAD_SEGMENTS) {
      const next = batch.lengthOf(end);
      if (next > size || total + next > OFFLOAD_BYTES || !sameEndpoint(batch.endpointOf(end), to)) break;
      total += next;
      end++;
      if (next < size) break;
    }
    const nameBytes = writeSocketAddress(header.bytes, header.nameOffset, this.#family, to);
    header.prepareSend(batch.offsetOf(first), total, end - first > 1 ? size : 0, nameBytes);
    this.counters.sendCalls++;
    if (Number(this.#native.sendmsg(this.#fd, header.pointer, 0)) >= 0) this.counters.sentDatagrams += end - first;
    else if (end - first > 1 && CANNOT_SEGMENT.has(this.#native.errno())) {
      // A device without checksum offload refuses segmentation; from now on one datagram a call.
      this.#segmentation = false;
      return first;
    } else this.counters.sendDropped += end - first;
    return end;
  }

  #readable(message: Buffer, sender: dgram.RemoteInfo): void {
    this.counters.receivedCalls++;
    this.counters.receivedBytes += message.length;
    this.#receiver.receive(message, 0, message.length, 0, this.#senders.of(sender.address, sender.port));
    if (!this.#burstPending) this.#drain();
  }

  #drain(): void {
    if (this.#closed) return;
    const header = this.#receiveHeader;
    let calls = 0;
    for (; calls < RECEIVE_BURST_CALLS; calls++) {
      header.prepareReceive();
      const length = Number(this.#native.recvmsg(this.#fd, header.pointer, 0));
      if (length < 0) break;
      this.counters.receivedCalls++;
      this.counters.receivedBytes += length;
      const from = this.#addresses.read(header.bytes, header.nameOffset);
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

function bindDescriptor(native: NativeSockets, options: UdpSocketOptions): number {
  const address = parseIpAddress(options.address);
  if (!address) throw new Failure('listen-address-invalid', `cannot listen on ${options.address}: not an IP address`);
  const family = address.version === 6 ? AF_INET6 : AF_INET;
  const fd = native.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new Failure('listen-failed', `cannot open a UDP socket (errno ${native.errno()})`);
  const arena = new ArrayBuffer(128);
  const size = writeSocketAddress(new Uint8Array(arena), 0, family, { address, port: options.port });
  if (native.bind(fd, native.pointer(arena), size) === 0) return fd;
  const errno = native.errno();
  native.close(fd);
  const inUse = errno === EADDRINUSE;
  throw new Failure(
    inUse ? 'port-in-use' : 'listen-failed',
    `cannot listen on UDP ${options.address} port ${options.port}: ${inUse ? 'the port is in use' : `errno ${errno}`}`,
  );
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
