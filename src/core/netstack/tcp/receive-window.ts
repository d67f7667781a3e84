import { distance } from '../sequence.ts';
import type { ControlBlock } from './control-block.ts';
import { makeReady } from './lifecycle.ts';

/** A receiver that never saw a timestamp echo guesses this round trip for buffer tuning. */
const ASSUMED_RTT_MS = 100;

/**
 * The window field for the next segment; moves the advertised edge. Silly window avoidance (RFC 9293 section
 * 3.8.6.2.2): the edge moves by a full segment or half the buffer, or not at all, and never back.
 */
export function advertiseWindow(block: ControlBlock): number {
  const { rcv } = block;
  const current = distance(rcv.nxt, rcv.edge);
  const free = Math.max(0, rcv.capacityBytes - block.receiveQueue.sizeBytes);
  const gain = free - current;
  let window = current;
  if (gain > 0 && (gain >= block.ackState.largestSegment || gain * 2 >= rcv.capacityBytes)) {
    window = free;
    rcv.edge = (rcv.nxt + free) | 0;
  }
  return Math.min(0xffff, Math.max(0, window) >>> rcv.windowShift);
}

/** The program read bytes: the peer is told when that opens a window that was nearly shut. */
export function bytesWereRead(block: ControlBlock): void {
  const { rcv } = block;
  const current = Math.max(0, distance(rcv.nxt, rcv.edge));
  const gain = rcv.capacityBytes - block.receiveQueue.sizeBytes - current;
  const segment = Math.max(block.ackState.largestSegment, 1);
  const isWorthTelling = gain * 2 >= rcv.capacityBytes || (current < 2 * segment && gain >= 2 * segment);
  if (!isWorthTelling || rcv.finConsumed) return;
  block.ackState.isDue = true;
  makeReady(block);
}

/** Learns the receiver's round trip from echoed timestamps; data segments only. */
export function sampleReceiverRtt(block: ControlBlock, tsEcr: number, nowMs: number): void {
  if (tsEcr === 0) return;
  const rttMs = distance(tsEcr, block.timestamps.valueAt(nowMs));
  if (rttMs < 0) return;
  const { tuning } = block;
  tuning.rttMs = tuning.rttMs === Number.POSITIVE_INFINITY ? rttMs : Math.min(rttMs, tuning.rttMs * 1.02 + 0.1);
}

/**
 * Dynamic right-sizing: when the program reads in one round trip more than half of what the buffer holds, the buffer is
 * what limits the sender, so it doubles. A slow reader never makes it grow.
 */
export function tuneReceiveBuffer(block: ControlBlock, readBytes: number, nowMs: number): void {
  const { tuning, rcv, stack } = block;
  tuning.bytesRead += readBytes;
  if (tuning.spaceStartMs < 0) tuning.spaceStartMs = nowMs;
  const rttMs = tuning.rttMs === Number.POSITIVE_INFINITY ? ASSUMED_RTT_MS : Math.max(tuning.rttMs, 1);
  if (nowMs - tuning.spaceStartMs < rttMs) return;
  const isLimiting = tuning.bytesRead * 2 > rcv.capacityBytes;
  tuning.spaceStartMs = nowMs;
  tuning.bytesRead = 0;
  if (!isLimiting || stack.memory.isTight) return;
  rcv.capacityBytes = Math.min(stack.limits.receiveBufferBytes, rcv.capacityBytes * 2);
}
