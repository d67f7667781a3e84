import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, type Endpoint, parseIpAddress, unmapIpv4 } from '../../base/index.ts';
import { Places } from '../../core/budget/index.ts';
import type { StreamTargetRecord } from '../../core/link/index.ts';
import { writeProxyHeader } from '../../core/proxy-protocol/index.ts';
import { join } from '../../io/overlay/join-streams.ts';
import { HELD_REQUEST_BYTES } from '../constants.ts';
import type { Counters } from '../counters.ts';
import type { TargetDialer } from '../dialer.ts';
import type { HeldRequests } from '../held-requests.ts';
import type { LiveExchange, LiveExchanges } from '../live-exchanges.ts';
import type { PublishedStream } from '../published-policies.ts';
import type { SnapshotHolder } from '../snapshot-holder.ts';
import type { Candidate, TargetChoice } from '../target-choice.ts';
import { dialFailed, Tries } from '../tries.ts';
import { destinationOf } from '../upstreams.ts';
import { MAXIMUM_STREAMS } from './constants.ts';
import type { StreamMethod } from './stream-context.ts';
import type { JudgedStream, StreamJudge } from './stream-judge.ts';

export interface TcpStreamsParts {
  readonly judge: StreamJudge;
  readonly holder: SnapshotHolder;
  readonly choice: TargetChoice;
  readonly held: HeldRequests;
  readonly dialer: TargetDialer;
  readonly live: LiveExchanges;
  readonly counters: Counters;
  readonly clock: Clock;
}

/** A connection whose resource is known. */
export interface IncomingStream {
  readonly resource: PublishedStream;
  readonly method: Exclude<StreamMethod, 'UDP'>;
  readonly client: Endpoint;
  /** A trusted proxy does not know who came; `client` is that proxy then. */
  readonly isUnknown?: boolean | undefined;
  /** Where the client came to. */
  readonly server: Endpoint;
  /** Of a range of ports, which one. */
  readonly offset: number;
}

/** Carries connections to targets: judged, over the first way that takes them, cut when they are no longer admitted. */
export class TcpStreams {
  readonly #parts: TcpStreamsParts;
  /** Of all connections that the limiter lets in, by organisation. */
  readonly #places = new Places(MAXIMUM_STREAMS);

  constructor(parts: TcpStreamsParts) {
    this.#parts = parts;
  }

  /** Takes a connection, of which nothing but a PROXY header was read. */
  async take(incoming: IncomingStream, socket: Socket): Promise<void> {
    const { judge, holder, counters } = this.#parts;
    const { resource, method, client, isUnknown, server } = incoming;
    const clientAddress = isUnknown ? undefined : client.address;
    const judged = judge.judge({ resource, method, port: server.port, clientAddress });
    if (!judged.isAdmitted || !holder.view) {
      counters.add('streams', 'refused');
      return void socket.resetAndDestroy();
    }
    const { organisationId } = resource.record;
    if (!this.#places.isFor(organisationId)) {
      judge.failed(judged, 'connections-per-organisation');
      return void socket.resetAndDestroy();
    }
    if (!socket.closed) {
      this.#places.take(organisationId);
      socket.once('close', () => this.#places.give(organisationId));
    }
    const opened = await this.#open(incoming, judged, socket);
    if (opened) this.#carry(incoming, judged, socket, opened);
  }

  /** The stream to a target; undefined where there is none, or nobody waits for it any more. */
  async #open({ resource, offset }: IncomingStream, judged: JudgedStream, socket: Socket): Promise<Opened | undefined> {
    const { holder, dialer, judge } = this.#parts;
    const view = holder.view;
    if (!view) return undefined;
    const isThere = () => !socket.destroyed;
    const seeker = { resource, view, context: judged.context, targetMark: undefined };
    const tries = new Tries(this.#parts, seeker);
    let step = tries.first();
    while (step.kind === 'try' || step.kind === 'hold') {
      if (step.kind === 'hold') {
        const isHeld = await this.#isHeld(step.untilMs, resource, socket);
        step = isHeld ? tries.afterHold(isThere()) : { kind: 'fail', problem: step.problem };
        continue;
      }
      const { candidate } = step;
      try {
        const to = destinationOf(candidate.target, candidate.connector);
        const stream = await dialer.connect({ ...to, port: to.port + offset, timeoutMs: tries.connectTimeoutMs });
        tries.ended('succeeded');
        // What is revoked ends what is under way; this was not yet.
        if (isThere() && judge.stillAdmitted(judged)) return { stream, candidate };
        stream.destroy();
        socket.destroy();
        return undefined;
      } catch (cause) {
        step = tries.afterFailure(dialFailed(cause), isThere());
      }
    }
    if (step.kind === 'fail') judge.failed(judged, step.problem);
    if (isThere()) socket.resetAndDestroy();
    return undefined;
  }

  async #isHeld(untilMs: number, resource: PublishedStream, socket: Socket): Promise<boolean> {
    const { held, choice, counters, holder } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    const isHeld = held.hold({
      resourceId: resource.record.id,
      organisationId: resource.record.organisationId,
      bytes: HELD_REQUEST_BYTES,
      untilMs,
      isOver: () => socket.destroyed,
      hasWay: () => holder.view !== undefined && choice.hasWay({ resource, view: holder.view }),
      go: resolve,
    });
    counters.add('streams', isHeld ? 'held' : 'held-too-many');
    if (isHeld) await promise;
    return isHeld;
  }

  #carry(
    { resource, client, isUnknown, server }: IncomingStream,
    judged: JudgedStream,
    socket: Socket,
    opened: Opened,
  ): void {
    const { live, counters, judge, clock } = this.#parts;
    const { stream, candidate } = opened;
    const { id, proxyProtocol } = resource.record;
    const startedMs = clock.nowMs();
    const cut = (): void => {
      counters.add('streams', 'cut');
      socket.resetAndDestroy();
      stream.destroy();
    };
    const exchange: LiveExchange = {
      resourceId: id,
      subjectId: judged.userId,
      through: candidate.connector.overlayAddress,
      stillAdmitted: () => judge.stillAdmitted(judged),
      cut,
      // Bytes have no way of their own to say that it is over: both ends see a reset and connect anew.
      goAway: cut,
    };
    live.add(exchange);
    counters.add('streams', 'opened');
    if (proxyProtocol?.to) {
      const said = { kind: 'proxied', transport: 'stream', source: client, destination: server } as const;
      stream.write(writeProxyHeader(proxyProtocol.to, isUnknown ? { kind: 'unknown' } : said));
    }
    socket.once('close', () => {
      live.remove(exchange);
      counters.add('streams', 'ended');
      const { bytesRead: bytesReceived, bytesWritten: bytesSent } = socket;
      judge.ended(judged, { bytesReceived, bytesSent, durationMs: Math.round(clock.nowMs() - startedMs) });
    });
    join(stream, socket);
  }
}

interface Opened {
  readonly stream: Duplex;
  readonly candidate: Candidate<StreamTargetRecord>;
}

/** Both ends of a connection as the machine has them; undefined where it is gone already. */
export function endsOf(socket: Socket): { readonly client: Endpoint; readonly server: Endpoint } | undefined {
  const client = endpoint(socket.remoteAddress, socket.remotePort);
  const server = endpoint(socket.localAddress, socket.localPort);
  return client && server && { client, server };
}

function endpoint(text: string | undefined, port: number | undefined): Endpoint | undefined {
  const address = parseIpAddress((text ?? '').replace(/%.*$/, ''));
  return address && { address: unmapIpv4(address), port: port ?? 0 };
}
