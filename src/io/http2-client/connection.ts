import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import {
  HTTP2_CONNECTION_WINDOW_BYTES,
  HTTP2_FIELDS,
  HTTP2_IDLE_MS,
  HTTP2_PING_AFTER_MS,
  HTTP2_PING_TIMEOUT_MS,
  HTTP2_SESSION_MEGABYTES,
  HTTP2_STREAM_WINDOW_BYTES,
  HTTP2_STREAMS_A_CONNECTION,
} from './constants.ts';

export interface ConnectionEvents {
  /** A stream ended, so that another one may have room; or no more streams may be begun. */
  changed(): void;
}

/** What a client says twice goes to the backend twice, as it does over HTTP/1.1; the types of Node do not know of it. */
const AS_IT_CAME = { strictSingleValueFields: false };

/** One HTTP/2 connection to a target: how many streams it still takes, and whether it may be trusted to take them. */
export class Http2Connection {
  readonly #session: ClientHttp2Session;
  readonly #events: ConnectionEvents;
  readonly #stream: Duplex;
  #streams = 0;
  #isLeaving = false;
  #isSettled = false;
  /** The last stream that the target did or may have done something of; no GOAWAY yet: undefined. */
  #lastStreamId: number | undefined;
  #failure: Error | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(stream: Duplex, scheme: 'http' | 'https', headerBytes: number, events: ConnectionEvents) {
    this.#stream = stream;
    this.#events = events;
    const session = connect(`${scheme}://target.invalid`, {
      createConnection: () => stream,
      settings: {
        enablePush: false,
        initialWindowSize: HTTP2_STREAM_WINDOW_BYTES,
        maxHeaderListSize: headerBytes,
      },
      maxHeaderListPairs: HTTP2_FIELDS,
      maxSessionMemory: HTTP2_SESSION_MEGABYTES,
      peerMaxConcurrentStreams: HTTP2_STREAMS_A_CONNECTION,
      ...AS_IT_CAME,
    });
    this.#session = session;
    // Half a connection carries no HTTP/2: what is not answered by now will not be.
    stream.once('end', () => stream.end());
    session.once('connect', () => session.setLocalWindowSize(HTTP2_CONNECTION_WINDOW_BYTES));
    session.on('remoteSettings', () => {
      this.#isSettled = true;
      events.changed();
    });
    session.on('goaway', (_code: number, lastStreamId: number) => {
      this.#lastStreamId = lastStreamId;
      this.#leave();
    });
    session.on('error', (error) => {
      this.#failure ??= error;
      this.#leave();
    });
    session.on('close', () => this.#leave());
    session.setTimeout(HTTP2_PING_AFTER_MS, () => this.#ask());
    this.#rest();
  }

  /** Streams that may be begun now. */
  get room(): number {
    const { closed, destroyed } = this.#session;
    if (this.#isLeaving || closed || destroyed) return 0;
    const allowed = this.#session.remoteSettings.maxConcurrentStreams ?? HTTP2_STREAMS_A_CONNECTION;
    return Math.max(0, Math.min(allowed, HTTP2_STREAMS_A_CONNECTION) - this.#streams);
  }

  get isClosed(): boolean {
    return this.#session.destroyed;
  }

  /** No stream may be begun any more. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Why the connection broke, where that is known. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Whether the target takes WebSockets on streams (RFC 8441 section 3), as far as it has said. */
  get takesWebSockets(): boolean {
    return this.#isSettled && this.#session.remoteSettings.enableConnectProtocol === true;
  }

  /** Tells when the target has said what it takes, or why it will not. */
  onceSettled(told: (failure: Error | undefined) => void): void {
    const session = this.#session;
    if (this.#isSettled || session.destroyed) return void told(this.#isSettled ? undefined : this.#whyGone());
    const settled = (): void => {
      session.off('remoteSettings', settled).off('close', settled);
      told(this.#isSettled ? undefined : this.#whyGone());
    };
    session.once('remoteSettings', settled).once('close', settled);
  }

  /** Keeps room for a stream that is begun later, by `beginReserved`, or never: then it is given back. */
  reserve(): void {
    this.#streams++;
    clearTimeout(this.#idle);
  }

  /** There is room for one more. */
  release(): void {
    this.#streams--;
    if (this.#streams === 0) this.#rest();
    this.#events.changed();
  }

  /** Begins a stream; call it where there is room. Throws where the fields cannot be sent. */
  begin(fields: readonly string[], options: { endStream: boolean; waitForTrailers: boolean }): ClientHttp2Stream {
    const stream = this.#session.request([...fields], options);
    this.reserve();
    return this.#followed(stream);
  }

  /** The same in room that was kept. Where it throws the room is given back. */
  beginReserved(
    fields: readonly string[],
    options: { endStream: boolean; waitForTrailers: boolean },
  ): ClientHttp2Stream {
    try {
      return this.#followed(this.#session.request([...fields], options));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  #followed(stream: ClientHttp2Stream): ClientHttp2Stream {
    stream.once('close', () => this.release());
    return stream;
  }

  /** Whether the target has said that it did nothing of a stream (RFC 9113 section 6.8). */
  wasPassedBy(streamId: number | undefined): boolean {
    if (streamId === undefined) return true;
    return this.#lastStreamId !== undefined && streamId > this.#lastStreamId;
  }

  /** Ends it when its streams have ended. */
  close(): void {
    this.#isLeaving = true;
    if (!this.#session.destroyed) this.#session.close(() => this.#stream.destroy());
  }

  destroy(): void {
    this.#isLeaving = true;
    clearTimeout(this.#idle);
    this.#session.destroy();
    this.#stream.destroy();
  }

  #whyGone(): Error {
    return this.#failure ?? new Error('the connection was closed');
  }

  #leave(): void {
    if (this.#session.destroyed) {
      clearTimeout(this.#idle);
      this.#stream.destroy();
    }
    this.#isLeaving = true;
    this.#events.changed();
  }

  #rest(): void {
    clearTimeout(this.#idle);
    if (!this.#session.destroyed) this.#idle = setTimeout(() => this.close(), HTTP2_IDLE_MS);
  }

  /** A connection on which nothing has moved for long is asked for a sign of life, where somebody waits on it. */
  #ask(): void {
    if (this.#streams === 0 || this.#session.destroyed) return;
    const late = setTimeout(() => this.destroy(), HTTP2_PING_TIMEOUT_MS);
    const isAsked = this.#session.ping((error) => {
      clearTimeout(late);
      if (error && !this.#session.destroyed) this.destroy();
    });
    if (!isAsked) clearTimeout(late);
  }
}
