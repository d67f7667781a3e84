/**
 * TCP header (RFC 9293 section 3.1) and options (MSS, window scale, SACK-permitted, SACK, timestamps).
 *
 *     0 source port | 2 destination port | 4 sequence number | 8 acknowledgment number
 *     12 data offset (4 bits), reserved | 13 flags | 14 window | 16 checksum | 18 urgent pointer | 20 options
 */
import { MAX_WINDOW_SHIFT } from '../constants.ts';
import type { DropReason } from '../counters.ts';

export const TCP_HEADER_BYTES = 20;
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
/** Timestamps with two NOPs before them, so that they are aligned (RFC 7323 appendix A). */
export const TIMESTAMP_OPTION_BYTES = 12;
/** Blocks that fit beside timestamps (RFC 2018 section 3). */
export const MAX_SACK_BLOCKS = 3;

const SEQUENCE = 4;
const ACKNOWLEDGMENT = 8;
const DATA_OFFSET = 12;
const FLAGS = 13;
const WINDOW = 14;
export const TCP_CHECKSUM = 16;
const URGENT = 18;

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_MSS = 2;
const OPTION_WINDOW_SCALE = 3;
const OPTION_SACK_PERMITTED = 4;
const OPTION_SACK = 5;
const OPTION_TIMESTAMPS = 8;
/** NOP, NOP, kind 8, length 10 as one word. */
const ALIGNED_TIMESTAMPS = 0x0101080a;
/** SACK-permitted (kind 4, length 2) in place of the NOPs. */
const SACK_PERMITTED_TIMESTAMPS = 0x0402080a;
/** NOP, window scale (kind 3, length 3), shift in the last byte. */
const NOP_WINDOW_SCALE = 0x01030300;
const NOP_NOP_SACK_PERMITTED = 0x01010402;
const MSS_PREFIX = 0x02040000;
const NOP_NOP_SACK = 0x01010500;

/** A parsed segment. Sequence numbers and timestamps are int32. One object is used over and over. */
export class Segment {
  sourcePort = 0;
  destinationPort = 0;
  seq = 0;
  ack = 0;
  flags = 0;
  /** As on the wire, not scaled. */
  window = 0;
  /** Offset of the payload in `bytes`. */
  payloadOffset = 0;
  payloadLength = 0;
  bytes: Uint8Array = new Uint8Array(0);
  hasTimestamps = false;
  tsVal = 0;
  tsEcr = 0;
  /** 0 when absent. */
  mss = 0;
  /** -1 when absent. */
  windowShift = -1;
  sackPermitted = false;
  sackBlocks = 0;
  readonly sack = new Int32Array(8);
}

/** Reads a segment of `length` bytes at `offset` of `view`; `bytes` is the packet that holds it. */
export function parseTcp(
  view: DataView,
  bytes: Uint8Array,
  offset: number,
  length: number,
  segment: Segment,
): DropReason | undefined {
  if (length < TCP_HEADER_BYTES) return 'tcp-bad-header';
  const headerBytes = (view.getUint8(offset + DATA_OFFSET) >>> 4) * 4;
  if (headerBytes < TCP_HEADER_BYTES || headerBytes > length) return 'tcp-bad-header';
  segment.sourcePort = view.getUint16(offset);
  segment.destinationPort = view.getUint16(offset + 2);
  segment.seq = view.getInt32(offset + SEQUENCE);
  segment.ack = view.getInt32(offset + ACKNOWLEDGMENT);
  segment.flags = view.getUint8(offset + FLAGS);
  segment.window = view.getUint16(offset + WINDOW);
  segment.bytes = bytes;
  segment.payloadOffset = offset + headerBytes - bytes.byteOffset;
  segment.payloadLength = length - headerBytes;
  segment.hasTimestamps = false;
  segment.sackBlocks = 0;
  segment.mss = 0;
  segment.windowShift = -1;
  segment.sackPermitted = false;
  const options = offset + TCP_HEADER_BYTES;
  // Header prediction: almost every segment carries aligned timestamps and nothing else.
  if (headerBytes === TCP_HEADER_BYTES + TIMESTAMP_OPTION_BYTES && view.getInt32(options) === ALIGNED_TIMESTAMPS) {
    segment.hasTimestamps = true;
    segment.tsVal = view.getInt32(options + 4);
    segment.tsEcr = view.getInt32(options + 8);
    return undefined;
  }
  return parseOptions(view, options, offset + headerBytes, segment) ? undefined : 'tcp-bad-header';
}

/** False when an option's length is impossible (RFC 9293 MUST-7). */
function parseOptions(view: DataView, start: number, end: number, segment: Segment): boolean {
  let at = start;
  while (at < end) {
    const kind = view.getUint8(at);
    if (kind === OPTION_END) return true;
    if (kind === OPTION_NOP) {
      at++;
      continue;
    }
    if (at + 1 >= end) return false;
    const length = view.getUint8(at + 1);
    if (length < 2 || at + length > end) return false;
    parseOption(view, at, kind, length, segment);
    at += length;
  }
  return true;
}

function parseOption(view: DataView, at: number, kind: number, length: number, segment: Segment): void {
  const isSyn = (segment.flags & SYN) !== 0;
  if (kind === OPTION_TIMESTAMPS && length === 10) {
    segment.hasTimestamps = true;
    segment.tsVal = view.getInt32(at + 2);
    segment.tsEcr = view.getInt32(at + 6);
  } else if (kind === OPTION_SACK && length >= 10 && (length - 2) % 8 === 0) {
    segment.sackBlocks = Math.min((length - 2) / 8, 4);
    for (let i = 0; i < 2 * segment.sackBlocks; i++) segment.sack[i] = view.getInt32(at + 2 + 4 * i);
  } else if (isSyn && kind === OPTION_MSS && length === 4) {
    segment.mss = view.getUint16(at + 2);
  } else if (isSyn && kind === OPTION_WINDOW_SCALE && length === 3) {
    segment.windowShift = Math.min(view.getUint8(at + 2), MAX_WINDOW_SHIFT);
  } else if (isSyn && kind === OPTION_SACK_PERMITTED && length === 2) {
    segment.sackPermitted = true;
  }
}

/** Writes the fixed header without ports and checksum, which a template or the caller gives. */
export function emitTcpFields(
  view: DataView,
  offset: number,
  seq: number,
  ack: number,
  flags: number,
  window: number,
  optionBytes: number,
): void {
  view.setInt32(offset + SEQUENCE, seq);
  view.setInt32(offset + ACKNOWLEDGMENT, ack);
  view.setUint8(offset + DATA_OFFSET, ((TCP_HEADER_BYTES + optionBytes) >>> 2) << 4);
  view.setUint8(offset + FLAGS, flags);
  view.setUint16(offset + WINDOW, window);
  view.setUint16(offset + TCP_CHECKSUM, 0);
  view.setUint16(offset + URGENT, 0);
}

export function emitTimestamps(view: DataView, at: number, tsVal: number, tsEcr: number): number {
  view.setInt32(at, ALIGNED_TIMESTAMPS);
  view.setInt32(at + 4, tsVal);
  view.setInt32(at + 8, tsEcr);
  return TIMESTAMP_OPTION_BYTES;
}

/** Writes `count` blocks (left, right pairs) behind two NOPs; returns the bytes written. */
export function emitSack(view: DataView, at: number, blocks: Int32Array, count: number): number {
  view.setInt32(at, NOP_NOP_SACK | (2 + 8 * count));
  for (let i = 0; i < 2 * count; i++) view.setInt32(at + 4 + 4 * i, blocks[i] as number);
  return 4 + 8 * count;
}

export interface SynOptions {
  readonly mss: number;
  /** Undefined: not offered. */
  readonly windowShift: number | undefined;
  readonly sackPermitted: boolean;
  readonly timestamps: { readonly tsVal: number; readonly tsEcr: number } | undefined;
}

/** Writes the options of a SYN in the customary order: MSS, SACK-permitted, timestamps, window scale. */
export function emitSynOptions(view: DataView, at: number, options: SynOptions): number {
  let end = at;
  view.setInt32(end, MSS_PREFIX | options.mss);
  end += 4;
  if (options.timestamps) {
    emitTimestamps(view, end, options.timestamps.tsVal, options.timestamps.tsEcr);
    if (options.sackPermitted) view.setInt32(end, SACK_PERMITTED_TIMESTAMPS);
    end += TIMESTAMP_OPTION_BYTES;
  } else if (options.sackPermitted) {
    view.setInt32(end, NOP_NOP_SACK_PERMITTED);
    end += 4;
  }
  if (options.windowShift !== undefined) {
    view.setInt32(end, NOP_WINDOW_SCALE | options.windowShift);
    end += 4;
  }
  return end - at;
}
