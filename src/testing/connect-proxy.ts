/** An HTTP proxy for tests: opens ways with CONNECT where the credentials are right, and says what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Leaf } from '../io/certificates.ts';

export interface ConnectProxyOptions {
  /** `user:password`; anybody may pass where it is left out. */
  readonly credentials?: string;
  /** Its own certificate: an https proxy. */
  readonly leaf?: Leaf;
  /** Answers this to every CONNECT: `403 Forbidden`. */
  readonly refuseWith?: string;
}

export class ConnectProxy {
  /** Authorities that it was asked for, in order. */
  readonly asked: string[] = [];
  readonly #options: ConnectProxyOptions;
  readonly #server: Server;
  readonly #open = new Set<Duplex>();

  static async start(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(options: ConnectProxyOptions) {
    this.#options = options;
    const { leaf } = options;
    this.#server = leaf ? createHttpsServer({ key: leaf.keyPem, cert: leaf.chainPem }) : createServer();
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
    this.#server.on('connect', (request, socket) => this.#connect(request, socket));
  }

  /** Where it is, with credentials or without. */
  url(credentials?: string): URL {
    const scheme = this.#options.leaf ? 'https' : 'http';
    const { port } = this.#server.address() as AddressInfo;
    return new URL(`${scheme}://${credentials ? `${credentials}@` : ''}127.0.0.1:${port}`);
  }

  /** Cuts every connection through it. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #keep(socket: Duplex): void {
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#open.delete(socket));
  }

  #connect(request: IncomingMessage, socket: Duplex): void {
    const authority = request.url ?? '';
    this.asked.push(authority);
    const { credentials, refuseWith } = this.#options;
    const refusal = isRight(request.headers['proxy-authorization'], credentials)
      ? refuseWith
      : '407 Proxy Authentication Required';
    if (refusal) return void socket.end(`HTTP/1.1 ${refusal}\r\nContent-Length: 0\r\n\r\n`);
    const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(authority) ?? [];
    const server = connect({ host: host ?? '', port: Number(port), noDelay: true });
    this.#keep(server);
    server.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(server).pipe(socket);
    });
    server.once('close', () => socket.destroy());
    socket.once('close', () => server.destroy());
  }
}

function isRight(sent: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || sent === `Basic ${Buffer.from(wanted).toString('base64')}`;
}
