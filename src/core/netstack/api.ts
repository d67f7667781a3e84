import type { Endpoint, IpAddress, Random } from '../../base/index.ts';
import type { DropReason } from './counters.ts';

/** Why a connection ended before both sides finished. */
export type ConnectionFailure =
  /** The peer sent a valid RST. */
  | 'reset'
  /** The peer answered our SYN with RST, or with ICMP port unreachable. */
  | 'refused'
  /** ICMP said that the host or network cannot be reached, while connecting (RFC 5927 section 4.1). */
  | 'unreachable'
  /** No answer to SYN, to retransmissions, to window probes or to keep-alive probes for too long. */
  | 'timeout';

export interface NetstackLimits {
  /** Connections of all states, TIME-WAIT included. */
  readonly maxConnections: number;
  /** Inbound attempts that wait for `accept` or `refuse`, over all listeners. */
  readonly maxAttempts: number;
  /** Bytes queued to be read or sent over all connections; above it only connections with nothing queued take data. */
  readonly memoryBytes: number;
  /** Cap of the auto-tuned receive buffer of a connection. */
  readonly receiveBufferBytes: number;
  /** Cap of the auto-tuned send buffer of a connection. */
  readonly sendBufferBytes: number;
}

export interface NetstackOptions {
  /** Addresses that are ours: packets to others are dropped. The first of a family is the default source. */
  readonly addresses: readonly IpAddress[];
  /** Largest IP packet sent, in bytes; the MSS offered to peers follows from it. At least 1280 with IPv6. */
  readonly mtu: number;
  readonly random: Random;
  readonly nowMs: number;
  readonly limits?: Partial<NetstackLimits>;
}

export interface KeepAlive {
  /** Silence before the first probe. */
  readonly idleMs: number;
  /** Time between probes. */
  readonly intervalMs: number;
  /** Unanswered probes after which the connection fails with `timeout`. */
  readonly probes: number;
}

export interface ConnectionStatistics {
  /** Smoothed round-trip time (RFC 6298), undefined before the first sample. */
  readonly srttMs: number | undefined;
  readonly rtoMs: number;
  readonly cwndBytes: number;
  readonly ssthreshBytes: number;
  readonly mssBytes: number;
  readonly bytesInFlight: number;
  /** Payload bytes the peer acknowledged. */
  readonly bytesAcknowledged: number;
  /** Payload bytes received in order. */
  readonly bytesReceived: number;
  readonly segmentsSent: number;
  readonly segmentsReceived: number;
  readonly retransmissions: number;
  readonly timeouts: number;
  readonly spuriousRecoveries: number;
  /** ICMP errors that were noted but did not end the connection (soft errors, RFC 1122 section 4.2.3.9). */
  readonly softErrors: number;
}

/** One TCP connection. Every method may be called in every state; those that no longer matter do nothing. */
export interface TcpConnection {
  /** Unique in the life of its stack. */
  readonly id: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Slot for the driver: its socket, request or whatever must be found again from an event. */
  user: unknown;
  /** RFC 9293 section 3.3.2, in camel case. */
  readonly state: TcpState;
  /**
   * Queues bytes and returns how many were taken: all, a part, or none (buffer full, finished or failed). The chunk is
   * kept, not copied: do not change it until it is acknowledged. After a short write, `writable` says when to go on.
   */
  write(chunk: Uint8Array): number;
  /** Bytes that `write` would take now. */
  readonly sendSpaceBytes: number;
  /** Bytes written but not yet acknowledged. */
  readonly unacknowledgedBytes: number;
  /** The next received chunk, or undefined when all was read (then `readable` is raised again by new bytes). */
  read(): Uint8Array | undefined;
  /** Bytes that `read` holds. */
  readonly readableBytes: number;
  /** Whether the peer's FIN arrived; once `read` gives undefined, nothing more comes. */
  readonly peerFinished: boolean;
  /** Sends FIN after the bytes written so far. Reading goes on. */
  finish(): void;
  /** Sends RST and forgets the connection. No event follows. */
  abort(): void;
  /** On at first: small segments are not held back (Nagle is off). */
  setNoDelay(noDelay: boolean): void;
  /** Off at first. */
  setKeepAlive(keepAlive: KeepAlive | undefined): void;
  statistics(): ConnectionStatistics;
}

export type TcpState =
  | 'synSent'
  | 'synReceived'
  | 'established'
  | 'finWait1'
  | 'finWait2'
  | 'closeWait'
  | 'closing'
  | 'lastAck'
  | 'timeWait'
  | 'closed';

/** A SYN that waits for the program's answer. Exactly one of the verbs has an effect; later ones do nothing. */
export interface ConnectionAttempt {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Slot for the driver. */
  user: unknown;
  /** False once answered, withdrawn by the peer (RST) or expired. */
  readonly isOpen: boolean;
  /** Answers SYN-ACK. The connection is usable at once; `connected` follows. Undefined when it is no longer open. */
  accept(nowMs: number): TcpConnection | undefined;
  /** Answers RST. */
  refuse(): void;
  /** Answers ICMP host unreachable (IPv4) or address unreachable (IPv6). */
  unreachable(): void;
}

export interface TcpListener {
  /** Stops listening. Attempts that wait are refused; connections live on. */
  close(): void;
}

export interface UdpSocket {
  readonly local: { readonly address: IpAddress | undefined; readonly port: number };
  user: unknown;
  /** False when the payload does not fit one packet, the out queue is full or no own address has that family. */
  send(payload: Uint8Array, to: Endpoint, from?: IpAddress): boolean;
  receive(): UdpDatagram | undefined;
  close(): void;
}

export interface UdpDatagram {
  readonly payload: Uint8Array;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

export type NetstackEvent =
  | { readonly kind: 'accept'; readonly attempt: ConnectionAttempt }
  /** The attempt ended before it was answered: the peer reset it or it expired. */
  | { readonly kind: 'withdrawn'; readonly attempt: ConnectionAttempt }
  | { readonly kind: 'connected'; readonly connection: TcpConnection }
  /** Bytes wait in `read`. Raised once until `read` gave undefined. */
  | { readonly kind: 'readable'; readonly connection: TcpConnection }
  /** Room for a good part of the send buffer again, after a short write. */
  | { readonly kind: 'writable'; readonly connection: TcpConnection }
  | { readonly kind: 'peerFinished'; readonly connection: TcpConnection }
  /** Both sides finished and everything was acknowledged. Last event. */
  | { readonly kind: 'closed'; readonly connection: TcpConnection }
  /** Last event; bytes already received can still be read. */
  | { readonly kind: 'failed'; readonly connection: TcpConnection; readonly reason: ConnectionFailure }
  /** Datagrams wait in `receive`. Raised once until `receive` gave undefined. */
  | { readonly kind: 'datagram'; readonly socket: UdpSocket }
  | {
      readonly kind: 'echoReply';
      readonly from: IpAddress;
      readonly identifier: number;
      readonly sequence: number;
      readonly payload: Uint8Array;
    };

export interface ListenOptions {
  /** Only this own address; any own address when absent. */
  readonly address?: IpAddress;
  /** Attempts and half-open connections of this listener. */
  readonly backlog?: number;
}

export interface ConnectOptions {
  readonly to: IpAddress;
  readonly port: number;
  readonly from?: IpAddress;
  readonly nowMs: number;
  /** How long to try; the default is in `constants.ts`. */
  readonly timeoutMs?: number;
}

/** The whole face of the stack; `Netstack` implements it. */
export interface NetstackPort {
  /**
   * Takes one IP packet in `bytes[offset .. offset + length)`. The bytes are lent: what is kept is copied. Returns why
   * the packet was dropped, if it was.
   */
  receivePacket(bytes: Uint8Array, offset: number, length: number, nowMs: number): DropReason | undefined;
  /** Writes one IP packet at `out[offset ..]` and returns its length; 0 when there is nothing to send now. */
  poll(out: Uint8Array, offset: number, nowMs: number): number;
  /** Destination of the packet that `poll` wrote last. */
  lastDestination(): IpAddress;
  /** Whether that packet is of a connection whose retransmission timer ran out and that has not been heard since. */
  lastTimedOut(): boolean;
  /** When to call `poll` even if nothing else happens. May be early, never late. */
  nextDeadlineMs(): number | undefined;
  nextEvent(): NetstackEvent | undefined;
  listenTcp(port: number, options?: ListenOptions): TcpListener;
  /** Listens on every port that has no listener of its own. */
  listenAllTcp(options?: ListenOptions): TcpListener;
  /** Throws when there is no own address of that family or every port is taken. */
  connectTcp(options: ConnectOptions): TcpConnection;
  /** Port 0 takes a free one of the ephemeral range (RFC 6056). Throws when the port, or every port, is taken. */
  bindUdp(port: number, address?: IpAddress): UdpSocket;
  sendEcho(to: IpAddress, identifier: number, sequence: number, payload: Uint8Array): boolean;
  /**
   * The way to `remote` (to everybody when undefined) changed: back-off is reset, what is unacknowledged is sent again, the
   * oldest at once and cut to the new MTU, RTT is learnt anew, and what was received lately is acknowledged again.
   */
  pathChanged(remote: IpAddress | undefined, mtu: number | undefined, nowMs: number): void;
  /** The way to `remote` is the same, but takes packets of `mtu` bytes: segments follow, RTT and window stay. */
  mtuChanged(remote: IpAddress, mtu: number, nowMs: number): void;
  /**
   * Asks at once, as a keep-alive does, at the other end of every silent connection to `remote` whether it is still known there:
   * a process that knows nothing of it answers with a reset. Nothing becomes of it where no answer comes.
   */
  askAfter(remote: IpAddress): void;
  counters(): Readonly<Record<string, number>>;
}
