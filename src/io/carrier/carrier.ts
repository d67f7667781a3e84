import type { WebSocket } from 'ws';
import type { Clock, Endpoint } from '../../base/index.ts';
import {
  type FrameFault,
  FrameReader,
  LENGTH_BYTES,
  MAXIMUM_FRAME_BYTES,
  writeDatagram,
} from '../../core/carrier/index.ts';
import {
  FIRST_FRAME_BYTES,
  FULL_BYTES,
  LEAVE_MS,
  STANDING_BYTES,
  STANDING_DOUBT_MS,
  STANDING_MS,
} from './constants.ts';

/** Why a carrier ended. */
export type CarrierEnd = FrameFault | 'not-binary' | 'closed' | 'unproven' | 'unused' | 'dead' | 'stopped';

export interface CarrierEvents {
  /** A datagram arrived; the bytes may be changed where they stand. */
  received(frame: Uint8Array, offset: number, length: number, from: Endpoint): void;
  /** The datagrams of a frame have been told. */
  frameEnded(): void;
  /** It is over, once, for whatever reason. */
  ended(carrier: Carrier, why: CarrierEnd): void;
}

/** One open WebSocket that carries WireGuard messages, under an endpoint that stands for it. */
export class Carrier {
  readonly endpoint: Endpoint;
  readonly openedAtMs: number;
  sentDatagrams = 0;
  sentFrames = 0;
  receivedDatagrams = 0;
  droppedDatagrams = 0;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #events: CarrierEvents;
  readonly #reader = new FrameReader();
  /** The frame that is being filled. */
  #frame: Buffer | undefined;
  #frameBytes = 0;
  /** Size to begin the next frame with: near what the last one needed, so that it seldom has to grow. */
  #usualBytes = FIRST_FRAME_BYTES;
  /** When each frame was handed to the socket that has not left it yet. */
  readonly #waitingSinceMs: number[] = [];
  #standsSinceMs: number | undefined;
  #why: CarrierEnd | undefined;

  constructor(socket: WebSocket, endpoint: Endpoint, clock: Clock, events: CarrierEvents) {
    this.endpoint = endpoint;
    this.openedAtMs = clock.nowMs();
    this.#socket = socket;
    this.#clock = clock;
    this.#events = events;
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on('ping', (data) => this.#pong(data));
    socket.on('error', () => undefined);
    socket.on('close', () => this.end('closed'));
  }

  get isOpen(): boolean {
    return this.#why === undefined;
  }

  /** Bytes that wait to leave. */
  get waitingBytes(): number {
    return this.#socket.bufferedAmount + this.#frameBytes;
  }

  /** Puts a datagram into the frame of this turn; false where it was dropped. `flush` sends the frame. */
  send(datagram: Uint8Array): boolean {
    if (!this.isOpen || datagram.length > MAXIMUM_FRAME_BYTES - LENGTH_BYTES || this.#isFull()) {
      this.droppedDatagrams++;
      return false;
    }
    if (this.#frameBytes + LENGTH_BYTES + datagram.length > MAXIMUM_FRAME_BYTES) this.flush();
    const frame = this.#roomFor(LENGTH_BYTES + datagram.length);
    this.#frameBytes = writeDatagram(frame, this.#frameBytes, datagram);
    this.sentDatagrams++;
    return true;
  }

  flush(): void {
    const frame = this.#frame?.subarray(0, this.#frameBytes);
    if (this.#frame) this.#usualBytes = this.#frame.length / (2 * this.#frameBytes > this.#frame.length ? 1 : 2);
    this.#frame = undefined;
    this.#frameBytes = 0;
    if (!frame || !this.isOpen) return;
    this.sentFrames++;
    this.#waitingSinceMs.push(this.#clock.nowMs());
    this.#socket.send(frame, { binary: true, compress: false }, () => this.#waitingSinceMs.shift());
  }

  end(why: CarrierEnd): void {
    if (this.#why !== undefined) return;
    if (why === 'stopped') this.flush();
    this.#why = why;
    this.#frame = undefined;
    if (why === 'stopped') this.#leave();
    else this.#socket.terminate();
    this.#events.ended(this, why);
  }

  /** What was said last still leaves, as it would by UDP. */
  #leave(): void {
    this.#socket.close();
    const late = setTimeout(() => this.#socket.terminate(), LEAVE_MS);
    this.#socket.once('close', () => clearTimeout(late));
  }

  #receive(frame: Buffer, isBinary: boolean): void {
    if (!this.isOpen) return;
    if (!isBinary) return void this.end('not-binary');
    const fault = this.#reader.begin(frame);
    if (fault) return void this.end(fault);
    while (this.#reader.next()) {
      this.receivedDatagrams++;
      this.#events.received(frame, this.#reader.offset, this.#reader.length, this.endpoint);
    }
    this.#events.frameEnded();
  }

  /** Answers as RFC 6455 section 5.5.2 asks, but never makes answers wait: who pings and does not read gets none. */
  #pong(data: Buffer): void {
    if (this.isOpen && this.#socket.bufferedAmount === 0) this.#socket.pong(data);
  }

  #isFull(): boolean {
    const { waitingBytes } = this;
    if (waitingBytes <= STANDING_BYTES) {
      this.#standsSinceMs = undefined;
      return false;
    }
    return waitingBytes > FULL_BYTES || this.#isStanding(this.#clock.nowMs());
  }

  /** Whether what waits has waited for long, and did so the last time as well. */
  #isStanding(nowMs: number): boolean {
    if (nowMs - (this.#waitingSinceMs[0] ?? nowMs) <= STANDING_MS) {
      this.#standsSinceMs = undefined;
      return false;
    }
    this.#standsSinceMs ??= nowMs;
    return nowMs - this.#standsSinceMs >= STANDING_DOUBT_MS;
  }

  #roomFor(bytes: number): Buffer {
    const needed = this.#frameBytes + bytes;
    if (this.#frame && needed <= this.#frame.length) return this.#frame;
    let size = this.#frame?.length ?? Math.max(FIRST_FRAME_BYTES, this.#usualBytes);
    while (size < needed) size *= 2;
    const grown = Buffer.allocUnsafe(Math.min(size, MAXIMUM_FRAME_BYTES));
    this.#frame?.copy(grown, 0, 0, this.#frameBytes);
    this.#frame = grown;
    return grown;
  }
}
