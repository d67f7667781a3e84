/** Packets that arrive: from the IP header to the protocol, the connection or the answer to a stranger. */
import { type Endpoint, type IpAddress, ipAddress } from '../../base/index.ts';
import { QUOTABLE_BYTES } from './constants.ts';
import type { DropReason } from './counters.ts';
import { EchoReplies } from './echo-replies.ts';
import { icmpErrorArrives } from './icmp-input.ts';
import type { Attempts } from './listeners.ts';
import { isBefore, plus } from './sequence.ts';
import type { Stack } from './stack.ts';
import { hasImpossibleFlags, segmentArrives, sequenceLength } from './tcp/arrives.ts';
import type { ControlBlock } from './tcp/control-block.ts';
import { forget } from './tcp/lifecycle.ts';
import type { UdpSockets } from './udp-sockets.ts';
import { foldSum, pseudoHeaderSum, sumWords } from './wire/checksum.ts';
import { ICMP_HEADER_BYTES, isEcho, parseIcmp } from './wire/icmp.ts';
import {
  IpHeader,
  isUnicastAt,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  parseIp,
} from './wire/ip.ts';
import { PacketView } from './wire/packet-view.ts';
import { ACK, parseTcp, RST, Segment, SYN } from './wire/tcp.ts';
import { parseUdp } from './wire/udp.ts';

export class PacketInput {
  readonly #stack: Stack;
  readonly #attempts: Attempts;
  readonly #udp: UdpSockets;
  readonly #echoes: EchoReplies;
  readonly #views = new PacketView();
  #lastSource: IpAddress | undefined;
  readonly #ip = new IpHeader();
  readonly #segment = new Segment();

  constructor(stack: Stack, attempts: Attempts, udp: UdpSockets) {
    this.#stack = stack;
    this.#attempts = attempts;
    this.#udp = udp;
    this.#echoes = new EchoReplies(stack.events);
  }

  receive(bytes: Uint8Array, offset: number, length: number, nowMs: number): DropReason | undefined {
    const view = this.#views.of(bytes);
    const ip = this.#ip;
    const rejected = parseIp(view, bytes.byteOffset + offset, length, ip);
    if (rejected !== undefined) return rejected;
    if (ip.protocol === PROTOCOL_TCP) return this.#tcpArrives(view, bytes, nowMs);
    const local = this.#stack.addresses.findAt(view, ip.sourceOffset + ip.addressBytes, ip.addressBytes);
    if (!local) return 'not-for-us';
    if (!isUnicastAt(view, ip.sourceOffset, ip.addressBytes)) return 'bad-source';
    if (ip.protocol === PROTOCOL_UDP) return this.#udpArrives(view, bytes, local, nowMs);
    if (ip.protocol === (ip.version === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6))
      return this.#icmpArrives(view, bytes, local, nowMs);
    return 'unknown-protocol';
  }

  #tcpArrives(view: DataView, bytes: Uint8Array, nowMs: number): DropReason | undefined {
    const ip = this.#ip;
    const { payloadOffset, payloadLength, sourceOffset, addressBytes } = ip;
    const segment = this.#segment;
    const malformed = parseTcp(view, bytes, payloadOffset, payloadLength, segment);
    if (malformed !== undefined) return malformed;
    const pseudo = pseudoHeaderSum(view, sourceOffset, addressBytes, PROTOCOL_TCP, payloadLength);
    if (foldSum(pseudo + sumWords(view, payloadOffset, payloadLength)) !== 0xffff) return 'tcp-bad-checksum';
    if (hasImpossibleFlags(segment.flags)) return 'tcp-bad-flags';
    const block = this.#stack.table.find(view, sourceOffset, addressBytes, payloadOffset);
    if (block && !this.#isReusable(block, segment)) return segmentArrives(block, segment, nowMs);
    return this.#strangerArrives(view, bytes, segment, nowMs);
  }

  /** A new SYN may take the place of a connection in TIME-WAIT if it is clearly newer (RFC 6191, RFC 9293 section 3.6.1). */
  #isReusable(block: ControlBlock, segment: Segment): boolean {
    if (block.state !== 'timeWait' || (segment.flags & (SYN | ACK | RST)) !== SYN) return false;
    const { timestamps, rcv } = block;
    const isNewer =
      timestamps.enabled && segment.hasTimestamps && segment.tsVal !== timestamps.recent
        ? isBefore(timestamps.recent, segment.tsVal)
        : isBefore(rcv.nxt, segment.seq);
    if (isNewer) forget(block);
    return isNewer;
  }

  /** A segment without a connection: an attempt, or RST (RFC 9293 sections 3.10.7.1 and 3.10.7.2). */
  #strangerArrives(view: DataView, bytes: Uint8Array, segment: Segment, nowMs: number): DropReason | undefined {
    const { sourceOffset, addressBytes } = this.#ip;
    const stack = this.#stack;
    const localAddress = stack.addresses.findAt(view, sourceOffset + addressBytes, addressBytes);
    if (!localAddress) return 'not-for-us';
    if (!isUnicastAt(view, sourceOffset, addressBytes)) return 'bad-source';
    if (segment.sourcePort === 0 || segment.destinationPort === 0) return 'tcp-bad-header';
    const local: Endpoint = { address: localAddress, port: segment.destinationPort };
    const remote: Endpoint = { address: this.#sourceAddress(view), port: segment.sourcePort };
    const listener = this.#attempts.listenerFor(local);
    const isForListener = (segment.flags & (SYN | ACK)) === SYN || this.#attempts.isWaiting(local, remote);
    if (listener && isForListener) {
      if (stack.table.size >= stack.limits.maxConnections) return 'tcp-connections-full';
      if (stack.memory.isExhausted) return 'tcp-memory-full';
      const packet = this.#packetCopy(bytes);
      return this.#attempts.segmentArrives(listener, local, remote, segment, packet, nowMs);
    }
    this.#refuse(local, remote, segment, nowMs);
    return 'tcp-no-connection';
  }

  #refuse(local: Endpoint, remote: Endpoint, segment: Segment, nowMs: number): void {
    if ((segment.flags & RST) !== 0 || !this.#stack.resetLimit.take(nowMs)) return;
    const { packets } = this.#stack;
    if ((segment.flags & ACK) !== 0) packets.sendReset(local, remote, segment.ack, 0, RST);
    else packets.sendReset(local, remote, 0, plus(segment.seq, sequenceLength(segment)), RST | ACK);
  }

  #udpArrives(view: DataView, bytes: Uint8Array, local: IpAddress, nowMs: number): DropReason | undefined {
    const udp = parseUdp(view, this.#ip);
    if (typeof udp === 'string') return udp;
    const from: Endpoint = { address: this.#sourceAddress(view), port: udp.sourcePort };
    const to: Endpoint = { address: local, port: udp.destinationPort };
    const socket = this.#udp.find(to.port, local);
    if (!socket) {
      this.#sendUnreachable(bytes, local, from.address, nowMs);
      return 'udp-no-socket';
    }
    const start = udp.payloadOffset - bytes.byteOffset;
    const payload = bytes.subarray(start, start + udp.payloadLength);
    return socket.deliver(payload, from, to) ? undefined : 'udp-queue-full';
  }

  #icmpArrives(view: DataView, bytes: Uint8Array, local: IpAddress, nowMs: number): DropReason | undefined {
    const ip = this.#ip;
    const message = parseIcmp(view, ip);
    if (typeof message === 'string') return message;
    if (!isEcho(message)) return icmpErrorArrives(message, view, ip, this.#stack.table, nowMs);
    const start = ip.payloadOffset + ICMP_HEADER_BYTES - bytes.byteOffset;
    const payload = bytes.subarray(start, start + ip.payloadLength - ICMP_HEADER_BYTES);
    const from = this.#sourceAddress(view);
    const { identifier, sequence } = message;
    if (message.kind === 'echoReply') {
      return this.#echoes.arrived({ from, identifier, sequence, payload: payload.slice() })
        ? undefined
        : 'icmp-rate-limited';
    }
    if (!this.#stack.echoLimit.take(nowMs)) return 'icmp-rate-limited';
    this.#stack.packets.sendEcho(true, local, from, identifier, sequence, payload);
    return undefined;
  }

  #sendUnreachable(bytes: Uint8Array, local: IpAddress, to: IpAddress, nowMs: number): void {
    if (this.#stack.icmpLimit.take(nowMs))
      this.#stack.packets.sendUnreachable('port', local, to, this.#packetCopy(bytes));
  }

  /** Mostly that of the packet before: then nothing is made. */
  #sourceAddress(view: DataView): IpAddress {
    const { sourceOffset, addressBytes } = this.#ip;
    const bytes = new Uint8Array(view.buffer, sourceOffset, addressBytes);
    const last = this.#lastSource;
    if (last?.bytes.length === addressBytes && last.bytes.every((byte, i) => byte === bytes[i])) return last;
    this.#lastSource = ipAddress(bytes);
    return this.#lastSource;
  }

  #packetCopy(bytes: Uint8Array): Uint8Array {
    const { offset, headerBytes, payloadLength } = this.#ip;
    const start = offset - bytes.byteOffset;
    return bytes.slice(start, start + Math.min(QUOTABLE_BYTES, headerBytes + payloadLength));
  }
}
