/** The way to the peer changed, or its MTU did. */
import { PATH_CHANGE_ACK_MS } from '../constants.ts';
import { distance, isBefore } from '../sequence.ts';
import type { ControlBlock } from './control-block.ts';
import { makeReady, schedule, updateMss } from './lifecycle.ts';
import { isInFlight } from './output.ts';
import { armForFlight } from './retransmit-timer.ts';

/** Resets what was learnt of the old path and sends the oldest unacknowledged segment at once. */
export function pathChanged(block: ControlBlock, mtu: number | undefined, nowMs: number): void {
  block.rtt.forget();
  block.rack.forget();
  block.timers.progressAtMs = nowMs;
  block.timers.persistProbes = 0;
  if (block.state === 'synSent' || block.state === 'synReceived') {
    if (mtu !== undefined) block.snd.pathMtu = mtu;
    if (block.timers.synTransmissions > 0) block.synDue = true;
    makeReady(block);
    return;
  }
  if (mtu !== undefined) setPathMtu(block, mtu);
  block.recovery.reset();
  block.congestion.restart(block.snd.nxt);
  block.probe.isOutstanding = false;
  if (block.scoreboard.head) {
    // All of it: what is still called in flight would fill the new window and hold the oldest back. It is no congestion
    // signal, since these segments went into a path that is gone: repair without a reduction.
    block.scoreboard.markAllLost();
    block.recovery.enterRepair(block.snd.nxt);
  } else if (block.timers.retransmit === 'persist') {
    block.probeDue = true;
  }
  // Acknowledgements and window updates were lost as well; whoever was heard lately may wait for one.
  if (nowMs - block.timestamps.recentAtMs <= PATH_CHANGE_ACK_MS) block.ackState.isDue = true;
  block.timers.retransmit = 'off';
  armForFlight(block, nowMs);
  schedule(block);
  makeReady(block);
}

/** The path is the same, but it is known now to take packets of `mtu`. What is in flight and too large is sent again. */
export function mtuChanged(block: ControlBlock, mtu: number, nowMs: number): void {
  if (block.state === 'synSent' || block.state === 'synReceived') block.snd.pathMtu = mtu;
  else if (mtu < block.snd.pathMtu) shrink(block, mtu, nowMs);
  else setPathMtu(block, mtu);
}

/** Segments from now on fit `mtu`; those in flight that do not are cut anew when sent again. */
export function setPathMtu(block: ControlBlock, mtu: number): void {
  block.snd.pathMtu = mtu;
  updateMss(block);
}

/**
 * ICMP packet too big about our segment `seq` (RFC 1191, 8201): believed only for what is in flight (RFC 5927), and
 * only when it shrinks the path. What was too big is sent again at once, without a congestion response.
 */
export function packetTooBigArrives(block: ControlBlock, seq: number, mtu: number, nowMs: number): boolean {
  if (!isInFlight(block, seq) || mtu >= block.snd.pathMtu) return false;
  shrink(block, mtu, nowMs);
  return true;
}

function shrink(block: ControlBlock, mtu: number, nowMs: number): void {
  setPathMtu(block, mtu);
  const { scoreboard, snd } = block;
  let segment = scoreboard.head;
  let hasLost = false;
  while (segment && isBefore(segment.start, snd.nxt)) {
    if (distance(segment.start, segment.end) > snd.mss) {
      scoreboard.markLost(segment);
      hasLost = true;
    }
    segment = segment.next;
  }
  if (hasLost && block.recovery.phase === 'open') block.recovery.enterRepair(snd.nxt);
  armForFlight(block, nowMs);
  schedule(block);
  makeReady(block);
}
