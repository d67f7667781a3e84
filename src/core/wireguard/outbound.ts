/** What a device sends of its own accord: answers, timers' messages, and packets that waited for a session. */
import { assertNever, type DatagramBatch, type Milliseconds } from '../../base/index.ts';
import type { DeviceState } from './device-state.ts';
import type { HandshakeExchange } from './exchange.ts';
import { DATA_HEADER_BYTES, INITIATION_BYTES, SEAL_OVERHEAD_BYTES } from './messages.ts';
import type { Peer } from './peer.ts';
import { canSend, wipeSessions } from './sessions.ts';
import type { TimerName } from './timers.ts';
import { paddedLength, type Transport } from './transport.ts';

export class Outbound {
  readonly #state: DeviceState;
  readonly #exchange: HandshakeExchange;
  readonly #transport: Transport;

  constructor(state: DeviceState, exchange: HandshakeExchange, transport: Transport) {
    this.#state = state;
    this.#exchange = exchange;
    this.#transport = transport;
  }

  hasWork(): boolean {
    return this.#state.outbox.length > 0 || this.#state.work.length > 0;
  }

  /** Appends what is to be sent by now, answers first; stops where the batch is full. */
  poll(batch: DatagramBatch, nowMs: Milliseconds): void {
    if (!this.#flushOutbox(batch)) return;
    this.#expireTimers(nowMs);
    const { work } = this.#state;
    let served = 0;
    for (; served < work.length; served++) {
      const peer = work[served] as Peer;
      if (!this.#serve(peer, batch, nowMs)) break;
      peer.isListedForWork = false;
    }
    work.splice(0, served);
  }

  /** Keeps a copy of the packet at the batch's tail until there is a session, which is asked for. */
  enqueue(peer: Peer, batch: DatagramBatch, packetLength: number, paddedLimit: number, nowMs: Milliseconds): void {
    const state = this.#state;
    const { maxQueuedPackets, maxQueuedBytes, maxQueuedBytesTotal } = state.limits;
    const packet = new Uint8Array(paddedLength(packetLength, paddedLimit));
    const at = batch.tail + DATA_HEADER_BYTES;
    packet.set(batch.slab.subarray(at, at + packetLength));
    while (
      peer.queue.length > 0 &&
      (peer.queue.length >= maxQueuedPackets || peer.queue.sizeBytes + packet.length > maxQueuedBytes)
    ) {
      this.#dequeue(peer);
      state.drop('queue-full');
    }
    if (state.queuedBytes + packet.length > maxQueuedBytesTotal) {
      state.drop('queue-full');
    } else {
      peer.queue.push(packet);
      state.queuedBytes += packet.length;
    }
    this.#exchange.request(peer, nowMs);
  }

  /** Drops what waits for a session; gives how many packets that were. */
  emptyQueue(peer: Peer): number {
    const count = peer.queue.length;
    while (peer.queue.length > 0) this.#dequeue(peer);
    return count;
  }

  #expireTimers(nowMs: Milliseconds): void {
    const { timers } = this.#state;
    for (let peer = timers.firstDue(nowMs); peer; peer = timers.firstDue(nowMs)) {
      const timer = timers.takeExpired(peer, nowMs);
      if (timer) this.#timerExpired(peer, timer, nowMs);
    }
  }

  #flushOutbox(batch: DatagramBatch): boolean {
    const { outbox } = this.#state;
    let sent = 0;
    for (; sent < outbox.length; sent++) {
      const message = outbox[sent];
      if (!message || !batch.hasRoomFor(message.bytes.length)) break;
      batch.appendCopy(message.bytes, message.to);
      if (message.peer) message.peer.sentBytes += message.bytes.length;
    }
    outbox.splice(0, sent);
    return outbox.length === 0;
  }

  /** Sends what a peer has waiting; false where the batch is full. */
  #serve(peer: Peer, batch: DatagramBatch, nowMs: Milliseconds): boolean {
    if (peer.isRemoved) return true;
    if (peer.queue.length > 0 && !this.#flushQueue(peer, batch, nowMs)) return false;
    if (peer.wantsKeepalive && !this.#sendKeepalive(peer, batch, nowMs)) return false;
    if (!peer.wantsInitiation) return true;
    if (!batch.hasRoomFor(INITIATION_BYTES)) return false;
    this.#exchange.writeInitiation(peer, batch, nowMs);
    return true;
  }

  #flushQueue(peer: Peer, batch: DatagramBatch, nowMs: Milliseconds): boolean {
    for (let packet = peer.queue.peek(); packet; packet = peer.queue.peek()) {
      const { current, endpoint } = peer;
      if (!endpoint || !canSend(this.#state, current, nowMs)) {
        this.#exchange.request(peer, nowMs);
        return true;
      }
      if (!batch.hasRoomFor(packet.length + SEAL_OVERHEAD_BYTES)) {
        if (batch.count > 0) return false;
        // An empty batch is too small for it, and so will be the next: waiting would be for ever.
        this.#dequeue(peer);
        this.#state.drop('queue-full');
        continue;
      }
      batch.slab.set(packet, batch.tail + DATA_HEADER_BYTES);
      this.#transport.seal(current, endpoint, batch, packet.length, packet.length, nowMs);
      this.#dequeue(peer);
    }
    return true;
  }

  #sendKeepalive(peer: Peer, batch: DatagramBatch, nowMs: Milliseconds): boolean {
    const { current, endpoint } = peer;
    if (endpoint && canSend(this.#state, current, nowMs)) {
      if (!batch.hasRoomFor(SEAL_OVERHEAD_BYTES)) return false;
      this.#transport.seal(current, endpoint, batch, 0, 0, nowMs);
    } else {
      this.#exchange.request(peer, nowMs);
    }
    peer.wantsKeepalive = false;
    return true;
  }

  #timerExpired(peer: Peer, timer: TimerName, nowMs: Milliseconds): void {
    switch (timer) {
      case 'retransmitHandshakeMs':
        if (this.#exchange.retransmit(peer, nowMs) === 'gave-up') this.#gaveUp(peer);
        return;
      case 'newHandshakeMs':
        this.#exchange.request(peer, nowMs);
        return;
      case 'sendKeepaliveMs':
        this.#wantKeepalive(peer);
        return;
      case 'persistentKeepaliveMs':
        this.#wantKeepalive(peer);
        return;
      case 'wipeKeysMs':
        if (wipeSessions(this.#state, peer)) this.#state.report('sessionExpired', peer);
        return;
      default:
        assertNever(timer);
    }
  }

  #wantKeepalive(peer: Peer): void {
    peer.wantsKeepalive = true;
    this.#state.listForWork(peer);
  }

  #gaveUp(peer: Peer): void {
    this.#state.drops['gave-up'] += this.emptyQueue(peer);
    this.#state.report('handshakeGaveUp', peer);
  }

  #dequeue(peer: Peer): void {
    this.#state.queuedBytes -= peer.queue.shift()?.length ?? 0;
  }
}
