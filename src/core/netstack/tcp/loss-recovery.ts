/** What follows from an acknowledgement: RTT, loss detection, recovery, congestion window, timers. */
import { DUPLICATE_THRESHOLD } from '../constants.ts';
import { distance, isAtOrBefore } from '../sequence.ts';
import type { Segment } from '../wire/tcp.ts';
import type { ControlBlock } from './control-block.ts';
import { armForFlight, armReordering } from './retransmit-timer.ts';

export function acknowledgmentDelivered(
  block: ControlBlock,
  segment: Segment,
  advanced: number,
  sawDuplicate: boolean,
  nowMs: number,
): void {
  const { delivery, scoreboard, rack, recovery, snd } = block;
  const flightBefore = scoreboard.inFlightBytes + delivery.deliveredBytes;
  sampleRtt(block, segment, advanced, nowMs);
  if (advanced > 0) undoIfSpurious(block, segment);
  if (sawDuplicate) rack.duplicateReported(snd.una, snd.nxt);
  rack.delivered(delivery, nowMs);
  judgeTailLossProbe(block, sawDuplicate);
  const lostBefore = scoreboard.lostBytes;
  const lookAgainMs = detectLoss(block, advanced, nowMs);
  if (recovery.phase !== 'open' && advanced > 0 && isAtOrBefore(recovery.point, snd.una)) endRecovery(block);
  if (recovery.phase === 'open' && scoreboard.lostBytes > 0 && scoreboard.lostBytes >= lostBefore) {
    const flight = scoreboard.inFlightBytes + scoreboard.lostBytes + scoreboard.sackedBytes + advanced;
    recovery.enterRecovery(block.congestion, snd.nxt, flight);
  }
  if (recovery.phase === 'recovery')
    recovery.acknowledged(block.congestion, delivery.deliveredBytes, scoreboard.inFlightBytes, advanced > 0, snd.mss);
  else growWindow(block, flightBefore, nowMs);
  rearm(block, advanced, lookAgainMs, nowMs);
}

/** RFC 6298 with Karn's rule; a timestamp echo (RFC 7323 section 4) where only retransmissions were acknowledged. */
function sampleRtt(block: ControlBlock, segment: Segment, advanced: number, nowMs: number): void {
  const { delivery, rtt, timestamps } = block;
  if (delivery.oldestFreshSentAtMs >= 0) {
    rtt.sample(nowMs - delivery.oldestFreshSentAtMs);
  } else if (advanced > 0 && timestamps.enabled && segment.hasTimestamps && segment.tsEcr !== 0) {
    const echoMs = distance(segment.tsEcr, timestamps.valueAt(nowMs));
    if (echoMs >= 0) rtt.sample(echoMs);
  }
}

/** Eifel (RFC 3522): the echo is older than the first retransmission, so the original arrived. */
function undoIfSpurious(block: ControlBlock, segment: Segment): void {
  if (!block.timestamps.enabled || !segment.hasTimestamps) return;
  const undo = block.recovery.spurious(segment.tsEcr);
  if (!undo) return;
  block.scoreboard.unmarkLost();
  block.congestion.restore(undo);
  block.recovery.reset();
  block.tally.spuriousRecoveries++;
  block.stack.counters.tcpSpuriousRecoveries++;
}

/** RFC 8985 section 7.4: a probe that repaired a loss must still reduce the window. */
function judgeTailLossProbe(block: ControlBlock, sawDuplicate: boolean): void {
  const { probe, snd, congestion, recovery } = block;
  if (!probe.isOutstanding || !isAtOrBefore(probe.end, snd.una)) return;
  probe.isOutstanding = false;
  if (!probe.isRetransmission || sawDuplicate || recovery.phase !== 'open') return;
  if (block.scoreboard.sackedBytes > 0) return;
  congestion.lossDetected();
  congestion.cwndBytes = congestion.ssthreshBytes;
}

function detectLoss(block: ControlBlock, advanced: number, nowMs: number): number {
  const { rack, scoreboard, recovery, rtt } = block;
  if (block.sackPermitted) return rack.detectLoss(scoreboard, recovery.phase !== 'open', rtt.srttMs, nowMs);
  detectLossByCount(block, advanced);
  return 0;
}

/** Without SACK: three duplicates, then one hole per partial acknowledgement (RFC 6582). */
function detectLossByCount(block: ControlBlock, advanced: number): void {
  const { scoreboard, recovery } = block;
  block.duplicateAcks = advanced > 0 ? 0 : block.duplicateAcks + 1;
  const isPartial = advanced > 0 && recovery.phase === 'recovery' && !isAtOrBefore(recovery.point, block.snd.una);
  if (!isPartial && block.duplicateAcks !== DUPLICATE_THRESHOLD) return;
  if (scoreboard.head && (isPartial || recovery.phase === 'open')) scoreboard.markLost(scoreboard.head);
  // Each duplicate says that a segment has left the network.
  if (!isPartial) block.delivery.deliveredBytes += block.snd.mss;
}

function endRecovery(block: ControlBlock): void {
  block.recovery.leave(block.congestion, block.snd.mss);
  block.rack.recoveryEnded();
  block.duplicateAcks = 0;
}

/** Grows only a window that was in use (RFC 9438 section 4.2, RFC 7661): an idle program earns no credit. */
function growWindow(block: ControlBlock, flightBefore: number, nowMs: number): void {
  const { congestion, delivery, rtt, snd } = block;
  if (delivery.deliveredBytes === 0) return;
  const isSlowStart = congestion.isInSlowStart;
  const isUsed = block.cwndLimited || (isSlowStart && flightBefore * 2 > congestion.cwndBytes);
  block.cwndLimited = false;
  if (isSlowStart && block.recovery.phase === 'open') {
    const rttMs = delivery.newestFreshSentAtMs >= 0 ? nowMs - delivery.newestFreshSentAtMs : -1;
    if (congestion.hystart.acknowledged(snd.una, snd.nxt, rttMs)) congestion.leaveSlowStart();
  }
  if (isUsed) congestion.acknowledged(delivery.deliveredBytes, nowMs, rtt.srttMs);
}

function rearm(block: ControlBlock, advanced: number, lookAgainMs: number, nowMs: number): void {
  if (lookAgainMs > 0) armReordering(block, lookAgainMs, nowMs);
  else if (advanced > 0 || block.timers.retransmit === 'reorder') armForFlight(block, nowMs);
  else if (block.timers.retransmit === 'probe' && block.scoreboard.sackedBytes > 0) armForFlight(block, nowMs);
}
