/** Data messages: sealed into a batch, opened where they stand (paper section 5.4.6). This is the packet path. */
import type { DatagramBatch, Endpoint, Milliseconds } from '../../base/index.ts';
import type { DeviceState } from './device-state.ts';
import { type HandshakeExchange, noteEndpoint } from './exchange.ts';
import {
  DATA_HEADER_BYTES,
  PADDING_BYTES,
  readCounter,
  readInt32,
  SEAL_OVERHEAD_BYTES,
  TYPE_DATA,
  writeCounter,
  writeInt32,
} from './messages.ts';
import type { Peer } from './peer.ts';
import type { Session } from './session.ts';
import { confirmNext } from './sessions.ts';
import type { Received } from './types.ts';

/** Length of a packet with its padding, which never goes beyond `paddedLimit` unless the packet itself does. */
export function paddedLength(packetLength: number, paddedLimit: number): number {
  const padded = Math.ceil(packetLength / PADDING_BYTES) * PADDING_BYTES;
  return padded <= paddedLimit ? padded : Math.max(packetLength, paddedLimit);
}

export class Transport {
  readonly #device: DeviceState;
  readonly #exchange: HandshakeExchange;
  /** The one result object of the packet path; made with the first packet. */
  #packet: { kind: 'packet'; peer: Peer; offset: number; length: number } | undefined;

  constructor(device: DeviceState, exchange: HandshakeExchange) {
    this.#device = device;
    this.#exchange = exchange;
  }

  /** Seals what stands at `batch.tail + DATA_HEADER_BYTES` under a session that can send. A keepalive has length 0. */
  seal(
    session: Session<Peer>,
    endpoint: Endpoint,
    batch: DatagramBatch,
    packetLength: number,
    paddedLimit: number,
    nowMs: Milliseconds,
  ): void {
    const { crypto, timers, limits } = this.#device;
    const { peer } = session;
    const padded = paddedLength(packetLength, paddedLimit);
    const sizeBytes = padded + SEAL_OVERHEAD_BYTES;
    if (!batch.hasRoomFor(sizeBytes)) throw new RangeError('the batch has no room for the sealed packet');
    const { slab, tail } = batch;
    const body = tail + DATA_HEADER_BYTES;
    for (let at = body + packetLength; at < body + padded; at++) slab[at] = 0;
    const counter = session.sendCounter++;
    writeInt32(slab, tail, TYPE_DATA);
    writeInt32(slab, tail + 4, session.remoteIndex);
    writeCounter(slab, tail + 8, counter);
    crypto.sealInPlace(session.sendKey, counter, slab, body, padded);
    batch.append(sizeBytes, endpoint);
    peer.sentBytes += sizeBytes;
    peer.wantsKeepalive = false;
    timers.anyAuthenticatedPacketSent(peer, nowMs);
    if (packetLength > 0) timers.dataSent(peer, nowMs);
    const isOld = session.isInitiator && nowMs - session.createdMs >= limits.rekeyAfterTimeMs;
    if (isOld || counter >= limits.rekeyAfterMessages) this.#exchange.request(peer, nowMs);
  }

  receive(bytes: Uint8Array, offset: number, length: number, from: Endpoint, nowMs: Milliseconds): Received {
    const device = this.#device;
    if (length < SEAL_OVERHEAD_BYTES) return device.drop('bad-length');
    const session = device.indices.get(readInt32(bytes, offset + 4));
    if (session?.kind !== 'session') return device.drop('unknown-index');
    const counter = readCounter(bytes, offset + 8);
    const { limits } = device;
    if (nowMs - session.createdMs >= limits.rejectAfterTimeMs || counter >= limits.rejectAfterMessages)
      return device.drop('session-expired');
    if (!session.replay.isFresh(counter)) return device.drop('replayed-counter');
    const body = offset + DATA_HEADER_BYTES;
    if (!device.crypto.openInPlace(session.receiveKey, counter, bytes, body, length - DATA_HEADER_BYTES))
      return device.drop('bad-tag');
    session.replay.mark(counter);
    this.#authenticated(session, length, from, nowMs);
    if (length === SEAL_OVERHEAD_BYTES) return device.took(session.peer);
    device.timers.dataReceived(session.peer, nowMs);
    return this.#received(session.peer, body, length - SEAL_OVERHEAD_BYTES);
  }

  #authenticated(session: Session<Peer>, sizeBytes: number, from: Endpoint, nowMs: Milliseconds): void {
    const device = this.#device;
    const { peer } = session;
    peer.receivedBytes += sizeBytes;
    if (session === peer.next) this.#confirm(peer, nowMs);
    if (peer.roams && peer.endpoint !== from) noteEndpoint(device, peer, from);
    device.timers.anyAuthenticatedPacketReceived(peer, nowMs);
    this.#renewBeforeEnd(session, nowMs);
  }

  #confirm(peer: Peer, nowMs: Milliseconds): void {
    const device = this.#device;
    confirmNext(device, peer);
    device.timers.handshakeComplete(peer, nowMs);
    device.report('sessionEstablished', peer);
    if (peer.queue.length > 0) device.listForWork(peer);
  }

  /** Where only the peer sends, the initiator still renews the session in its last seconds (paper section 6.2). */
  #renewBeforeEnd(session: Session<Peer>, nowMs: Milliseconds): void {
    const { peer } = session;
    if (!session.isInitiator || peer.renewsBeforeEnd || session !== peer.current) return;
    const { rejectAfterTimeMs, keepaliveTimeoutMs, rekeyTimeoutMs } = this.#device.limits;
    if (nowMs - session.createdMs < rejectAfterTimeMs - keepaliveTimeoutMs - rekeyTimeoutMs) return;
    peer.renewsBeforeEnd = true;
    this.#exchange.request(peer, nowMs);
  }

  #received(peer: Peer, offset: number, length: number): Received {
    if (!this.#packet) {
      this.#packet = { kind: 'packet', peer, offset, length };
      return this.#packet;
    }
    this.#packet.peer = peer;
    this.#packet.offset = offset;
    this.#packet.length = length;
    return this.#packet;
  }
}
