/** Chooses the next segment of a connection, at the moment when there is room to send it (RFC 9293 section 3.8). */
import { assertNever } from '../../../base/index.ts';
import type { PacketWriter } from '../packet-writer.ts';
import { distance, isBefore, plus } from '../sequence.ts';
import { FIN, PSH } from '../wire/tcp.ts';
import type { ControlBlock } from './control-block.ts';
import { emitAck, emitData, emitSyn } from './emit.ts';
import { schedule } from './lifecycle.ts';
import { armAfterSend, armHandshake, armPersist } from './retransmit-timer.ts';
import { IN_FLIGHT, type SentSegment } from './sent-segment.ts';

/** Writes one packet and returns its length, or 0 when nothing may be sent now. */
export function writeNextPacket(block: ControlBlock, out: PacketWriter): number {
  if (block.isForgotten) return 0;
  const length = choosePacket(block, out);
  schedule(block);
  return length;
}

function choosePacket(block: ControlBlock, out: PacketWriter): number {
  switch (block.state) {
    case 'synSent':
    case 'synReceived':
      return writeHandshake(block, out);
    case 'established':
    case 'closeWait':
    case 'finWait1':
    case 'closing':
    case 'lastAck':
      return writeSynchronized(block, out);
    case 'finWait2':
    case 'timeWait':
      return writeAcknowledgement(block, out);
    case 'closed':
      return 0;
    default:
      return assertNever(block.state);
  }
}

function writeHandshake(block: ControlBlock, out: PacketWriter): number {
  if (!block.synDue) return 0;
  block.synDue = false;
  block.snd.nxt = plus(block.snd.iss, 1);
  block.snd.lastSentAtMs = out.nowMs;
  armHandshake(block, out.nowMs);
  return emitSyn(block, out);
}

function writeSynchronized(block: ControlBlock, out: PacketWriter): number {
  const { ackState } = block;
  // Data segments carry no SACK blocks, so those go in an ACK of their own before.
  if (ackState.isDue && (ackState.hasDuplicate || !block.reassembly.isEmpty || ackState.duplicatesDue > 0))
    return writeAcknowledgement(block, out);
  const retransmitted = writeRetransmission(block, out);
  if (retransmitted > 0) return retransmitted;
  const sent = writeNewData(block, out);
  if (sent > 0) return sent;
  return writeAcknowledgement(block, out);
}

function writeAcknowledgement(block: ControlBlock, out: PacketWriter): number {
  const { ackState, snd } = block;
  if (block.probeDue) {
    // One sequence number below the window: the peer must answer (RFC 9293 sections 3.8.4 and 3.8.6.1).
    block.probeDue = false;
    return emitAck(block, out, plus(snd.una, -1));
  }
  if (ackState.duplicatesDue > 0) {
    ackState.duplicatesDue--;
    const length = emitAck(block, out, snd.nxt);
    ackState.isDue = ackState.duplicatesDue > 0;
    return length;
  }
  if (!ackState.isDue) return 0;
  return emitAck(block, out, snd.nxt);
}

function writeRetransmission(block: ControlBlock, out: PacketWriter): number {
  const { scoreboard, congestion } = block;
  if (scoreboard.lostBytes > 0) {
    const segment = scoreboard.firstLost();
    if (segment) {
      const length = Math.min(distance(segment.start, segment.end), block.snd.mss);
      // With nothing in flight one segment may always go, or the connection would wait for a timer.
      if (scoreboard.inFlightBytes + length <= congestion.cwndBytes || scoreboard.inFlightBytes === 0)
        return retransmit(block, segment, out);
      return 0;
    }
  }
  if (!block.probe.isDue) return 0;
  return writeTailLossProbe(block, out);
}

function retransmit(block: ControlBlock, segment: SentSegment, out: PacketWriter): number {
  const { scoreboard, snd } = block;
  const finBytes = segment.hasFin ? 1 : 0;
  // The segment may be from before the path's MTU shrank.
  if (distance(segment.start, segment.end) - finBytes > snd.mss) scoreboard.split(segment, snd.mss);
  const bytes = distance(segment.start, segment.end);
  const payload = bytes - (segment.hasFin ? 1 : 0);
  const position = snd.unaPosition + distance(snd.una, segment.start);
  scoreboard.recordRetransmission(segment, out.nowMs);
  block.recovery.sent(bytes, true, block.timestamps.valueAt(out.nowMs));
  block.tally.retransmissions++;
  block.stack.counters.tcpRetransmissions++;
  armAfterSend(block, out.nowMs);
  return emitData(block, out, segment.start, position, payload, segment.hasFin ? FIN | PSH : PSH);
}

/** New data if the window allows, else the last segment again (RFC 8985 section 7.3). */
function writeTailLossProbe(block: ControlBlock, out: PacketWriter): number {
  const { probe, scoreboard, snd } = block;
  probe.isDue = false;
  const tail = scoreboard.tail;
  if (!tail) return 0;
  block.stack.counters.tcpTailLossProbes++;
  probe.isOutstanding = true;
  let length = 0;
  if (unsentBytes(block) > 0) length = writeSegment(block, out, windowedBytes(block));
  probe.isRetransmission = length === 0;
  if (length === 0 && tail.condition === IN_FLIGHT) length = retransmit(block, tail, out);
  probe.end = snd.nxt;
  return length;
}

function unsentBytes(block: ControlBlock): number {
  const { snd } = block;
  const sent = snd.unaPosition + distance(snd.una, snd.nxt) - (snd.finSent ? 1 : 0);
  return block.sendBuffer.end - sent;
}

/** What of the unsent bytes fits one segment and the peer's window. */
function windowedBytes(block: ControlBlock): number {
  const { snd } = block;
  const usable = distance(snd.nxt, plus(snd.una, snd.wnd));
  return Math.max(0, Math.min(snd.mss, unsentBytes(block), usable));
}

function writeNewData(block: ControlBlock, out: PacketWriter): number {
  const { snd } = block;
  if (snd.finSent) return 0;
  const unsent = unsentBytes(block);
  if (unsent === 0) return snd.finQueued ? writeSegment(block, out, 0) : 0;
  const bytes = windowedBytes(block);
  const mayOverride = block.probeDue && bytes > 0;
  if (bytes < Math.min(snd.mss, unsent) && isSilly(block, bytes) && !mayOverride) {
    if (block.scoreboard.segmentCount === 0) armPersist(block, out.nowMs);
    return 0;
  }
  // Nagle (RFC 9293 section 3.7.4), only on request: a small segment waits while something is unacknowledged.
  if (!block.noDelay && bytes < snd.mss && block.scoreboard.segmentCount > 0 && !snd.finQueued) return 0;
  if (block.scoreboard.segmentCount === 0) decayAfterIdle(block, out.nowMs);
  if (block.scoreboard.inFlightBytes + bytes > block.congestion.cwndBytes) {
    block.cwndLimited = true;
    return 0;
  }
  if (mayOverride) block.probeDue = false;
  return writeSegment(block, out, bytes);
}

/** Sender's silly window avoidance (RFC 9293 section 3.8.6.2.1): a window-limited segment is at least half of the largest window. */
function isSilly(block: ControlBlock, bytes: number): boolean {
  return bytes === 0 || bytes * 2 < Math.min(block.snd.maxWnd, 2 * block.snd.mss);
}

function decayAfterIdle(block: ControlBlock, nowMs: number): void {
  const idleMs = nowMs - block.snd.lastSentAtMs;
  if (block.snd.lastSentAtMs >= 0 && idleMs > block.rtt.rtoMs) block.congestion.idled(idleMs, block.rtt.rtoMs);
}

/** Writes `bytes` of new data, with FIN when they are the last. */
function writeSegment(block: ControlBlock, out: PacketWriter, bytes: number): number {
  const { snd, scoreboard } = block;
  const isLast = unsentBytes(block) === bytes;
  const hasFin = isLast && snd.finQueued && !snd.finSent;
  if (bytes === 0 && !hasFin) return 0;
  const start = snd.nxt;
  const position = snd.unaPosition + distance(snd.una, start);
  snd.nxt = plus(start, bytes + (hasFin ? 1 : 0));
  if (scoreboard.segmentCount === 0) block.timers.progressAtMs = out.nowMs;
  scoreboard.recordSent(start, snd.nxt, hasFin, out.nowMs);
  block.recovery.sent(bytes, false, 0);
  if (hasFin) finWasSent(block);
  armAfterSend(block, out.nowMs);
  return emitData(block, out, start, position, bytes, (isLast ? PSH : 0) | (hasFin ? FIN : 0));
}

function finWasSent(block: ControlBlock): void {
  block.snd.finSent = true;
  if (block.state === 'established') block.state = 'finWait1';
  else if (block.state === 'closeWait') block.state = 'lastAck';
}

/** Whether a sequence number is between snd.una and snd.nxt, so that an ICMP error about it is credible (RFC 5927). */
export function isInFlight(block: ControlBlock, seq: number): boolean {
  return !isBefore(seq, block.snd.una) && isBefore(seq, block.snd.nxt);
}
