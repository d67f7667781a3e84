/** The handshake as a dialogue: when an initiation is sent, and what each message that comes in changes. */
import { type DatagramBatch, type Endpoint, type Milliseconds, sameEndpoint } from '../../base/index.ts';
import { HandshakeAdmission } from './admission.ts';
import { COOKIE_LATENCY_MS, COOKIE_LIFETIME_MS, INITIATION_INTERVAL_MS } from './constants.ts';
import { openCookieReply, writeMacs } from './cookies.ts';
import type { DeviceState } from './device-state.ts';
import { type Call, HandshakeCodec } from './handshake.ts';
import { readInt32 } from './messages.ts';
import type { Peer } from './peer.ts';
import { beginAsInitiator, beginAsResponder, dropHandshake } from './sessions.ts';
import { isNewer, nextTimestamp } from './tai64n.ts';
import type { Received } from './types.ts';

const NEVER = Number.POSITIVE_INFINITY;

export class HandshakeExchange {
  readonly #device: DeviceState;
  readonly #codec: HandshakeCodec;
  readonly #admission: HandshakeAdmission;

  constructor(device: DeviceState) {
    const { crypto, random, indices, self, limits } = device;
    this.#device = device;
    this.#codec = new HandshakeCodec(crypto, random, indices, self);
    this.#admission = new HandshakeAdmission(crypto, random, self.publicKey, limits);
  }

  /** Asks for a new session. Does nothing while one is being asked for already. */
  request(peer: Peer, nowMs: Milliseconds): void {
    const isUnderWay = peer.times.retransmitHandshakeMs !== NEVER && !peer.hasGivenUp;
    if (peer.isRemoved || peer.wantsInitiation || isUnderWay) return;
    peer.attempts = 0;
    peer.attemptsSinceMs = nowMs;
    peer.hasGivenUp = false;
    // A handshake just finished or failed: not another at once, or two peers could keep each other busy.
    const earliestMs = peer.lastHandshakeSentMs + this.#retryIntervalMs(peer, 1);
    if (nowMs >= earliestMs) this.#want(peer);
    else this.#device.timers.handshakeWantedAt(peer, earliestMs);
  }

  /** Sends the initiation that waits for an answer again. Does nothing where none does. */
  hurry(peer: Peer): void {
    if (peer.isRemoved || !peer.outgoing) return;
    peer.attempts = 0;
    this.#want(peer);
  }

  /** No answer came in time: again, or give up. */
  retransmit(peer: Peer, nowMs: Milliseconds): 'again' | 'gave-up' {
    if (peer.hasGivenUp || nowMs - peer.attemptsSinceMs < this.#device.limits.rekeyAttemptTimeMs) {
      this.#want(peer);
      return 'again';
    }
    peer.hasGivenUp = true;
    dropHandshake(this.#device, peer);
    this.#device.timers.handshakeGaveUp(peer, nowMs);
    return 'gave-up';
  }

  /** Writes the initiation that the peer wants. The caller saw to the room in the batch. */
  writeInitiation(peer: Peer, batch: DatagramBatch, nowMs: Milliseconds): void {
    const device = this.#device;
    peer.wantsInitiation = false;
    peer.attempts++;
    device.drawJitter(peer);
    device.timers.handshakeInitiated(peer, nowMs, this.#retryIntervalMs(peer, peer.attempts));
    if (!peer.endpoint) {
      device.drop('no-endpoint');
      return;
    }
    const timestamp = nextTimestamp(nowMs + device.unixOffsetMs, device.lastSentTimestamp);
    device.lastSentTimestamp = timestamp;
    dropHandshake(device, peer);
    const { message, handshake } = this.#codec.createInitiation(peer, timestamp, nowMs);
    peer.outgoing = handshake;
    device.indices.set(handshake);
    this.#finish(peer, message, handshake.localIndex, nowMs);
    batch.appendCopy(message, peer.endpoint);
    peer.sentBytes += message.length;
  }

  receiveInitiation(
    message: Uint8Array,
    from: Endpoint,
    peerOf: (publicKey: Uint8Array) => Peer | undefined,
    nowMs: Milliseconds,
  ): Received {
    const device = this.#device;
    const refused = this.#refusal(message, from, nowMs);
    if (refused) return refused;
    const call = this.#codec.readCall(message);
    if (!call) return device.drop('bad-handshake');
    const peer = peerOf(call.caller.rs);
    if (!peer) return device.drop('unknown-peer');
    const timestamp = this.#codec.readTimestamp(call, peer);
    if (!timestamp) return device.drop('bad-handshake');
    if (peer.latestTimestamp && !isNewer(timestamp, peer.latestTimestamp)) return device.drop('replayed-initiation');
    if (nowMs - peer.lastInitiationReceivedMs < INITIATION_INTERVAL_MS) return device.drop('initiation-flood');
    peer.latestTimestamp = timestamp;
    peer.lastInitiationReceivedMs = nowMs;
    return this.#respond(call, peer, message.length, from, nowMs);
  }

  receiveResponse(message: Uint8Array, from: Endpoint, nowMs: Milliseconds): Received {
    const device = this.#device;
    const owner = device.indices.get(readInt32(message, 8));
    if (owner?.kind !== 'handshake') return device.drop('unknown-index');
    const refused = this.#refusal(message, from, nowMs);
    if (refused) return refused;
    const session = this.#codec.readResponse(message, owner, nowMs);
    if (!session) return device.drop('bad-handshake');
    const { peer } = owner;
    dropHandshake(device, peer);
    beginAsInitiator(device, peer, session);
    peer.handshakeRttMs = nowMs - owner.sentMs;
    this.#authenticated(peer, message.length, from, nowMs);
    device.timers.sessionDerived(peer, nowMs);
    device.timers.handshakeComplete(peer, nowMs);
    device.report('sessionEstablished', peer);
    // The responder may not send before it hears from us under the new session.
    peer.wantsKeepalive = true;
    device.listForWork(peer);
    return device.took(peer);
  }

  receiveCookieReply(message: Uint8Array, peer: Peer | undefined, nowMs: Milliseconds): Received {
    const device = this.#device;
    if (!peer?.lastMac1) return device.drop('bad-cookie');
    const value = openCookieReply(device.crypto, message, peer.cookieKey, peer.lastMac1);
    if (!value) return device.drop('bad-cookie');
    peer.cookie = { value, receivedMs: nowMs };
    // One reply per message: a second would be a replay.
    peer.lastMac1 = undefined;
    peer.receivedBytes += message.length;
    return device.took(undefined);
  }

  #respond(call: Call, peer: Peer, sizeBytes: number, from: Endpoint, nowMs: Milliseconds): Received {
    const device = this.#device;
    const answer = this.#codec.createResponse(call, peer, nowMs);
    if (!answer) return device.drop('bad-handshake');
    beginAsResponder(device, peer, answer.session);
    this.#authenticated(peer, sizeBytes, from, nowMs);
    device.timers.sessionDerived(peer, nowMs);
    this.#finish(peer, answer.message, answer.session.localIndex, nowMs);
    device.outbox.push({ bytes: answer.message, to: from, peer });
    return device.took(peer);
  }

  /** Judges a handshake message before anything dear is computed; undefined where it may go on. */
  #refusal(message: Uint8Array, from: Endpoint, nowMs: Milliseconds): Received | undefined {
    const device = this.#device;
    if (device.outbox.length >= device.limits.maxOutboxMessages) return device.drop('outbox-full');
    const admission = this.#admission.judge(message, from, nowMs);
    if (admission.kind === 'admitted') return undefined;
    if (admission.cookieReply) device.outbox.push({ bytes: admission.cookieReply, to: from, peer: undefined });
    return device.drop(admission.reason);
  }

  /** Macs and timers of a handshake message of ours. */
  #finish(peer: Peer, message: Uint8Array, localIndex: number, nowMs: Milliseconds): void {
    const { cookie } = peer;
    const isCookieFresh = cookie && nowMs - cookie.receivedMs < COOKIE_LIFETIME_MS - COOKIE_LATENCY_MS;
    peer.lastMac1 = writeMacs(this.#device.crypto, message, peer.mac1Key, isCookieFresh ? cookie.value : undefined);
    peer.lastMac1Index = localIndex;
    peer.lastHandshakeSentMs = nowMs;
    this.#device.timers.anyAuthenticatedPacketSent(peer, nowMs);
  }

  #authenticated(peer: Peer, sizeBytes: number, from: Endpoint, nowMs: Milliseconds): void {
    if (peer.roams) noteEndpoint(this.#device, peer, from);
    peer.receivedBytes += sizeBytes;
    this.#device.timers.anyAuthenticatedPacketReceived(peer, nowMs);
  }

  #want(peer: Peer): void {
    peer.wantsInitiation = true;
    this.#device.listForWork(peer);
  }

  /** Time from the given attempt (1 for the first) to the next. */
  #retryIntervalMs(peer: Peer, attempt: number): Milliseconds {
    if (peer.hasGivenUp && peer.slowRetryMs !== undefined) return peer.slowRetryMs;
    return peer.retryScheduleMs[attempt - 1] ?? this.#device.limits.rekeyTimeoutMs;
  }
}

/** Roaming (paper section 6.5): answers go to where the newest authentic message came from. */
export function noteEndpoint(device: DeviceState, peer: Peer, from: Endpoint): void {
  if (peer.endpoint && sameEndpoint(peer.endpoint, from)) return;
  peer.endpoint = from;
  device.report('endpointChanged', peer);
}
