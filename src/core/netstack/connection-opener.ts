/** Opens connections: actively (RFC 9293 section 3.10.1) and from accepted attempts. */
import type { Endpoint } from '../../base/index.ts';
import type { ConnectOptions, TcpConnection } from './api.ts';
import { CONNECT_TIMEOUT_MS, HANDSHAKE_TIMEOUT_MS, RECEIVE_BUFFER_INITIAL_BYTES } from './constants.ts';
import type { Attempt } from './listeners.ts';
import type { Stack } from './stack.ts';
import { takeOffer } from './tcp/arrives-handshake.ts';
import { Connection } from './tcp/connection.ts';
import { prepareTemplate } from './tcp/emit.ts';
import { makeReady, schedule } from './tcp/lifecycle.ts';

export class ConnectionOpener {
  readonly #stack: Stack;
  #lastId = 0;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  connect(options: ConnectOptions): TcpConnection {
    const { to, port, nowMs } = options;
    const stack = this.#stack;
    const from = options.from ?? stack.sourceFor(to);
    if (!from || from.version !== to.version) throw new Error(`no own address to reach ${to.text} from`);
    if (stack.table.size >= stack.limits.maxConnections) throw new Error('too many connections');
    const remote: Endpoint = { address: to, port };
    const localPort = stack.secrets.ephemeralPort(
      { address: from, port: 0 },
      remote,
      (candidate) => !stack.table.findEndpoints({ address: from, port: candidate }, remote),
    );
    if (localPort === undefined) throw new Error(`every port towards ${to.text} is taken`);
    const connection = this.#open({ address: from, port: localPort }, remote, nowMs);
    connection.state = 'synSent';
    connection.isActiveOpen = true;
    connection.timers.expiresAtMs = nowMs + (options.timeoutMs ?? CONNECT_TIMEOUT_MS);
    this.#start(connection);
    return connection;
  }

  accept(attempt: Attempt, nowMs: number): TcpConnection | undefined {
    const stack = this.#stack;
    if (stack.table.size >= stack.limits.maxConnections) return undefined;
    if (stack.table.findEndpoints(attempt.local, attempt.remote)) return undefined;
    const connection = this.#open(attempt.local, attempt.remote, nowMs);
    takeOffer(connection, attempt.offer, nowMs);
    connection.state = 'synReceived';
    connection.backlog = attempt.listener.backlog;
    connection.timers.expiresAtMs = nowMs + HANDSHAKE_TIMEOUT_MS;
    this.#start(connection);
    return connection;
  }

  #open(local: Endpoint, remote: Endpoint, nowMs: number): Connection {
    const stack = this.#stack;
    const connection = new Connection(++this.#lastId, local, remote, stack, stack);
    const { snd, rcv, timestamps } = connection;
    snd.iss = stack.secrets.initialSequence(local, remote, nowMs);
    snd.una = snd.iss;
    snd.nxt = snd.iss;
    snd.pathMtu = stack.pathMtus.towards(remote.address);
    snd.peerMss = stack.mtu;
    timestamps.enabled = true;
    timestamps.offset = stack.secrets.timestampOffset(local, remote);
    connection.sackPermitted = true;
    connection.windowScaling = true;
    rcv.capacityBytes = Math.min(RECEIVE_BUFFER_INITIAL_BYTES, stack.limits.receiveBufferBytes);
    rcv.windowShift = windowShiftFor(stack.limits.receiveBufferBytes);
    connection.sendBufferBytes = Math.min(connection.sendBufferBytes, stack.limits.sendBufferBytes);
    rcv.lastReceivedAtMs = nowMs;
    prepareTemplate(connection);
    return connection;
  }

  #start(connection: Connection): void {
    connection.synDue = true;
    this.#stack.table.add(connection);
    makeReady(connection);
    schedule(connection);
  }
}

/** The smallest shift with which 16 bits can say the largest window (RFC 7323 section 2.2). */
function windowShiftFor(receiveBufferBytes: number): number {
  let shift = 0;
  while (shift < 14 && 0xffff * 2 ** shift < receiveBufferBytes) shift++;
  return shift;
}
