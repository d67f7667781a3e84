/** The retransmission timer (RFC 6298), tail loss probes and reordering timer (RFC 8985), persist timer. */
import { assertNever } from '../../../base/index.ts';
import {
  PEER_DELAYED_ACK_MS,
  RTO_AFTER_LOST_SYN_MS,
  RTO_MAX_MS,
  TAIL_LOSS_PROBE_MIN_MS,
  UNACKNOWLEDGED_TIMEOUT_MS,
} from '../constants.ts';
import type { ControlBlock, RetransmitTimer } from './control-block.ts';
import { fail, failWithReset, makeReady } from './lifecycle.ts';
import { SACKED } from './sent-segment.ts';

function arm(block: ControlBlock, timer: RetransmitTimer, atMs: number): void {
  block.timers.retransmit = timer;
  block.timers.retransmitAtMs = atMs;
}

function disarm(block: ControlBlock): void {
  arm(block, 'off', Number.POSITIVE_INFINITY);
}

/** A SYN or SYN-ACK goes out. */
export function armHandshake(block: ControlBlock, nowMs: number): void {
  const { timers } = block;
  timers.synTransmissions++;
  arm(block, 'rto', nowMs + Math.min(RTO_MAX_MS, block.rtt.rtoMs));
}

/** A data segment goes out: a running RTO timer runs on, a probe timer starts anew. */
export function armAfterSend(block: ControlBlock, nowMs: number): void {
  const { retransmit } = block.timers;
  if (retransmit === 'rto' || retransmit === 'reorder') return;
  armForFlight(block, nowMs);
}

/** An acknowledgement moved snd.una, or a timer fired: starts the timer for what is outstanding. */
export function armForFlight(block: ControlBlock, nowMs: number): void {
  if (block.scoreboard.segmentCount === 0) {
    disarm(block);
    return;
  }
  const rtoMs = block.rtt.rtoMs;
  const probeMs = mayProbe(block) ? probeTimeoutMs(block) : Number.POSITIVE_INFINITY;
  if (probeMs < rtoMs) arm(block, 'probe', nowMs + probeMs);
  else arm(block, 'rto', nowMs + rtoMs);
}

/** RACK wants to look again. */
export function armReordering(block: ControlBlock, afterMs: number, nowMs: number): void {
  arm(block, 'reorder', nowMs + afterMs);
}

/** The peer's window is shut and nothing is in flight (RFC 9293 section 3.8.6.1). */
export function armPersist(block: ControlBlock, nowMs: number): void {
  if (block.timers.retransmit === 'persist') return;
  const backedOffMs = block.rtt.rtoMs * 2 ** Math.min(16, block.timers.persistProbes);
  if (block.timers.persistProbes === 0) block.timers.progressAtMs = nowMs;
  arm(block, 'persist', nowMs + Math.min(RTO_MAX_MS, backedOffMs));
}

/** RFC 8985 section 7.2: only with SACK, outside recovery, and one at a time. */
function mayProbe(block: ControlBlock): boolean {
  return (
    block.sackPermitted &&
    block.recovery.phase === 'open' &&
    !block.probe.isOutstanding &&
    block.rtt.backoff === 0 &&
    block.scoreboard.sackedBytes === 0 &&
    block.scoreboard.lostBytes === 0
  );
}

function probeTimeoutMs(block: ControlBlock): number {
  const { srttMs } = block.rtt;
  if (srttMs < 0) return Number.POSITIVE_INFINITY;
  const delayMs = block.scoreboard.segmentCount === 1 ? PEER_DELAYED_ACK_MS : 0;
  return Math.max(TAIL_LOSS_PROBE_MIN_MS, 2 * srttMs + delayMs);
}

/** The timer is due. */
export function retransmitTimerFired(block: ControlBlock, nowMs: number): void {
  const timer = block.timers.retransmit;
  disarm(block);
  if (block.state === 'synSent' || block.state === 'synReceived') {
    handshakeTimedOut(block);
    return;
  }
  switch (timer) {
    case 'off':
      return;
    case 'rto':
      retransmissionTimedOut(block, nowMs);
      return;
    case 'probe':
      block.probe.isDue = true;
      arm(block, 'rto', nowMs + block.rtt.rtoMs);
      makeReady(block);
      return;
    case 'reorder':
      reorderingTimedOut(block, nowMs);
      return;
    case 'persist':
      persistTimedOut(block, nowMs);
      return;
    default:
      assertNever(timer);
  }
}

function handshakeTimedOut(block: ControlBlock): void {
  block.rtt.backOff();
  block.synDue = true;
  makeReady(block);
}

/** The handshake took a retransmission: RFC 6298 section 5.7. */
export function handshakeDone(block: ControlBlock): void {
  const initialMs = block.timers.synTransmissions > 1 ? RTO_AFTER_LOST_SYN_MS : block.rtt.rtoMs;
  block.rtt.setInitialRto(initialMs);
}

function retransmissionTimedOut(block: ControlBlock, nowMs: number): void {
  const { scoreboard, timers } = block;
  if (scoreboard.segmentCount === 0) return;
  if (nowMs - timers.progressAtMs >= UNACKNOWLEDGED_TIMEOUT_MS) {
    failWithReset(block, 'timeout');
    return;
  }
  block.tally.timeouts++;
  block.stack.counters.tcpTimeouts++;
  // A SACKed head that is never acknowledged: the peer has thrown away what it had (RFC 2018 section 8).
  if (scoreboard.head?.condition === SACKED) scoreboard.forgetSacks();
  block.recovery.enterLoss(block.congestion, block.snd.nxt);
  scoreboard.markAllLost();
  block.rtt.backOff();
  block.probe.isDue = false;
  block.probe.isOutstanding = false;
  arm(block, 'rto', nowMs + block.rtt.rtoMs);
  makeReady(block);
}

function reorderingTimedOut(block: ControlBlock, nowMs: number): void {
  const before = block.scoreboard.lostBytes;
  const isRecovering = block.recovery.phase !== 'open';
  const afterMs = block.rack.detectLoss(block.scoreboard, isRecovering, block.rtt.srttMs, nowMs);
  if (block.scoreboard.lostBytes > before && block.recovery.phase === 'open') {
    const { scoreboard } = block;
    const flight = scoreboard.inFlightBytes + scoreboard.lostBytes + scoreboard.sackedBytes;
    block.recovery.enterRecovery(block.congestion, block.snd.nxt, flight);
    block.recovery.acknowledged(block.congestion, 0, scoreboard.inFlightBytes, false, block.snd.mss);
  }
  if (afterMs > 0) armReordering(block, afterMs, nowMs);
  else arm(block, 'rto', nowMs + block.rtt.rtoMs);
  makeReady(block);
}

function persistTimedOut(block: ControlBlock, nowMs: number): void {
  const { timers } = block;
  // A shut window may last for ever while the peer answers (RFC 1122 section 4.2.2.17).
  if (timers.persistProbes > 0 && nowMs - timers.progressAtMs >= UNACKNOWLEDGED_TIMEOUT_MS) {
    fail(block, 'timeout');
    return;
  }
  timers.persistProbes++;
  block.probeDue = true;
  makeReady(block);
  armPersist(block, nowMs);
}
