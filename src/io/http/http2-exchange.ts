import type { ServerHttp2Stream } from 'node:http2';
import type { Http2Request } from './http2-request.ts';
import type { Http2Response } from './http2-response.ts';

/** One request on a stream and its answer, as the connection that carries them sees them. */
export class Http2Exchange {
  readonly stream: ServerHttp2Stream;
  readonly #request: Http2Request;
  /** Undefined: a WebSocket. */
  readonly #response: Http2Response | undefined;
  #quietLooks = 0;
  #movedBytes = -1;

  constructor(stream: ServerHttp2Stream, request: Http2Request, response: Http2Response | undefined) {
    this.stream = stream;
    this.#request = request;
    this.#response = response;
  }

  /** Of its body, so far. */
  get receivedBytes(): number {
    return this.#request.bytesReceived;
  }

  /** Came, and nobody read it. */
  get unreadBytes(): number {
    return this.stream.readableLength + this.#request.readableLength;
  }

  /** Whether the client did not wait for the end of the answer. Ask when the stream has closed. */
  get wasTakenBack(): boolean {
    const response = this.#response;
    return response ? !response.writableFinished && !response.destroyed : this.stream.rstCode !== 0;
  }

  /**
   * How many looks ago anything moved while the client is the one to act: it reads too slowly, or sends a body too
   * slowly that is waited for. While the backend is the one to act (a long poll, server-sent events, a call that streams
   * both ways) the silence is allowed.
   */
  look(): number {
    const pendingBytes = this.stream.destroyed ? 0 : this.stream.bufferSize;
    const movedBytes = this.receivedBytes - pendingBytes + this.#writtenBytes;
    const waitsForBody = this.#request.isWanted && this.#response?.headersSent === false;
    const clientMustAct = pendingBytes > 0 || waitsForBody;
    this.#quietLooks = clientMustAct && movedBytes === this.#movedBytes ? this.#quietLooks + 1 : 0;
    this.#movedBytes = movedBytes;
    return this.#quietLooks;
  }

  closed(): void {
    this.#request.streamClosed();
    this.#response?.streamClosed();
  }

  get #writtenBytes(): number {
    return this.#response?.bytesWritten ?? 0;
  }
}
