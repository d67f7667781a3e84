/**
 * Heartbeats between Manis nodes: an inner UDP packet that says "I am here" and "I hear you", as BFD does (RFC 5880), so
 * that loss in one direction is seen by both ends. It travels sealed like any other packet of the tunnel.
 *
 *     at  0   IPv6 header        40 bytes
 *     at 40   UDP header          8 bytes    both ports HEARTBEAT_PORT
 *     at 48   magic               2 bytes    'MH'
 *     at 50   version             1 byte     2
 *     at 51   flags               1 byte     bit 0: I hear you; bit 1: please answer at once;
 *                                           bit 2: send packets by another path if there is a good one;
 *                                           bit 3: goodbye: I forget our session
 *     at 52   sequence            4 bytes    of this heartbeat
 *     at 56   echo                4 bytes    sequence last heard from the other end, 0 for none
 *     at 60   echo delay          4 bytes    microseconds between hearing it and sending this
 *     at 64   largest heard       4 bytes    bytes of the largest heartbeat heard since the last one sent, 0 for none
 *     at 68   sent                4 bytes    heartbeats sent over this path, this one included, probes not
 *     at 72   heard               4 bytes    the other end's heartbeats heard over it, probes not
 *     at 76   zeros               4 bytes    or more: probes of the path's MTU (RFC 8899) are padded heartbeats
 */
import { finishChecksum, pseudoHeaderSum, sumWords } from '../netstack/index.ts';

export const HEARTBEAT_PORT = 2;
export const HEARTBEAT_BYTES = 80;
const IPV6_HEADER_BYTES = 40;
const PROTOCOL_UDP = 17;
const HOP_LIMIT = 64;
const PAYLOAD = 48;
const MAGIC = 0x4d48;
const VERSION = 2;
const HEARS_YOU = 1;
const ANSWER_AT_ONCE = 2;
const AVOIDS = 4;
const GOODBYE = 8;

export interface Heartbeat {
  readonly hearsYou: boolean;
  readonly answerAtOnce: boolean;
  /** Whether packets should take another direct path, while there is a good one. Absent: they need not. */
  readonly avoids?: boolean;
  /** Whether it is the last one: its sender forgets the session. Absent: it is not. */
  readonly goodbye?: boolean;
  readonly sequence: number;
  /** 0: nothing heard yet. */
  readonly echo: number;
  readonly echoDelayUs: number;
  /** 0: none since the last one sent. */
  readonly largestHeardBytes: number;
  /** Counters of this path, from which the other end reckons what got lost; modulo 2^32. */
  readonly sent: number;
  readonly heard: number;
}

/** Writes a heartbeat as a whole IPv6 packet of `sizeBytes`; addresses are 16 bytes each. */
export function emitHeartbeat(
  out: Uint8Array,
  offset: number,
  from: Uint8Array,
  to: Uint8Array,
  heartbeat: Heartbeat,
  sizeBytes: number = HEARTBEAT_BYTES,
): void {
  const view = new DataView(out.buffer, out.byteOffset + offset, HEARTBEAT_BYTES);
  out.fill(0, offset + PAYLOAD, offset + sizeBytes);
  view.setUint32(0, 0x60000000);
  view.setUint16(4, sizeBytes - IPV6_HEADER_BYTES);
  view.setUint16(6, (PROTOCOL_UDP << 8) | HOP_LIMIT);
  out.set(from, offset + 8);
  out.set(to, offset + 24);
  view.setUint16(40, HEARTBEAT_PORT);
  view.setUint16(42, HEARTBEAT_PORT);
  view.setUint16(44, sizeBytes - IPV6_HEADER_BYTES);
  view.setUint16(46, 0);
  view.setUint16(PAYLOAD, MAGIC);
  view.setUint8(PAYLOAD + 2, VERSION);
  view.setUint8(PAYLOAD + 3, flagsOf(heartbeat));
  view.setUint32(PAYLOAD + 4, heartbeat.sequence);
  view.setUint32(PAYLOAD + 8, heartbeat.echo);
  view.setUint32(PAYLOAD + 12, Math.min(heartbeat.echoDelayUs, 0xffffffff));
  view.setUint32(PAYLOAD + 16, heartbeat.largestHeardBytes);
  view.setUint32(PAYLOAD + 20, heartbeat.sent);
  view.setUint32(PAYLOAD + 24, heartbeat.heard);
  // Addresses to the end, plus the pseudo-header's protocol and length (RFC 8200 section 8.1).
  const pseudo = pseudoHeaderSum(view, 8, 16, PROTOCOL_UDP, sizeBytes - IPV6_HEADER_BYTES);
  // The padding adds nothing to the sum.
  const sum = pseudo + sumWords(view, IPV6_HEADER_BYTES, HEARTBEAT_BYTES - IPV6_HEADER_BYTES);
  // Zero would mean that there is none (RFC 8200 section 8.1).
  view.setUint16(46, finishChecksum(sum) || 0xffff, true);
}

function flagsOf({ hearsYou, answerAtOnce, avoids, goodbye }: Heartbeat): number {
  const flags = (hearsYou ? HEARS_YOU : 0) | (answerAtOnce ? ANSWER_AT_ONCE : 0);
  return flags | (avoids ? AVOIDS : 0) | (goodbye ? GOODBYE : 0);
}

/** Whether an IPv6 packet is meant as a heartbeat. The tunnel authenticated it, so its UDP checksum is not asked. */
export function isHeartbeat(bytes: Uint8Array, offset: number, length: number): boolean {
  return (
    length >= HEARTBEAT_BYTES &&
    bytes[offset + 6] === 17 &&
    bytes[offset + 42] === 0 &&
    bytes[offset + 43] === HEARTBEAT_PORT &&
    bytes[offset + PAYLOAD] === MAGIC >> 8 &&
    bytes[offset + PAYLOAD + 1] === (MAGIC & 0xff) &&
    bytes[offset + PAYLOAD + 2] === VERSION
  );
}

/** Reads what `isHeartbeat` said yes to. */
export function parseHeartbeat(bytes: Uint8Array, offset: number): Heartbeat {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset + PAYLOAD, HEARTBEAT_BYTES - PAYLOAD);
  const flags = view.getUint8(3);
  return {
    hearsYou: (flags & HEARS_YOU) !== 0,
    answerAtOnce: (flags & ANSWER_AT_ONCE) !== 0,
    ...((flags & AVOIDS) !== 0 && { avoids: true }),
    ...((flags & GOODBYE) !== 0 && { goodbye: true }),
    sequence: view.getUint32(4),
    echo: view.getUint32(8),
    echoDelayUs: view.getUint32(12),
    largestHeardBytes: view.getUint32(16),
    sent: view.getUint32(20),
    heard: view.getUint32(24),
  };
}
