import { Duplex } from 'node:stream';
import { Failure } from '../../base/index.ts';
import type { ConnectionFailure, NetstackEvent, TcpConnection } from '../../core/netstack/index.ts';
import {
  KEEP_ALIVE_IDLE_MS,
  KEEP_ALIVE_INTERVAL_MS,
  KEEP_ALIVE_PROBES,
  READ_HIGH_WATER_BYTES,
  WRITE_HIGH_WATER_BYTES,
} from './constants.ts';

/** A stream through the overlay failed. `code` is `tunnel-` and the netstack's reason. */
export class TunnelFailure extends Failure {
  override readonly name = 'TunnelFailure';
  readonly reason: ConnectionFailure;

  constructor(reason: ConnectionFailure) {
    super(`tunnel-${reason}`, SENTENCES[reason]);
    this.reason = reason;
  }
}

const SENTENCES: Record<ConnectionFailure, string> = {
  reset: 'the other end reset the stream',
  refused: 'the target refused the connection',
  unreachable: 'the target cannot be reached from its connector',
  timeout: 'the other end did not answer in time',
};

/** What a socket asks of its driver. */
interface Waker {
  wake(): void;
}

type SocketEvent = Extract<NetstackEvent, { connection: TcpConnection }>;

/**
 * A netstack connection as a Node stream, with back-pressure both ways: reads stop when the reader is full (the receive
 * window closes), writes wait for room in the send buffer. Emits `connect` once. The methods of `net.Socket` that HTTP
 * clients call are there.
 */
export class TunnelSocket extends Duplex {
  readonly connection: TcpConnection;
  readonly #driver: Waker;
  #connected: boolean;
  #wantsRead = false;
  #waitingWrite: { chunks: Uint8Array[]; done: (error?: Error | null) => void } | undefined;
  #waitingFinal: ((error?: Error | null) => void) | undefined;
  #isOver = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(connection: TcpConnection, driver: Waker, connected: boolean) {
    super({
      allowHalfOpen: true,
      emitClose: true,
      readableHighWaterMark: READ_HIGH_WATER_BYTES,
      writableHighWaterMark: WRITE_HIGH_WATER_BYTES,
    });
    this.connection = connection;
    this.#driver = driver;
    this.#connected = connected;
    connection.user = this;
  }

  get connecting(): boolean {
    return !this.#connected && !this.destroyed;
  }

  get remoteAddress(): string {
    return this.connection.remote.address.text;
  }

  get remotePort(): number {
    return this.connection.remote.port;
  }

  /** Takes an event of the connection. Called by the driver alone. */
  deliver(event: SocketEvent): void {
    switch (event.kind) {
      case 'connected':
        this.#connected = true;
        this.emit('connect');
        this.#flush();
        return;
      case 'readable':
      case 'peerFinished':
        if (this.#wantsRead) this.#pull();
        return;
      case 'writable':
        this.#flush();
        return;
      case 'closed':
        this.#isOver = true;
        if (this.#wantsRead) this.#pull();
        return;
      case 'failed':
        this.#isOver = true;
        this.destroy(new TunnelFailure(event.reason));
        return;
    }
  }

  override _read(): void {
    this.#wantsRead = true;
    this.#pull();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#waitingWrite = { chunks: [chunk], done };
    this.#flush();
  }

  override _writev(items: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#waitingWrite = { chunks: items.map((item) => item.chunk), done };
    this.#flush();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#connected) {
      this.#waitingFinal = done;
      return;
    }
    this.connection.finish();
    this.#driver.wake();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#idleTimer);
    const { writableFinished, readableEnded } = this;
    if (!this.#isOver && !(writableFinished && readableEnded)) this.connection.abort();
    this.connection.user = undefined;
    this.#driver.wake();
    const waiting = this.#waitingWrite;
    this.#waitingWrite = undefined;
    waiting?.done(error ?? new TunnelFailure('reset'));
    done(error);
  }

  setNoDelay(noDelay = true): this {
    this.connection.setNoDelay(noDelay);
    return this;
  }

  /** As in `net.Socket`, 0 leaves the idle time as it is by default. */
  setKeepAlive(enable = false, idleMs = 0): this {
    const timing = { intervalMs: KEEP_ALIVE_INTERVAL_MS, probes: KEEP_ALIVE_PROBES };
    this.connection.setKeepAlive(enable ? { idleMs: idleMs || KEEP_ALIVE_IDLE_MS, ...timing } : undefined);
    return this;
  }

  /** Emits `timeout` once after `timeoutMs` from now; 0 takes it back. */
  setTimeout(timeoutMs: number, onTimeout?: () => void): this {
    clearTimeout(this.#idleTimer);
    if (onTimeout) this.once('timeout', onTimeout);
    if (timeoutMs > 0) this.#idleTimer = setTimeout(() => this.emit('timeout'), timeoutMs);
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #pull(): void {
    if (!this.#connected) return;
    let took = false;
    while (this.#wantsRead) {
      const chunk = this.connection.read();
      if (!chunk) break;
      took = true;
      this.#wantsRead = this.push(chunk);
    }
    // Reading opened the window: let the stack say so.
    if (took) this.#driver.wake();
    if (this.connection.peerFinished && this.connection.readableBytes === 0 && this.#wantsRead) {
      this.#wantsRead = false;
      this.push(null);
    }
  }

  #flush(): void {
    if (!this.#connected) return;
    const waiting = this.#waitingWrite;
    if (waiting && !this.#writeChunks(waiting.chunks)) return;
    this.#waitingWrite = undefined;
    waiting?.done();
    const final = this.#waitingFinal;
    if (!final || this.#waitingWrite) return;
    this.#waitingFinal = undefined;
    this.connection.finish();
    final();
  }

  /** Whether everything was taken; what was not stays in `chunks`. */
  #writeChunks(chunks: Uint8Array[]): boolean {
    this.#driver.wake();
    while (chunks.length > 0) {
      const chunk = chunks[0] as Uint8Array;
      const taken = this.connection.write(chunk);
      if (taken < chunk.length) {
        chunks[0] = chunk.subarray(taken);
        return false;
      }
      chunks.shift();
    }
    return true;
  }
}
