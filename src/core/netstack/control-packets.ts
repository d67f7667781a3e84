/** Packets that are built whole and wait to be polled: RST without a connection, ICMP, UDP. */
import type { Endpoint, IpAddress } from '../../base/index.ts';
import { MAX_CONTROL_PACKETS } from './constants.ts';
import type { Counters } from './counters.ts';
import type { PacketWriter } from './packet-writer.ts';
import { finishChecksum, networkWord, sumWords } from './wire/checksum.ts';
import {
  emitIcmp,
  ICMP_HEADER_BYTES,
  ICMP_V4,
  ICMP_V6,
  V4_HOST_UNREACHABLE,
  V4_PORT_UNREACHABLE,
  V6_ADDRESS_UNREACHABLE,
  V6_PORT_UNREACHABLE,
} from './wire/icmp.ts';
import { emitIp, ipHeaderBytes, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from './wire/ip.ts';
import { emitTcpFields, TCP_CHECKSUM, TCP_HEADER_BYTES } from './wire/tcp.ts';
import { emitUdp, UDP_HEADER_BYTES } from './wire/udp.ts';

interface ControlPacket {
  readonly bytes: Uint8Array;
  readonly destination: IpAddress;
}

/** How much of the packet it is about an ICMP error carries: all that fits the minimum MTU (RFC 4443, RFC 1812). */
const MAX_ERROR_BYTES = { 4: 576, 6: 1280 } as const;

export class ControlPackets {
  #packets: ControlPacket[] = [];
  #first = 0;
  readonly #counters: Counters;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  get isEmpty(): boolean {
    return this.#first === this.#packets.length;
  }

  /** Writes the oldest packet; returns its destination, or undefined when there is none. */
  writeNext(out: PacketWriter): ControlPacket | undefined {
    const packet = this.#packets[this.#first];
    if (!packet) return undefined;
    out.bytes.set(packet.bytes, out.offset);
    this.#first++;
    if (this.#first === this.#packets.length) {
      this.#packets = [];
      this.#first = 0;
    }
    return packet;
  }

  /** A RST (with ACK where `flags` say so) that belongs to no connection any more. */
  sendReset(local: Endpoint, remote: Endpoint, seq: number, ack: number, flags: number): void {
    const ipBytes = ipHeaderBytes(local.address.version);
    const bytes = new Uint8Array(ipBytes + TCP_HEADER_BYTES);
    const view = new DataView(bytes.buffer);
    emitIp(view, 0, local.address, remote.address, PROTOCOL_TCP, TCP_HEADER_BYTES);
    view.setUint16(ipBytes, local.port);
    view.setUint16(ipBytes + 2, remote.port);
    emitTcpFields(view, ipBytes, seq, ack, flags, 0, 0);
    const width = local.address.bytes.length;
    const pseudo = sumWords(view, ipBytes - 2 * width, 2 * width) + networkWord(PROTOCOL_TCP);
    const sum = pseudo + networkWord(TCP_HEADER_BYTES) + sumWords(view, ipBytes, TCP_HEADER_BYTES);
    view.setUint16(ipBytes + TCP_CHECKSUM, finishChecksum(sum), true);
    this.#counters.tcpResetsSent++;
    this.#push(bytes, remote.address);
  }

  sendUdp(local: Endpoint, remote: Endpoint, payload: Uint8Array): boolean {
    const ipBytes = ipHeaderBytes(local.address.version);
    const bytes = new Uint8Array(ipBytes + UDP_HEADER_BYTES + payload.length);
    const view = new DataView(bytes.buffer);
    emitIp(view, 0, local.address, remote.address, PROTOCOL_UDP, UDP_HEADER_BYTES + payload.length);
    const width = local.address.bytes.length;
    emitUdp(view, ipBytes, ipBytes - 2 * width, width, local.port, remote.port, payload);
    return this.#push(bytes, remote.address);
  }

  sendEcho(
    isReply: boolean,
    from: IpAddress,
    to: IpAddress,
    identifier: number,
    sequence: number,
    payload: Uint8Array,
  ): boolean {
    const types = from.version === 4 ? ICMP_V4 : ICMP_V6;
    const type = isReply ? types.echoReply : types.echoRequest;
    return this.#sendIcmp(from, to, type, 0, (identifier << 16) | sequence, payload);
  }

  /** Destination unreachable about `packet`, which came from `to`. */
  sendUnreachable(cause: 'port' | 'host', from: IpAddress, to: IpAddress, packet: Uint8Array): boolean {
    const overhead = ipHeaderBytes(from.version) + ICMP_HEADER_BYTES;
    const excerpt = packet.subarray(0, MAX_ERROR_BYTES[from.version] - overhead);
    this.#counters.icmpErrorsSent++;
    if (from.version === 4) {
      const code = cause === 'port' ? V4_PORT_UNREACHABLE : V4_HOST_UNREACHABLE;
      return this.#sendIcmp(from, to, ICMP_V4.unreachable, code, 0, excerpt);
    }
    const code = cause === 'port' ? V6_PORT_UNREACHABLE : V6_ADDRESS_UNREACHABLE;
    return this.#sendIcmp(from, to, ICMP_V6.unreachable, code, 0, excerpt);
  }

  #sendIcmp(from: IpAddress, to: IpAddress, type: number, code: number, rest: number, body: Uint8Array): boolean {
    const ipBytes = ipHeaderBytes(from.version);
    const length = ICMP_HEADER_BYTES + body.length;
    const bytes = new Uint8Array(ipBytes + length);
    const view = new DataView(bytes.buffer);
    emitIp(view, 0, from, to, from.version === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6, length);
    bytes.set(body, ipBytes + ICMP_HEADER_BYTES);
    emitIcmp(view, ipBytes, length, type, code, rest, from.version === 4 ? -1 : ipBytes - 32);
    return this.#push(bytes, to);
  }

  #push(bytes: Uint8Array, destination: IpAddress): boolean {
    if (this.#packets.length - this.#first >= MAX_CONTROL_PACKETS) {
      this.#counters.controlPacketsDropped++;
      return false;
    }
    this.#packets.push({ bytes, destination });
    return true;
  }
}
