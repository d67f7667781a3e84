import type { Server, Socket } from 'node:net';
import { type Endpoint, type IpAddress, parseIpAddress, unmapIpv4 } from '../base/index.ts';
import { type ProxyHeaderOutcome, takeProxyHeader } from './streams/proxy-header.ts';

/** Load balancers before a listener, which say who really came by the PROXY protocol. */
export interface ProxiedConnections {
  trusts(address: IpAddress): boolean;
  /** A trusted proxy said nothing, or no header; the connection is cut. */
  refused(reason: Extract<ProxyHeaderOutcome, string>): void;
  readonly timeoutMs: number;
}

/**
 * Reads the PROXY header of connections that come from trusted proxies before anybody else sees them. From then on their
 * remote address is the client's, for whoever asks: limits, TLS, requests. Call it when all who listen to `connection`
 * do. Connections from elsewhere are passed on as they are, whatever they begin with.
 */
export function takeFromProxies(server: Server, { trusts, refused, timeoutMs }: ProxiedConnections): void {
  const begins = server.listeners('connection') as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  const begin = (socket: Socket): void => {
    for (const each of begins) each.call(server, socket);
  };
  server.on('connection', (socket: Socket) => {
    const peer = parseIpAddress(socket.remoteAddress ?? '');
    if (!peer || !trusts(unmapIpv4(peer))) return begin(socket);
    const cut = (): void => void socket.destroy();
    socket.on('error', cut);
    takeProxyHeader(socket, timeoutMs, (outcome) => {
      if (typeof outcome === 'string') {
        refused(outcome);
        socket.resetAndDestroy();
        return;
      }
      // Who is not known is nobody: as the proxy itself it would meet rules that are meant for the proxy.
      if (outcome.kind !== 'local') showAs(socket, outcome.kind === 'proxied' ? outcome.source : undefined);
      begin(socket);
      socket.off('error', cut);
    });
  });
}

/** What Node asks the system for, once, where somebody wants to know who is at the other end. */
interface Handle {
  getpeername(into: { address?: string; port?: number; family?: string }): number;
}

/** What the system says of a socket without another end. */
const NOT_CONNECTED = -107;

/**
 * Node knows one way to tell a TLS socket from whom it is: that of the socket below. So the answer is put where the
 * question ends up, and everybody above hears the same.
 */
function showAs(socket: Socket, from: Endpoint | undefined): void {
  const known = socket as Socket & { _handle?: Handle; _peername?: object };
  if (known._handle) {
    known._handle.getpeername = (into) => {
      if (!from) return NOT_CONNECTED;
      const { address, port } = from;
      Object.assign(into, { address: address.text, port, family: `IPv${address.version}` });
      return 0;
    };
  }
  // What was asked before.
  delete known._peername;
}
