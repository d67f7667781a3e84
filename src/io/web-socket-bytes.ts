import { Duplex } from 'node:stream';
import { assertNever, type Random } from '../base/index.ts';
import {
  type ByteFrameEvent,
  ByteFrameReader,
  bytesFrame,
  closedFrame,
  endFrame,
  pingFrame,
  pongFrame,
} from '../core/streams/index.ts';
import { BYTES_CLOSE_MS, BYTES_PING_MS, BYTES_SILENCE_MAX_MS } from './streams/constants.ts';

/** A WebSocket whose handshake is over. */
export interface WebSocketAsBytes {
  readonly stream: Duplex;
  /** What came behind the handshake. */
  readonly head: Uint8Array;
  /** Which end this is: what a client says is masked. */
  readonly role: 'client' | 'server';
  readonly random: Pick<Random, 'bytes'>;
}

/**
 * The bytes that a WebSocket carries, as a stream: backpressure both ways, and each way ends by itself. It is asked for
 * signs of life while nothing moves, and broken where none come. What breaks it breaks the WebSocket, with no close frame,
 * so that the other end does not take what it has for all there was.
 */
export class WebSocketBytes extends Duplex {
  readonly #stream: Duplex;
  readonly #reader: ByteFrameReader;
  readonly #mask: () => Uint8Array | undefined;
  readonly #watch: NodeJS.Timeout;
  #heardSincePing = true;
  #hasHeardAll = false;
  #silentMs = 0;
  #received = 0;
  #sent = 0;

  constructor({ stream, head, role, random }: WebSocketAsBytes) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    this.#reader = new ByteFrameReader(role === 'server');
    this.#mask = role === 'client' ? () => random.bytes(4) : () => undefined;
    this.#watch = setInterval(() => this.#lookForLife(), BYTES_PING_MS);
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', (error) => this.destroy(error));
    stream.on('end', () => this.#gone());
    stream.on('close', () => this.#gone());
    if (head.length > 0) this.#take(head);
    if (stream.destroyed) this.destroy();
  }

  /** Bytes that came out of it, and bytes that went in. */
  get counts(): { readonly received: number; readonly sent: number } {
    return { received: this.#received, sent: this.#sent };
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#sent += chunk.length;
    if (this.#stream.write(bytesFrame(chunk, this.#mask()))) done();
    else this.#stream.once('drain', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#say(endFrame(this.#mask()));
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#watch);
    const isWhole = !error && this.readableEnded && this.writableFinished;
    if (!isWhole) this.#stream.destroy();
    else if (this.#stream.writable) {
      this.#stream.end(closedFrame(this.#mask()));
      // What the other end says to that is thrown away.
      this.#stream.removeAllListeners('data').resume();
      const late = setTimeout(() => this.#stream.destroy(), BYTES_CLOSE_MS);
      this.#stream.once('end', () => this.#stream.destroy()).once('close', () => clearTimeout(late));
    }
    done(error);
  }

  #take(chunk: Uint8Array): void {
    this.#heardSincePing = true;
    for (const event of this.#reader.take(chunk)) this.#happened(event);
  }

  #happened(event: ByteFrameEvent): void {
    switch (event.kind) {
      case 'bytes':
        this.#received += event.bytes.length;
        if (!this.push(event.bytes)) this.#stream.pause();
        break;
      case 'end':
        this.#hasHeardAll = true;
        this.push(null);
        // Nobody reads any more, and signs of life and the close still come.
        this.#stream.resume();
        break;
      case 'ping':
        // Whoever asks and does not listen gets no answers to pile up.
        if (!this.#stream.writableNeedDrain) this.#say(pongFrame(event.payload, this.#mask()));
        break;
      case 'pong':
        break;
      case 'close':
        this.#gone();
        break;
      case 'fault':
        this.destroy(new Error(`the other end broke the protocol: ${event.reason}`));
        break;
      default:
        assertNever(event);
    }
  }

  /** In good order both ways have ended before; then what came may still wait to be read. */
  #gone(): void {
    if (!this.#hasHeardAll || !this.writableFinished)
      this.destroy(new Error('the WebSocket closed before its bytes had ended'));
  }

  #say(frame: Uint8Array): void {
    if (this.#stream.writable) this.#stream.write(frame);
  }

  /** Whoever is not read from cannot be heard: then its acknowledgements, which the transport watches, have to do. */
  #lookForLife(): void {
    this.#silentMs = this.#heardSincePing || this.#stream.isPaused() ? 0 : this.#silentMs + BYTES_PING_MS;
    this.#heardSincePing = false;
    if (this.#silentMs >= BYTES_SILENCE_MAX_MS) this.destroy(new Error('nothing was heard for long'));
    // What waits to be sent is as good as a ping.
    else if (this.#stream.writableLength === 0) this.#say(pingFrame(this.#mask()));
  }
}
