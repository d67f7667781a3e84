/** Fifth step of section 3.10.7.4: the acknowledgment field. */
import type { DropReason } from '../counters.ts';
import { distance, isAtOrBefore, isBefore } from '../sequence.ts';
import type { Segment } from '../wire/tcp.ts';
import { sendChallengeAck } from './arrives-checks.ts';
import { enterFinWait2 } from './arrives-text.ts';
import { type ControlBlock, EVENT_WRITABLE } from './control-block.ts';
import { close, enterTimeWait, makeReady, raise } from './lifecycle.ts';
import { acknowledgmentDelivered } from './loss-recovery.ts';
import { applySackBlocks } from './sack-blocks.ts';

export function acknowledgmentArrives(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  const { snd } = block;
  const { ack } = segment;
  // RFC 5961 section 5.2: neither of the future nor older than anything a peer could still say.
  if (isBefore(snd.nxt, ack) || distance(ack, snd.una) > snd.maxWnd) {
    sendChallengeAck(block, nowMs);
    return 'tcp-bad-ack';
  }
  if (block.state === 'timeWait') return undefined;
  const advanced = distance(snd.una, ack);
  if (advanced >= 0) updateSendWindow(block, segment, nowMs);
  if (advanced <= 0 && segment.sackBlocks === 0 && !countsAsDuplicate(block, segment, advanced)) return undefined;
  const { delivery } = block;
  delivery.reset();
  if (advanced > 0) advance(block, ack, advanced, nowMs);
  const sawDuplicate = segment.sackBlocks > 0 && block.sackPermitted && applySackBlocks(block, segment);
  acknowledgmentDelivered(block, segment, Math.max(0, advanced), sawDuplicate, nowMs);
  if (snd.finSent && ack === snd.nxt && advanced > 0) finWasAcknowledged(block, nowMs);
  makeReady(block);
  return undefined;
}

/** The window belongs to the newest segment (section 3.10.7.4, SND.WL1 and SND.WL2). */
function updateSendWindow(block: ControlBlock, segment: Segment, nowMs: number): void {
  const { snd, timers } = block;
  if (timers.persistProbes > 0) timers.progressAtMs = nowMs;
  const isNewer = isBefore(snd.wl1, segment.seq) || (snd.wl1 === segment.seq && isAtOrBefore(snd.wl2, segment.ack));
  if (!isNewer) return;
  const wnd = segment.window << snd.windowShift;
  snd.wl1 = segment.seq;
  snd.wl2 = segment.ack;
  if (wnd === snd.wnd) return;
  const hasOpened = wnd > snd.wnd;
  snd.wnd = wnd;
  if (wnd > snd.maxWnd) snd.maxWnd = wnd;
  if (!hasOpened) return;
  if (timers.retransmit === 'persist') {
    timers.retransmit = 'off';
    timers.retransmitAtMs = Number.POSITIVE_INFINITY;
  }
  timers.persistProbes = 0;
  makeReady(block);
}

/** RFC 5681 section 2; only needed for peers without SACK. */
function countsAsDuplicate(block: ControlBlock, segment: Segment, advanced: number): boolean {
  return (
    !block.sackPermitted &&
    advanced === 0 &&
    segment.payloadLength === 0 &&
    block.scoreboard.segmentCount > 0 &&
    segment.window << block.snd.windowShift === block.snd.wnd
  );
}

/** snd.una moves: acknowledged bytes are forgotten and the program may have room again. */
function advance(block: ControlBlock, ack: number, bytes: number, nowMs: number): void {
  const { snd, sendBuffer, scoreboard } = block;
  scoreboard.acknowledge(ack, block.delivery);
  snd.una = ack;
  snd.unaPosition = Math.min(sendBuffer.end, snd.unaPosition + bytes);
  sendBuffer.releaseUntil(snd.unaPosition);
  block.timers.progressAtMs = nowMs;
  growSendBuffer(block);
  if (!block.writeWasShort || snd.finQueued) return;
  if (sendBuffer.sizeBytes * 4 > block.sendBufferBytes * 3) return;
  block.writeWasShort = false;
  raise(block, EVENT_WRITABLE);
}

/** The buffer holds two congestion windows, so that a window is always ready to be sent. */
function growSendBuffer(block: ControlBlock): void {
  // The congestion window grows by fractions of a byte.
  const wanted = Math.floor(2 * block.congestion.cwndBytes);
  if (wanted <= block.sendBufferBytes || block.stack.memory.isTight) return;
  block.sendBufferBytes = Math.min(block.stack.limits.sendBufferBytes, Math.max(wanted, block.sendBufferBytes));
}

function finWasAcknowledged(block: ControlBlock, nowMs: number): void {
  if (block.state === 'finWait1') enterFinWait2(block, nowMs);
  else if (block.state === 'closing') enterTimeWait(block, nowMs);
  else if (block.state === 'lastAck') close(block);
}
