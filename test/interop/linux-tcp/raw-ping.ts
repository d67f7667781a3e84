/** Echo requests from the kernel's side, by a raw socket: Debian's minimal systems have no `ping`. RFC 792, RFC 4443. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseIpAddress } from '../../../src/base/index.ts';
import { MessageHeader } from '../../../src/io/udp/message-header.ts';
import { nativeSockets } from '../../../src/io/udp/native.ts';
import { AF_INET, AF_INET6, writeSocketAddress } from '../../../src/io/udp/socket-address.ts';

const SOCK_RAW_NONBLOCK = 3 | 0o4000;
const IDENTIFIER = 0x4d61;
const HEADER_BYTES = 8;
const POLL_MS = 5;

const IPV4 = { family: AF_INET, protocol: 1, request: 8, reply: 0 } as const;
const IPV6 = { family: AF_INET6, protocol: 58, request: 128, reply: 129 } as const;

/** Sends one echo request and resolves whether its reply came back whole. */
export async function rawPing(to: string, sequence: number, payloadBytes: number, timeoutMs: number): Promise<boolean> {
  const native = nativeSockets();
  const address = parseIpAddress(to);
  if (!native || !address) throw new Error('raw sockets need node:ffi and an address');
  const kind = address.version === 4 ? IPV4 : IPV6;
  const fd = native.socket(kind.family, SOCK_RAW_NONBLOCK, kind.protocol);
  if (fd < 0) throw new Error(`no raw socket (errno ${native.errno()})`);
  try {
    const header = new MessageHeader(native, new Uint8Array(65_536));
    const sent = request(kind.request, sequence, payloadBytes);
    header.data.set(sent);
    const nameBytes = writeSocketAddress(header.bytes, header.nameOffset, kind.family, { address, port: 0 });
    header.prepareSend(0, sent.length, 0, nameBytes);
    if (Number(native.sendmsg(fd, header.pointer, 0)) < 0) throw new Error(`not sent (errno ${native.errno()})`);
    for (let waited = 0; waited < timeoutMs; waited += POLL_MS) {
      header.prepareReceive();
      const length = Number(native.recvmsg(fd, header.pointer, 0));
      if (length < 0) await sleep(POLL_MS);
      else if (isReply(header.data.subarray(0, length), kind, sent)) return true;
    }
    return false;
  } finally {
    native.close(fd);
  }
}

function request(type: number, sequence: number, payloadBytes: number): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES + payloadBytes).map((_, i) => i & 0xff);
  const view = new DataView(packet.buffer);
  view.setUint32(0, type << 24);
  view.setUint16(4, IDENTIFIER);
  view.setUint16(6, sequence);
  // The kernel fills in the checksum of ICMPv6, which covers addresses, itself.
  view.setUint16(2, internetChecksum(view));
  return packet;
}

/** Raw IPv4 sockets give the IP header too. */
function isReply(packet: Uint8Array, kind: typeof IPV4 | typeof IPV6, sent: Uint8Array): boolean {
  const icmp = kind === IPV4 ? packet.subarray(((packet[0] ?? 0) & 15) * 4) : packet;
  return icmp[0] === kind.reply && Buffer.compare(icmp.subarray(4), sent.subarray(4)) === 0;
}

/** RFC 1071. */
function internetChecksum(view: DataView): number {
  let sum = 0;
  for (let i = 0; i + 1 < view.byteLength; i += 2) sum += view.getUint16(i);
  if (view.byteLength % 2 === 1) sum += view.getUint8(view.byteLength - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
