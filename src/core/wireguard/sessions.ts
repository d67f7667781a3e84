/**
 * Which of a peer's three sessions is used for what (paper section 6.1). The initiator sends with a new session at
 * once; the responder only after the first message under it came in, because until then it cannot know that its
 * response arrived.
 */
import type { Milliseconds } from '../../base/index.ts';
import type { DeviceState } from './device-state.ts';
import { wipeHandshake } from './outgoing-handshake.ts';
import type { Peer } from './peer.ts';
import type { Session } from './session.ts';

/** Takes up a session of which we are the initiator. */
export function beginAsInitiator(device: DeviceState, peer: Peer, session: Session<Peer>): void {
  const replaced = peer.next ?? peer.current;
  if (peer.next) discard(device, peer.current);
  discard(device, peer.previous);
  peer.previous = replaced;
  peer.next = undefined;
  peer.current = session;
  device.indices.set(session);
}

/** Takes up a session of which we are the responder; it sends once it is confirmed. */
export function beginAsResponder(device: DeviceState, peer: Peer, session: Session<Peer>): void {
  discard(device, peer.next);
  discard(device, peer.previous);
  peer.previous = undefined;
  peer.next = session;
  device.indices.set(session);
}

/** The initiator of `next` proved to have its keys. */
export function confirmNext(device: DeviceState, peer: Peer): void {
  discard(device, peer.previous);
  peer.previous = peer.current;
  peer.current = peer.next;
  peer.next = undefined;
}

/** Whether a session may send now. */
export function canSend(
  device: DeviceState,
  session: Session<Peer> | undefined,
  nowMs: Milliseconds,
): session is Session<Peer> {
  return (
    session !== undefined &&
    session.sendCounter < device.limits.rejectAfterMessages &&
    nowMs - session.createdMs < device.limits.rejectAfterTimeMs
  );
}

export function dropHandshake(device: DeviceState, peer: Peer): void {
  const { outgoing } = peer;
  if (!outgoing) return;
  device.indices.delete(outgoing);
  wipeHandshake(outgoing);
  peer.outgoing = undefined;
}

/** Wipes every key of the peer but the static ones. True if there were any. */
export function wipeSessions(device: DeviceState, peer: Peer): boolean {
  const had = peer.previous !== undefined || peer.current !== undefined || peer.next !== undefined;
  for (const session of [peer.previous, peer.current, peer.next]) discard(device, session);
  peer.previous = undefined;
  peer.current = undefined;
  peer.next = undefined;
  dropHandshake(device, peer);
  return had;
}

function discard(device: DeviceState, session: Session<Peer> | undefined): void {
  if (!session) return;
  device.indices.delete(session);
  session.wipe();
}
