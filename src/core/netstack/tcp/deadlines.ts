/** A connection's deadline may be due: looks at each of its timers. */
import type { ControlBlock } from './control-block.ts';
import { close, fail, failWithReset, forget, makeReady, schedule } from './lifecycle.ts';
import { retransmitTimerFired } from './retransmit-timer.ts';

const NEVER = Number.POSITIVE_INFINITY;

export function deadlineReached(block: ControlBlock, nowMs: number): void {
  const { timers, ackState } = block;
  if (timers.expiresAtMs <= nowMs) {
    expire(block);
    return;
  }
  if (ackState.delayedAtMs <= nowMs) {
    ackState.delayedAtMs = NEVER;
    ackState.isDue = true;
    makeReady(block);
  }
  if (timers.retransmitAtMs <= nowMs) retransmitTimerFired(block, nowMs);
  if (timers.keepAliveAtMs <= nowMs) keepAliveFired(block, nowMs);
  schedule(block);
}

/** The handshake took too long, or TIME-WAIT is over. */
function expire(block: ControlBlock): void {
  block.timers.expiresAtMs = NEVER;
  if (block.state === 'timeWait') forget(block);
  else if (block.state === 'synSent' || block.state === 'synReceived') fail(block, 'timeout');
  else close(block);
}

/** RFC 9293 section 3.8.4. */
function keepAliveFired(block: ControlBlock, nowMs: number): void {
  const { timers, keepAlive } = block;
  timers.keepAliveAtMs = NEVER;
  if (!keepAlive || block.isForgotten) return;
  // Data in flight has a timer of its own.
  if (block.scoreboard.segmentCount > 0) {
    timers.keepAliveAtMs = nowMs + keepAlive.idleMs;
    return;
  }
  if (timers.keepAliveProbes >= keepAlive.probes) {
    failWithReset(block, 'timeout');
    return;
  }
  timers.keepAliveProbes++;
  timers.keepAliveAtMs = nowMs + keepAlive.intervalMs;
  block.probeDue = true;
  makeReady(block);
}

/** Has the peer answer, where it owes no answer: data in flight has one coming. */
export function askPeer(block: ControlBlock): void {
  const isOpen = block.state === 'established' || block.state === 'closeWait' || block.state === 'finWait2';
  if (!isOpen || block.scoreboard.segmentCount > 0) return;
  block.probeDue = true;
  makeReady(block);
}
