import { type IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpResponse, HttpUpgrade } from './message.ts';

const NOTHING = Buffer.alloc(0);

/** An Upgrade request of HTTP/1.1: the connection itself becomes the stream of the other protocol. */
export class Http1Upgrade implements HttpUpgrade {
  readonly request: IncomingMessage;
  readonly protocol: string;
  readonly stream: Duplex;
  readonly head: Buffer;

  constructor(request: IncomingMessage, stream: Duplex, head: Buffer) {
    this.request = request;
    this.protocol = request.headers.upgrade?.toLowerCase() ?? '';
    this.stream = stream;
    // An empty one is a part of what the request's head came in, and would hold on to that.
    this.head = head.length > 0 ? head : NOTHING;
  }

  accept(headers: readonly string[]): void {
    let head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${this.request.headers.upgrade}\r\n`;
    for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
    this.stream.write(`${head}\r\n`);
    if (this.stream instanceof Socket) shedHttp(this.stream);
  }

  /** The connection closes after the answer. */
  refuse(): HttpResponse {
    const response = new ServerResponse(this.request);
    response.shouldKeepAlive = false;
    response.assignSocket(this.stream as Socket);
    response.once('finish', () => this.stream.end());
    return response;
  }
}

/** Lets go of what Node's server of HTTP left at a connection: the timer of silence that nobody hears, and wrapped methods. */
function shedHttp(socket: Socket): void {
  socket.setTimeout(0);
  const { on, addListener, prependListener, setEncoding } = Socket.prototype;
  Object.assign(socket, { on, addListener, prependListener, setEncoding });
}
