import { randomBytes } from 'node:crypto';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { fieldValue } from '../../core/routing/index.ts';
import type { Http2Request } from './http2-request.ts';
import { Http2Response } from './http2-response.ts';
import type { HttpResponse, HttpUpgrade } from './message.ts';
import { webSocketAccept } from './web-socket-accept.ts';

/**
 * A WebSocket on a stream of HTTP/2 (RFC 8441). Backends speak the handshake of RFC 6455, whose key and accept HTTP/2 has
 * no use for: the key is made here, and whether the accept is the one to it is seen here.
 */
export class Http2Upgrade implements HttpUpgrade {
  readonly request: Http2Request;
  readonly protocol = 'websocket';
  readonly stream: ServerHttp2Stream;
  readonly head = Buffer.alloc(0);
  readonly #accept: string;

  constructor(request: Http2Request, stream: ServerHttp2Stream) {
    this.request = request;
    this.stream = stream;
    const key = randomBytes(16).toString('base64');
    this.#accept = webSocketAccept(key);
    request.rawHeaders.push('Sec-WebSocket-Key', key);
  }

  accept(headers: readonly string[]): void {
    if (this.stream.destroyed || this.stream.closed) return;
    // Whoever answers without having read the key speaks no WebSocket.
    if (fieldValue(headers, 'sec-websocket-accept') !== this.#accept)
      return void this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    const fields = [':status', '200'];
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const name = (headers[i] as string).toLowerCase();
      if (name !== 'sec-websocket-accept' && name !== 'connection' && name !== 'upgrade')
        fields.push(name, headers[i + 1] as string);
    }
    try {
      this.stream.respond(fields as never);
    } catch {
      return void this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
    // Whoever joins the streams now reads along; it is counted as a body is.
    this.stream.on('data', (chunk: Buffer) => {
      this.request.bytesReceived += chunk.length;
    });
  }

  refuse(): HttpResponse {
    const response = new Http2Response(this.stream, false);
    response.shouldKeepAlive = false;
    this.stream.once('close', () => response.streamClosed());
    return response;
  }
}
