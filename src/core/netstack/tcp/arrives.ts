/** SEGMENT ARRIVES (RFC 9293 section 3.10.7): which steps a segment goes through. */
import { assertNever } from '../../../base/index.ts';
import type { DropReason } from '../counters.ts';
import { plus } from '../sequence.ts';
import { ACK, FIN, RST, type Segment, SYN } from '../wire/tcp.ts';
import { acknowledgmentArrives } from './arrives-ack.ts';
import { checkReset, checkSequence, checkSyn, checkTimestamps, noteTimestamp } from './arrives-checks.ts';
import { segmentArrivesInSynReceived, segmentArrivesInSynSent } from './arrives-handshake.ts';
import { finArrives, textArrives } from './arrives-text.ts';
import type { ControlBlock } from './control-block.ts';
import { armKeepAlive, recharge, schedule } from './lifecycle.ts';

export function segmentArrives(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  block.tally.segmentsReceived++;
  const reason = segmentArrivesInState(block, segment, nowMs);
  recharge(block);
  schedule(block);
  return reason;
}

function segmentArrivesInState(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  switch (block.state) {
    case 'closed':
      return 'tcp-after-close';
    case 'synSent':
      return segmentArrivesInSynSent(block, segment, nowMs);
    case 'synReceived':
    case 'established':
    case 'finWait1':
    case 'finWait2':
    case 'closeWait':
    case 'closing':
    case 'lastAck':
    case 'timeWait':
      return segmentArrivesSynchronized(block, segment, nowMs);
    default:
      return assertNever(block.state);
  }
}

/** Section 3.10.7.4, all states after SYN-SENT: the eight steps in order. */
function segmentArrivesSynchronized(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  const rejected =
    checkTimestamps(block, segment, nowMs) ??
    checkSequence(block, segment, nowMs) ??
    checkReset(block, segment, nowMs) ??
    checkSyn(block, segment, nowMs);
  if (rejected !== undefined) return rejected;
  if ((segment.flags & ACK) === 0) return 'tcp-bad-flags';
  if (block.state === 'synReceived') {
    const refused = segmentArrivesInSynReceived(block, segment, nowMs);
    if (refused !== undefined) return refused;
  }
  noteTimestamp(block, segment, nowMs);
  block.rcv.lastReceivedAtMs = nowMs;
  if (block.timers.keepAliveAtMs !== Number.POSITIVE_INFINITY) armKeepAlive(block, nowMs);
  const unacceptable = acknowledgmentArrives(block, segment, nowMs);
  if (unacceptable !== undefined || block.isForgotten) return unacceptable;
  return contentArrives(block, segment, nowMs);
}

/** Seventh and eighth step. */
function contentArrives(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  let reason: DropReason | undefined;
  if (segment.payloadLength > 0) reason = textArrives(block, segment, nowMs);
  if ((segment.flags & FIN) !== 0) finArrives(block, plus(segment.seq, segment.payloadLength), nowMs);
  return reason;
}

/** Sequence numbers that a segment takes up. */
export function sequenceLength(segment: Segment): number {
  let length = segment.payloadLength;
  if ((segment.flags & SYN) !== 0) length++;
  if ((segment.flags & FIN) !== 0) length++;
  return length;
}

/** Flags that no honest segment has together. */
export function hasImpossibleFlags(flags: number): boolean {
  const kinds = flags & (SYN | RST | FIN);
  return kinds === (SYN | RST) || kinds === (SYN | FIN) || kinds === (SYN | RST | FIN);
}
