import { type Clock, DatagramBatch, type Endpoint, type IpAddress } from '../../base/index.ts';
import type { ConnectionAttempt, NetstackEvent, TcpListener } from '../../core/netstack/index.ts';
import { isCarrierEndpoint, type OverlayNode, type TunnelEvent } from '../../core/overlay/index.ts';
import { PROBE_FIRST_BYTE, type ProbeResponder } from '../../core/probe/index.ts';
import type { UdpReceiver, UdpSocket } from '../udp/udp-socket.ts';
import { BATCH_BYTES, BATCH_DATAGRAMS, BATCHES_A_TURN, CONNECT_TIMEOUT_MS, LONGEST_SLEEP_MS } from './constants.ts';
import { DatagramSocket, type DatagramTaker } from './datagram-socket.ts';
import { TunnelSocket } from './tunnel-socket.ts';

export interface OverlayDriverOptions {
  readonly clock: Clock;
  readonly node: OverlayNode;
  /** Takes datagrams for carrier endpoints (see `isCarrierEndpoint`); what carriers bring goes to `receive`. */
  readonly carriers?: CarrierPort;
  /** A tunnel went up, became suspect or went down, or its packets take another path. */
  readonly onTunnel: (event: TunnelEvent) => void;
  /** A stream to one of our ports was asked for. Answer with `attempt.accept` (see `accept`), `refuse` or `unreachable`. */
  readonly onAttempt: (attempt: ConnectionAttempt) => void;
  /** Answers those who ask what their network lets through; without it nobody is answered. */
  readonly probes?: ProbeResponder;
}

/** What sends datagrams through carriers. The bytes are lent: they are overwritten after the call returns. */
export interface CarrierPort {
  send(endpoint: Endpoint, bytes: Uint8Array): void;
}

/**
 * Feeds, drains and times one OverlayNode: the only place where its core meets sockets and timers. After every input it
 * takes a turn: events to their streams, packets to the socket, one timer for the next deadline.
 */
export class OverlayDriver implements UdpReceiver {
  readonly node: OverlayNode;
  /** Datagrams that claimed to come from a carrier, dropped. */
  forgedDatagrams = 0;
  readonly #clock: Clock;
  readonly #options: OverlayDriverOptions;
  readonly #batch = new DatagramBatch(BATCH_BYTES, BATCH_DATAGRAMS);
  #socket: UdpSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #turnAsked = false;
  #closed = false;

  constructor(options: OverlayDriverOptions) {
    this.node = options.node;
    this.#clock = options.clock;
    this.#options = options;
  }

  /** Gives the driver its socket and starts it. */
  start(socket: UdpSocket): void {
    this.#socket = socket;
    if (socket.dontFragment) this.node.searchMtu();
    this.wake();
  }

  get socket(): UdpSocket | undefined {
    return this.#socket;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /**
   * A stream to an overlay address. It is usable at once: writes wait for the connection; an error says why it failed.
   * Throws where the stack is full.
   */
  connect(to: IpAddress, port: number, timeoutMs: number = CONNECT_TIMEOUT_MS): TunnelSocket {
    const connection = this.node.netstack.connectTcp({ to, port, nowMs: this.nowMs(), timeoutMs });
    const socket = new TunnelSocket(connection, this, false);
    this.wake();
    return socket;
  }

  /** Accepts an attempt; undefined where the other end gave up meanwhile. */
  accept(attempt: ConnectionAttempt): TunnelSocket | undefined {
    const connection = attempt.accept(this.nowMs());
    this.wake();
    return connection && new TunnelSocket(connection, this, true);
  }

  /** A UDP port of our own; 0: any that is free. Throws where it is taken. */
  bindUdp(port: number, take: DatagramTaker): DatagramSocket {
    return new DatagramSocket(this.node.netstack.bindUdp(port), this, take);
  }

  /** Takes attempts on every port. */
  listenAll(backlog: number): TcpListener {
    return this.node.netstack.listenAllTcp({ backlog });
  }

  receive(bytes: Uint8Array, offset: number, length: number, segmentBytes: number, from: Endpoint): void {
    if (isCarrierEndpoint(from)) {
      // Somebody on our own network lies: such addresses are never on the wire.
      this.forgedDatagrams++;
      return;
    }
    if (bytes[offset] === PROBE_FIRST_BYTE) {
      this.#answerProbe(bytes.subarray(offset, offset + (segmentBytes || length)), from);
      return;
    }
    this.node.receive(bytes, offset, length, segmentBytes, from, this.#clock.nowMs());
  }

  /** A datagram that a carrier brought. Call `wake` once there are no more for now. */
  receiveCarried(bytes: Uint8Array, offset: number, length: number, from: Endpoint): void {
    if (bytes[offset] === PROBE_FIRST_BYTE) this.#answerProbe(bytes.subarray(offset, offset + length), from);
    else this.node.receive(bytes, offset, length, length, from, this.#clock.nowMs());
  }

  burstEnded(): void {
    this.#turn();
  }

  /**
   * Something was written, read, opened or closed: take a turn once the sockets that are ready have been read, so that
   * what many streams have to say leaves in few calls.
   */
  wake(): void {
    if (this.#turnAsked || this.#closed) return;
    this.#turnAsked = true;
    setImmediate(() => this.#turn());
  }

  /** Ends for good. What was written or aborted before leaves first, so that other ends need not wait to learn of it. */
  async close(): Promise<void> {
    this.#turn();
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#socket?.close();
  }

  /** Of a run of probes the first is answered: whoever measures leaves time between them. */
  #answerProbe(bytes: Uint8Array, from: Endpoint): void {
    const isCarried = isCarrierEndpoint(from);
    const answer = this.#options.probes?.answer(bytes, from, isCarried, this.#clock.nowMs(), this.#clock.unixMs());
    if (!answer || !this.#socket) return;
    if (isCarried) {
      this.#options.carriers?.send(from, answer);
      return;
    }
    const batch = new DatagramBatch(answer.length, 1);
    batch.appendCopy(answer, from);
    this.#socket.send(batch);
  }

  #turn(): void {
    if (this.#closed || !this.#socket) return;
    this.#turnAsked = false;
    this.#dispatch();
    const nowMs = this.#clock.nowMs();
    let batches = 0;
    for (; batches < BATCHES_A_TURN; batches++) {
      this.node.poll(this.#batch, nowMs);
      if (this.#batch.count === 0) break;
      this.#send(this.#socket, this.#batch);
      this.#batch.clear();
    }
    this.#dispatch();
    if (batches === BATCHES_A_TURN) setImmediate(() => this.#turn());
    else this.#arm(nowMs);
  }

  /** To the socket, but for what carriers take. The batch is seldom mixed, so it is split only where it is. */
  #send(socket: UdpSocket, batch: DatagramBatch): void {
    let carried = 0;
    for (let i = 0; i < batch.count; i++) if (isCarrierEndpoint(batch.endpointOf(i))) carried++;
    if (carried === 0) {
      socket.send(batch);
      return;
    }
    // Carriers take whole batches as a rule: then there is no rest to make room for.
    const rest = carried < batch.count ? new DatagramBatch(batch.tail, batch.count - carried) : undefined;
    for (let i = 0; i < batch.count; i++) {
      const to = batch.endpointOf(i);
      if (isCarrierEndpoint(to)) this.#options.carriers?.send(to, batch.bytesOf(i));
      else rest?.appendCopy(batch.bytesOf(i), to);
    }
    if (rest) socket.send(rest);
  }

  #dispatch(): void {
    const { netstack } = this.node;
    for (let event = netstack.nextEvent(); event; event = netstack.nextEvent()) this.#deliver(event);
    for (let event = this.node.nextTunnelEvent(); event; event = this.node.nextTunnelEvent()) {
      this.#options.onTunnel(event);
    }
  }

  #deliver(event: NetstackEvent): void {
    switch (event.kind) {
      case 'accept':
        this.#options.onAttempt(event.attempt);
        return;
      case 'datagram':
        (event.socket.user as DatagramSocket | undefined)?.deliver();
        return;
      case 'withdrawn':
      case 'echoReply':
        return;
      default:
        (event.connection.user as TunnelSocket | undefined)?.deliver(event);
    }
  }

  /** Keeps one timer; it is moved only when the deadline comes earlier. */
  #arm(nowMs: number): void {
    const atMs = Math.min(this.node.nextDeadlineMs(), nowMs + LONGEST_SLEEP_MS);
    if (this.#timer && this.#timerAtMs <= atMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#timerAtMs = Number.POSITIVE_INFINITY;
        this.#turn();
      },
      Math.max(0, Math.ceil(atMs - nowMs)),
    );
  }
}
