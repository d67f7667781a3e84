/** What happens to a connection as a whole: events, memory, deadlines, and its ends. */
import type { ConnectionFailure } from '../api.ts';
import { QUICK_ACK_SEGMENTS, TIME_WAIT_MS } from '../constants.ts';
import { IPV4_HEADER_BYTES, IPV6_HEADER_BYTES } from '../wire/ip.ts';
import { TCP_HEADER_BYTES, TIMESTAMP_OPTION_BYTES } from '../wire/tcp.ts';
import { type ControlBlock, EVENT_CLOSED, EVENT_CONNECTED, EVENT_FAILED } from './control-block.ts';

const NEVER = Number.POSITIVE_INFINITY;

export function raise(block: ControlBlock, event: number): void {
  if (!block.isForgotten || event >= EVENT_CLOSED) block.stack.events.raise(block, event);
}

export function makeReady(block: ControlBlock): void {
  if (!block.isForgotten) block.stack.ready.add(block);
}

/** Charges the stack's memory with what the connection holds now. */
export function recharge(block: ControlBlock): void {
  if (block.isForgotten) return;
  const bytes = block.receiveQueue.sizeBytes + block.reassembly.sizeBytes + block.sendBuffer.sizeBytes;
  block.stack.memory.usedBytes += bytes - block.chargedBytes;
  block.chargedBytes = bytes;
}

/** Makes sure that the earliest of the connection's deadlines is looked at. */
export function schedule(block: ControlBlock): void {
  const { timers } = block;
  let atMs = timers.retransmitAtMs;
  if (block.ackState.delayedAtMs < atMs) atMs = block.ackState.delayedAtMs;
  if (timers.keepAliveAtMs < atMs) atMs = timers.keepAliveAtMs;
  if (timers.expiresAtMs < atMs) atMs = timers.expiresAtMs;
  if (atMs !== NEVER && !block.isForgotten) block.stack.deadlines.ensure(block, atMs);
}

export function stopTimers(block: ControlBlock): void {
  block.timers.retransmit = 'off';
  block.timers.retransmitAtMs = NEVER;
  block.timers.keepAliveAtMs = NEVER;
  block.timers.expiresAtMs = NEVER;
  block.ackState.delayedAtMs = NEVER;
}

/** Segment size from the peer's MSS, the path MTU and the options of every segment (RFC 9293 section 3.7.1). */
export function updateMss(block: ControlBlock): void {
  const ipBytes = block.local.address.version === 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
  const { snd } = block;
  const limit = Math.min(snd.peerMss, snd.pathMtu - ipBytes - TCP_HEADER_BYTES);
  snd.mss = Math.max(1, limit - (block.timestamps.enabled ? TIMESTAMP_OPTION_BYTES : 0));
  block.congestion.setMss(snd.mss);
}

/** The handshake is complete. */
export function becomeEstablished(block: ControlBlock, nowMs: number): void {
  block.state = 'established';
  const { timers, snd } = block;
  timers.expiresAtMs = NEVER;
  timers.retransmit = 'off';
  timers.retransmitAtMs = NEVER;
  block.synDue = false;
  updateMss(block);
  block.congestion.start(snd.mss, snd.nxt);
  block.delivery.highestEnd = snd.una;
  block.ackState.quickLeft = QUICK_ACK_SEGMENTS;
  // RFC 6298 section 5.7: a SYN that was lost says that the first guess of the RTO may be too short.
  releaseBacklog(block);
  armKeepAlive(block, nowMs);
  raise(block, EVENT_CONNECTED);
  makeReady(block);
}

export function armKeepAlive(block: ControlBlock, nowMs: number): void {
  const { keepAlive, timers } = block;
  timers.keepAliveProbes = 0;
  timers.keepAliveAtMs = keepAlive ? nowMs + keepAlive.idleMs : NEVER;
}

export function releaseBacklog(block: ControlBlock): void {
  block.backlog?.release(block.remote.address);
  block.backlog = undefined;
}

/** Takes the connection out of every structure; received bytes stay readable. */
export function forget(block: ControlBlock): void {
  if (block.isForgotten) return;
  block.sendBuffer.clear();
  block.scoreboard.clear();
  block.reassembly.clear();
  stopTimers(block);
  releaseBacklog(block);
  block.stack.memory.usedBytes -= block.chargedBytes;
  block.chargedBytes = 0;
  block.isForgotten = true;
  block.state = 'closed';
  block.stack.deadlines.remove(block);
  block.stack.forget(block);
}

/** Both sides finished and nothing is left to do. */
export function close(block: ControlBlock): void {
  forget(block);
  raise(block, EVENT_CLOSED);
}

export function fail(block: ControlBlock, reason: ConnectionFailure): void {
  if (block.isForgotten) return;
  block.failure = reason;
  forget(block);
  raise(block, EVENT_FAILED);
}

/** Fails and tells the peer, which may be there still. */
export function failWithReset(block: ControlBlock, reason: ConnectionFailure): void {
  block.stack.sendReset(block);
  fail(block, reason);
}

/** Both FINs are acknowledged (RFC 9293 section 3.6): only late segments are answered from now on. */
export function enterTimeWait(block: ControlBlock, nowMs: number): void {
  block.state = 'timeWait';
  stopTimers(block);
  block.scoreboard.clear();
  block.sendBuffer.clear();
  recharge(block);
  block.timers.expiresAtMs = nowMs + TIME_WAIT_MS;
  schedule(block);
  raise(block, EVENT_CLOSED);
  block.stack.enteredTimeWait(block);
}
