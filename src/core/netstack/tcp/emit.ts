/** Writes segments of a connection. The header comes from a template, the options are word-aligned. */
import type { PacketWriter } from '../packet-writer.ts';
import { finishChecksum, networkWord, sumWords } from '../wire/checksum.ts';
import { emitIp, ipHeaderBytes, PROTOCOL_TCP, setPayloadLength } from '../wire/ip.ts';
import {
  ACK,
  emitSack,
  emitSynOptions,
  emitTcpFields,
  emitTimestamps,
  MAX_SACK_BLOCKS,
  SYN,
  TCP_CHECKSUM,
  TCP_HEADER_BYTES,
} from '../wire/tcp.ts';
import type { ControlBlock } from './control-block.ts';
import { advertiseWindow } from './receive-window.ts';

const PORT_BYTES = 4;
const NEVER = Number.POSITIVE_INFINITY;
/** MSS option field for a header without options (RFC 6691). */
const MAX_MSS = 0xffff;
const sackScratch = new Int32Array(2 * MAX_SACK_BLOCKS + 2);

/** Prepares what all segments of the connection share. */
export function prepareTemplate(block: ControlBlock): void {
  const { local, remote } = block;
  const ipBytes = ipHeaderBytes(local.address.version);
  const template = new Uint8Array(ipBytes + PORT_BYTES);
  const view = new DataView(template.buffer);
  emitIp(view, 0, local.address, remote.address, PROTOCOL_TCP, 0);
  view.setUint16(ipBytes, local.port);
  view.setUint16(ipBytes + 2, remote.port);
  const addressBytes = local.address.bytes.length;
  block.template = template;
  block.pseudoSum = sumWords(view, ipBytes - 2 * addressBytes, 2 * addressBytes) + networkWord(PROTOCOL_TCP);
}

/** Fills in lengths and checksum of a segment of `segmentBytes`; returns the packet's length. */
function finishPacket(block: ControlBlock, out: PacketWriter, ipBytes: number, segmentBytes: number): number {
  const tcpAt = out.at + ipBytes;
  setPayloadLength(out.view, out.at, block.local.address.version, segmentBytes);
  const sum = block.pseudoSum + networkWord(segmentBytes) + sumWords(out.view, tcpAt, segmentBytes);
  out.view.setUint16(tcpAt + TCP_CHECKSUM, finishChecksum(sum), true);
  block.tally.segmentsSent++;
  return ipBytes + segmentBytes;
}

/** Copies the template; returns the length of the IP header. */
function beginPacket(block: ControlBlock, out: PacketWriter): number {
  out.bytes.set(block.template, out.offset);
  return block.template.length - PORT_BYTES;
}

/** Every segment with ACK pays what was owed. */
function acknowledgementSent(block: ControlBlock): void {
  const { ackState, rcv } = block;
  ackState.isDue = false;
  ackState.unackedBytes = 0;
  ackState.delayedAtMs = NEVER;
  rcv.lastAckSent = rcv.nxt;
}

/**
 * Writes a segment with `payloadBytes` of the send buffer from `position` on. Data segments carry no SACK blocks: a
 * bare ACK goes first when there are some.
 */
export function emitData(
  block: ControlBlock,
  out: PacketWriter,
  seq: number,
  position: number,
  payloadBytes: number,
  flags: number,
): number {
  const ipBytes = beginPacket(block, out);
  const tcpAt = out.at + ipBytes;
  let optionBytes = 0;
  if (block.timestamps.enabled) {
    const tsVal = block.timestamps.valueAt(out.nowMs);
    optionBytes = emitTimestamps(out.view, tcpAt + TCP_HEADER_BYTES, tsVal, block.timestamps.recent);
  }
  emitTcpFields(out.view, tcpAt, seq, block.rcv.nxt, flags | ACK, advertiseWindow(block), optionBytes);
  const headerBytes = TCP_HEADER_BYTES + optionBytes;
  if (payloadBytes > 0) block.sendBuffer.copyTo(out.bytes, out.offset + ipBytes + headerBytes, position, payloadBytes);
  acknowledgementSent(block);
  block.snd.lastSentAtMs = out.nowMs;
  return finishPacket(block, out, ipBytes, headerBytes + payloadBytes);
}

/** Writes an ACK without payload, with SACK blocks if there are some. `seq` differs from snd.nxt in probes alone. */
export function emitAck(block: ControlBlock, out: PacketWriter, seq: number): number {
  const ipBytes = beginPacket(block, out);
  const tcpAt = out.at + ipBytes;
  let optionBytes = 0;
  if (block.timestamps.enabled) {
    const tsVal = block.timestamps.valueAt(out.nowMs);
    optionBytes = emitTimestamps(out.view, tcpAt + TCP_HEADER_BYTES, tsVal, block.timestamps.recent);
  }
  if (block.sackPermitted) optionBytes += emitSackBlocks(block, out, tcpAt + TCP_HEADER_BYTES + optionBytes);
  emitTcpFields(out.view, tcpAt, seq, block.rcv.nxt, ACK, advertiseWindow(block), optionBytes);
  acknowledgementSent(block);
  return finishPacket(block, out, ipBytes, TCP_HEADER_BYTES + optionBytes);
}

/** A duplicate, if there was one, comes first and once (RFC 2883 section 4). */
function emitSackBlocks(block: ControlBlock, out: PacketWriter, at: number): number {
  const { ackState, reassembly } = block;
  let count = 0;
  if (ackState.hasDuplicate) {
    sackScratch[0] = ackState.duplicateStart;
    sackScratch[1] = ackState.duplicateEnd;
    ackState.hasDuplicate = false;
    count = 1;
  }
  if (!reassembly.isEmpty) count += reassembly.fillSackBlocks(sackScratch, 2 * count, MAX_SACK_BLOCKS - count);
  return count === 0 ? 0 : emitSack(out.view, at, sackScratch, count);
}

/** Writes SYN or SYN-ACK. The window of these is never scaled (RFC 7323 section 2.2). */
export function emitSyn(block: ControlBlock, out: PacketWriter): number {
  const ipBytes = beginPacket(block, out);
  const tcpAt = out.at + ipBytes;
  const { rcv, snd, timestamps } = block;
  const isAnswer = block.state === 'synReceived';
  const optionBytes = emitSynOptions(out.view, tcpAt + TCP_HEADER_BYTES, {
    mss: Math.min(MAX_MSS, block.stack.mtu - ipBytes - TCP_HEADER_BYTES),
    windowShift: block.windowScaling ? rcv.windowShift : undefined,
    sackPermitted: block.sackPermitted,
    timestamps: timestamps.enabled
      ? { tsVal: timestamps.valueAt(out.nowMs), tsEcr: isAnswer ? timestamps.recent : 0 }
      : undefined,
  });
  const window = Math.min(0xffff, rcv.capacityBytes);
  if (isAnswer) rcv.edge = (rcv.nxt + window) | 0;
  emitTcpFields(out.view, tcpAt, snd.iss, isAnswer ? rcv.nxt : 0, isAnswer ? SYN | ACK : SYN, window, optionBytes);
  if (isAnswer) acknowledgementSent(block);
  return finishPacket(block, out, ipBytes, TCP_HEADER_BYTES + optionBytes);
}
