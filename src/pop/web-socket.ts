import type { Duplex, Readable } from 'node:stream';
import { fieldValue } from '../core/routing/index.ts';
import { subjectId } from '../core/session/index.ts';
import type { HttpUpgrade } from '../io/http/message.ts';
import type { ExchangeFailure } from '../io/http-exchange.ts';
import { type OpenUpgrade, relayUpgrade, type UpgradeObserver } from '../io/http-upgrade.ts';
import { relayWebSocket } from '../io/http2-client/http2-web-socket.ts';
import { clientFields, outgoingRequest } from './backend-request.ts';
import { UPSTREAM_HEADERS_TIMEOUT_MS } from './constants.ts';
import type { ForwarderParts } from './forward.ts';
import type { LiveExchange } from './live-exchanges.ts';
import { type OpenWay, openWay } from './open-way.ts';
import type { AdmittedRequest, FailureAnswer } from './serving.ts';
import { dialFailed } from './tries.ts';
import { WebSocketsNotTaken } from './upstreams.ts';
import { type UpgradeWay, upgradeOpener } from './web-socket-way.ts';

/**
 * Whether a WebSocket may be opened from where the request comes from. Browsers send cookies along from any site, so
 * the Origin they name must be the resource's own (RFC 6455 section 10.2); programs that are no browsers name none.
 */
export function isOwnOrigin({ context, request }: Pick<AdmittedRequest, 'context' | 'request'>): boolean {
  const origin = fieldValue(request.rawHeaders, 'origin');
  return origin === undefined || origin.toLowerCase() === `https://${context.authority}`;
}

/** Passes an admitted WebSocket handshake to the first candidate that takes it and splices the two connections. */
export class WebSocketForwarder {
  readonly #parts: ForwarderParts;

  constructor(parts: ForwarderParts) {
    this.#parts = parts;
  }

  /**
   * A handshake is tried elsewhere only as long as nothing of it was sent: what a backend does when it hears of a
   * WebSocket, nobody knows here.
   */
  async forward(admitted: AdmittedRequest, client: HttpUpgrade, fail: FailureAnswer): Promise<void> {
    const opener = upgradeOpener(this.#parts.upstreams, client.protocol);
    const way = await openWay(this.#parts, opener, admitted, client, fail);
    if (way) this.#join(admitted, way, client, fail);
  }

  #join(admitted: AdmittedRequest, way: OpenWay<UpgradeWay>, client: HttpUpgrade, fail: FailureAnswer): void {
    const { assertions, live } = this.#parts;
    const { context, track } = admitted;
    track.sent(way.candidate);
    const exchange = new WebSocketExchange(this.#parts, { admitted, way, client, fail });
    live.add(exchange);
    context.course.sent();
    const method = client.protocol === 'websocket' ? 'GET' : context.method;
    const outgoing = outgoingRequest(admitted, way.candidate.target, assertions, { method, hasBody: false });
    const { opened } = way;
    const headersTimeoutMs = UPSTREAM_HEADERS_TIMEOUT_MS;
    if (opened.kind === 'stream') relayWebSocket(opened.reserved, headersTimeoutMs, outgoing, client, exchange);
    else relayUpgrade({ stream: opened.stream, headersTimeoutMs }, outgoing, client, exchange);
  }
}

/** What is needed until the backend said whether it agrees. */
interface Opening {
  readonly admitted: AdmittedRequest;
  readonly way: OpenWay<UpgradeWay>;
  readonly client: HttpUpgrade;
  readonly fail: FailureAnswer;
  readonly mark: string | undefined;
}

/** A WebSocket, or one that is about to be. Many are open and silent: what led to one is let go of once it is there. */
class WebSocketExchange implements LiveExchange, UpgradeObserver {
  readonly resourceId: string;
  readonly subjectId: string | undefined;
  readonly through: string;
  readonly stillAdmitted: () => boolean;
  #open: OpenUpgrade | undefined;
  readonly #parts: ForwarderParts;
  readonly #client: Duplex;
  #opening: Opening | undefined;

  constructor(parts: ForwarderParts, opening: Omit<Opening, 'mark'>) {
    const { admitted, way, client } = opening;
    this.resourceId = admitted.resource.record.id;
    this.subjectId = admitted.signedIn && subjectId(admitted.signedIn.claims.subject);
    this.through = way.candidate.connector.overlayAddress;
    this.stillAdmitted = admitted.lasting();
    this.#parts = parts;
    this.#client = client.stream;
    this.#opening = { ...opening, mark: parts.choice.newMark(admitted, way.candidate) };
  }

  /** What is on its way to the target, or joined with it, goes with the client. */
  cut(): void {
    this.#parts.counters.add('exchanges', 'cut');
    this.#client.destroy();
  }

  goAway(): void {
    this.#open?.goAway(this.#parts.random.bytes(4));
  }

  switched(fields: string[]): string[] {
    const { admitted, way, mark } = this.#opened();
    admitted.context.course.answered();
    way.tries.ended('succeeded');
    this.#parts.counters.add('exchanges', 'upgraded');
    // Kept for the next request of the connection, and there hardly is one.
    admitted.context.connection.forwarding = undefined;
    admitted.context.connection.cookies = undefined;
    admitted.track.joined?.();
    return clientFields(fields, admitted, mark);
  }

  joined(open: OpenUpgrade): void {
    this.#open = open;
  }

  refused(status: number, fields: readonly string[], body: Readable): void {
    const { admitted, way, client, mark } = this.#opened();
    admitted.context.course.answered();
    way.tries.ended(status === 502 || status === 503 || status === 504 ? 'failed' : 'succeeded');
    this.#parts.live.remove(this);
    this.#parts.counters.add('exchanges', 'upgrade-refused');
    const response = client.refuse();
    response.writeHead(status, clientFields(fields, admitted, mark));
    body.on('error', () => response.destroy());
    response.on('close', () => body.destroy());
    // Only who reads a socket learns that it has ended.
    client.stream.on('end', () => response.destroy()).resume();
    body.pipe(response);
  }

  failed(failure: ExchangeFailure): void {
    const { way, client, fail } = this.#opened();
    this.#parts.live.remove(this);
    const isNotSpoken = failure.kind === 'malformed' || failure.kind === 'aborted';
    const isGuess = way.opened.kind === 'connection' && way.opened.isGuess;
    const told = isGuess && isNotSpoken ? dialFailed(new WebSocketsNotTaken(failure.cause)) : failure;
    const problem = way.tries.lastFailure(told);
    if (problem) fail(client.refuse(), problem, way.tries.reason ?? problem);
  }

  ended(): void {
    this.#parts.live.remove(this);
    this.#parts.counters.add('exchanges', 'upgrade-ended');
  }

  #opened(): Opening {
    const opening = this.#opening;
    if (!opening) throw new Error('an upgrade is agreed to, refused or failed once');
    this.#opening = undefined;
    return opening;
  }
}
