import type { Socket } from 'node:net';
import type { Endpoint } from '../../base/index.ts';
import type { PassingHosts } from '../../io/asking-server.ts';
import { peekServerName } from '../../io/client-hello.ts';
import type { ConnectionLimiter } from '../../io/connection-limiter.ts';
import { type ProxyHeaderOutcome, takeProxyHeader } from '../../io/streams/proxy-header.ts';
import type { Counters } from '../counters.ts';
import { PROXY_HEADER_TIMEOUT_MS, SERVER_NAME_TIMEOUT_MS } from './constants.ts';
import type { StreamTable, WantedPort } from './stream-table.ts';
import { endsOf, type TcpStreams } from './tcp-streams.ts';
import { trustsProxy } from './trusted-proxies.ts';

export interface StreamDoorParts {
  readonly table: () => StreamTable;
  readonly streams: TcpStreams;
  readonly limiter: ConnectionLimiter;
  readonly counters: Counters;
  /** Whether the PoP serves exactly this name itself: the portal, or a host of HTTP. */
  readonly isServed: (serverName: string) => boolean;
}

/** Who came, where to, and who brought them: the client itself, or a proxy whose header was believed. */
interface Arrival {
  readonly client: Endpoint;
  /** The proxy does not know. */
  readonly isUnknown?: boolean;
  readonly server: Endpoint;
  /** The other end of the connection. */
  readonly peer: Endpoint;
}

/** A fatal alert `unrecognized_name` (RFC 6066 section 3) in a record of TLS (RFC 8446 section 5.1). */
const UNRECOGNIZED_NAME = new Uint8Array([21, 3, 3, 0, 2, 2, 112]);

/** Takes connections as they come in, finds out who they are from and what they are for, and hands them on. */
export class StreamDoor {
  readonly #parts: StreamDoorParts;

  constructor(parts: StreamDoorParts) {
    this.#parts = parts;
  }

  /** A connection to a port of resources. */
  accepted(socket: Socket, { port, kind }: WantedPort): void {
    const { limiter, counters, table } = this.#parts;
    counters.add('streams', 'accepted');
    limiter.admit(socket);
    const ends = endsOf(socket);
    if (socket.destroyed || !ends) return void socket.destroy();
    const arrival = { ...ends, peer: ends.client };
    if (kind === 'tls') return void this.#tls(socket, port, arrival);
    const at = table().at('tcp', port);
    if (!at) return void socket.destroy();
    const begin = (who: Arrival): void => void this.#parts.streams.take({ ...at, ...who, method: 'TCP' }, socket);
    if (trustsProxy(at.resource.record, arrival.peer.address)) this.#withHeader(socket, arrival, begin);
    else begin(arrival);
  }

  /** Names on the port that browsers use which are passed through, TLS and all. */
  get passing(): PassingHosts {
    const { table, counters, isServed } = this.#parts;
    return {
      get isAny() {
        return table().hasShared;
      },
      take: (serverName, socket) => {
        const resource = table().shared(serverName);
        // A wildcard takes no name that is served under its own.
        if (resource?.record.host !== serverName && isServed(serverName)) return false;
        const ends = resource && endsOf(socket);
        if (!ends) return false;
        counters.add('streams', 'accepted');
        void this.#parts.streams.take({ resource, method: 'TLS', ...ends, offset: 0 }, socket);
        return true;
      },
    };
  }

  #tls(socket: Socket, port: number, arrival: Arrival): void {
    const { table, streams } = this.#parts;
    const named = (who: Arrival | 'proxy-header-absent'): void =>
      peekServerName(socket, SERVER_NAME_TIMEOUT_MS, (serverName, letGo) => {
        const resource = serverName === undefined ? undefined : table().named(port, serverName);
        if (!resource) return void this.#unrecognized(socket);
        // A proxy that another resource of this port trusts is nobody for this one.
        const said = trustsProxy(resource.record, arrival.peer.address) ? who : arrival;
        if (typeof said === 'string') return void this.#refuse(socket, said);
        letGo();
        void streams.take({ resource, ...said, method: 'TLS', offset: 0 }, socket);
      });
    const isTrusted = table()
      .atNames(port)
      .some(({ record }) => trustsProxy(record, arrival.peer.address));
    // What one resource says of proxies asks nothing of clients of the others: they begin with TLS as ever.
    if (isTrusted) this.#withHeader(socket, arrival, named, () => named('proxy-header-absent'));
    else named(arrival);
  }

  #withHeader(socket: Socket, arrival: Arrival, go: (who: Arrival) => void, without?: () => void): void {
    takeProxyHeader(socket, PROXY_HEADER_TIMEOUT_MS, (outcome) => {
      if (outcome === 'proxy-header-absent' && without) without();
      else if (typeof outcome === 'string') this.#refuse(socket, outcome);
      else if (outcome.kind === 'proxied') {
        const { source: client, destination: server } = outcome;
        go({ ...arrival, client, server });
      } else go({ ...arrival, isUnknown: outcome.kind === 'unknown' });
    });
  }

  #refuse(socket: Socket, reason: Extract<ProxyHeaderOutcome, string>): void {
    this.#parts.counters.add('streams', reason);
    socket.resetAndDestroy();
  }

  #unrecognized(socket: Socket): void {
    this.#parts.counters.add('streams', 'name-unknown');
    socket.end(UNRECOGNIZED_NAME);
    socket.resume();
    socket.destroySoon();
  }
}
