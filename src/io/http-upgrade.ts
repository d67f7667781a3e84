import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { HttpResponse, HttpUpgrade } from './http/message.ts';
import {
  type ExchangeFailure,
  type ExchangeObserver,
  expectsContinue,
  type OutgoingRequest,
  pairsOf,
  passInterim,
} from './http-exchange.ts';
import { BodyRefused } from './http-request-body.ts';
import { OpaqueSplice } from './opaque-splice.ts';
import { WebSocketSplice } from './web-socket-splice.ts';

/**
 * Exchanges that need a connection of their own: WebSocket upgrades, `Expect: 100-continue` passed on to the backend
 * (RFC 9110 section 10.1.1), and requests that announce trailers. They are rare, so they go through Node's client.
 */
export interface OwnConnection {
  /** Opened for this exchange alone; closed with it. */
  readonly stream: Duplex;
  /** From the request's head to the answer's head. */
  readonly headersTimeoutMs: number;
}

/** Relays one request over a connection of its own, with Expect and request trailers passed on. */
export function relayAlone(
  connection: OwnConnection,
  request: OutgoingRequest,
  response: HttpResponse,
  observer: ExchangeObserver,
): void {
  new LoneRelay(connection, request, response, observer).begin();
}

class LoneRelay {
  readonly #connection: OwnConnection;
  readonly #request: OutgoingRequest;
  readonly #response: HttpResponse;
  readonly #observer: ExchangeObserver;
  readonly #outgoing: ClientRequest;
  readonly #late: NodeJS.Timeout;
  #state: 'waiting' | 'streaming' | 'over' = 'waiting';
  #bodyUntouched = true;
  #responseStarted = false;

  constructor(connection: OwnConnection, request: OutgoingRequest, response: HttpResponse, observer: ExchangeObserver) {
    this.#connection = connection;
    this.#request = request;
    this.#response = response;
    this.#observer = observer;
    this.#outgoing = open(connection, request, ['Connection', 'close', ...(request.hasBody ? framing(request) : [])]);
    this.#late = setTimeout(() => this.#broke('timed-out', undefined), connection.headersTimeoutMs);
  }

  begin(): void {
    const outgoing = this.#outgoing;
    this.#response.on('close', this.#clientClosed);
    this.#observer.sent?.();
    outgoing.on('error', (error) => this.#broke(errorKind(error), error));
    onFirstByte(outgoing, () => {
      this.#responseStarted = true;
    });
    outgoing.on('response', (answer) => this.#relay(answer));
    outgoing.on('information', ({ statusCode, rawHeaders }) => {
      if (this.#state === 'waiting') passInterim(statusCode, rawHeaders, this.#request, this.#response, this.#observer);
    });
    outgoing.on('continue', () => {
      this.#response.writeContinue();
      this.#sendBody();
    });
    outgoing.flushHeaders();
    if (!this.#request.hasBody) outgoing.end();
    else if (!expectsContinue(this.#request)) this.#sendBody();
  }

  readonly #clientClosed = (): void => this.#broke('client-aborted', undefined);

  #sendBody(): void {
    if (!this.#bodyUntouched) return;
    this.#bodyUntouched = false;
    streamBody(this.#request, this.#outgoing, (cause) => this.#broke('client-aborted', cause));
  }

  #relay(answer: IncomingMessage): void {
    clearTimeout(this.#late);
    const status = answer.statusCode ?? 0;
    // Node writes no status outside 100 to 999.
    if (status < 200) return void this.#broke('malformed', undefined);
    this.#response.writeHead(status, this.#observer.head(status, answer.rawHeaders));
    this.#state = 'streaming';
    answer.on('aborted', () => this.#broke('aborted', undefined));
    answer.on('end', () => this.#complete(answer));
    answer.pipe(this.#response, { end: false });
  }

  #complete(answer: IncomingMessage): void {
    if (!answer.complete) return void this.#broke('aborted', undefined);
    this.#over();
    const trailers = this.#observer.trailers(answer.rawTrailers);
    if (trailers.length > 0) this.#response.addTrailers(pairsOf(trailers));
    this.#response.end();
    this.#observer.ended('complete');
  }

  #broke(kind: ExchangeFailure['kind'], cause: unknown): void {
    if (this.#state === 'over') return;
    const wasWaiting = this.#state === 'waiting';
    this.#over();
    if (wasWaiting) {
      const [bodyReplayable, responseStarted] = [this.#bodyUntouched, this.#responseStarted];
      this.#observer.failed({ kind, bodyReplayable, responseStarted, cause });
    } else {
      if (kind === 'client-aborted' || this.#observer.truncated?.() !== true) this.#response.destroy();
      this.#observer.ended(kind === 'client-aborted' ? 'client-aborted' : 'target-aborted');
    }
  }

  #over(): void {
    this.#state = 'over';
    clearTimeout(this.#late);
    this.#response.off('close', this.#clientClosed);
    this.#outgoing.destroy();
    this.#connection.stream.destroy();
  }
}

/** What became of an upgrade. */
export interface UpgradeObserver {
  /** The backend agreed; gives the flat headers of the 101 that the client gets. */
  switched(headers: string[]): string[];
  /** The two connections are one. */
  joined(open: OpenUpgrade): void;
  /** The backend answered something else: it is relayed by the caller as an ordinary answer. */
  refused(status: number, fields: readonly string[], body: Readable): void;
  failed(failure: ExchangeFailure): void;
  /** Both directions are over. */
  ended(): void;
}

/** A WebSocket that is open, or what else an upgrade came to. */
export interface OpenUpgrade {
  /** Closes an open WebSocket with the status "going away", at both ends; `mask` is 4 random bytes. */
  goAway(mask: Uint8Array): void;
}

/** Passes a WebSocket handshake (RFC 6455 section 4), or one to another protocol, on and, when it is accepted, splices the two streams. */
export function relayUpgrade(
  connection: OwnConnection,
  request: OutgoingRequest,
  client: HttpUpgrade,
  observer: UpgradeObserver,
): void {
  const asked = client.request.headers.upgrade ?? client.protocol;
  const outgoing = open(connection, request, ['Connection', 'Upgrade', 'Upgrade', asked]);
  new UpgradeRelay(connection, outgoing, { client, observer });
}

/** An upgrade under way, of which nothing is held on to once the streams are joined. */
class UpgradeRelay {
  #waiting: { readonly outgoing: ClientRequest; readonly stream: Duplex; readonly late: NodeJS.Timeout } | undefined;
  #parties: { readonly client: HttpUpgrade; readonly observer: UpgradeObserver } | undefined;
  #responseStarted = false;

  constructor(
    { stream, headersTimeoutMs }: OwnConnection,
    outgoing: ClientRequest,
    parties: { readonly client: HttpUpgrade; readonly observer: UpgradeObserver },
  ) {
    const late = setTimeout(() => this.#broke('timed-out', undefined), headersTimeoutMs);
    this.#waiting = { outgoing, stream, late };
    this.#parties = parties;
    onFirstByte(outgoing, () => {
      this.#responseStarted = true;
    });
    parties.client.stream.once('close', this.#clientClosed);
    outgoing.on('error', (error) => this.#broke(errorKind(error), error));
    outgoing.on('response', (answer) => this.#refused(answer));
    outgoing.on('upgrade', (answer, opened, head) => this.#join(answer, opened, head));
    outgoing.end();
  }

  readonly #clientClosed = (): void => this.#broke('client-aborted', undefined);

  #join(answer: IncomingMessage, stream: Duplex, head: Buffer): void {
    const protocol = this.#parties?.client.protocol;
    const isWebSocket = protocol === 'websocket';
    // Whoever switches to another protocol than was asked for may take what comes for requests.
    if (!isWebSocket && answer.headers.upgrade?.toLowerCase() !== protocol) {
      stream.destroy();
      this.#broke('malformed', undefined);
      return;
    }
    const parties = this.#settle();
    if (!parties) return void stream.destroy();
    const { client, observer } = parties;
    client.accept(observer.switched(answer.rawHeaders));
    const Splice = isWebSocket ? WebSocketSplice : OpaqueSplice;
    observer.joined(new Splice({ client, server: { stream, head } }, endOf(observer)));
  }

  #refused(answer: IncomingMessage): void {
    const status = answer.statusCode ?? 0;
    if (status < 200) this.#broke('malformed', undefined);
    else this.#settle()?.observer.refused(status, answer.rawHeaders, answer);
  }

  #broke(kind: ExchangeFailure['kind'], cause: unknown): void {
    const waiting = this.#waiting;
    const parties = this.#settle();
    if (!waiting || !parties) return;
    waiting.outgoing.destroy();
    waiting.stream.destroy();
    parties.observer.failed({ kind, bodyReplayable: true, responseStarted: this.#responseStarted, cause });
  }

  /** Gives those whom it concerns, once. */
  #settle() {
    const parties = this.#parties;
    clearTimeout(this.#waiting?.late);
    parties?.client.stream.off('close', this.#clientClosed);
    this.#parties = undefined;
    this.#waiting = undefined;
    return parties;
  }
}

/** On its own, so that it holds on to nothing else. */
function endOf(observer: UpgradeObserver): () => void {
  return () => observer.ended();
}

function open(connection: OwnConnection, request: OutgoingRequest, added: readonly string[]): ClientRequest {
  return httpRequest({
    method: request.method,
    path: request.path,
    headers: [...request.headers, ...added],
    setHost: false,
    createConnection: () => connection.stream as never,
  });
}

/** Node's client listens for data when it has the socket; so this does not start the flow before. */
function onFirstByte(outgoing: ClientRequest, came: () => void): void {
  outgoing.once('socket', (socket) => socket.once('data', came));
}

function framing(request: OutgoingRequest): string[] {
  const hasLength = request.incoming.headers['content-length'] !== undefined;
  return hasLength ? [] : ['Transfer-Encoding', 'chunked'];
}

function streamBody(
  { incoming, trailers, takes }: OutgoingRequest,
  outgoing: ClientRequest,
  aborted: (cause?: unknown) => void,
): void {
  incoming.on('aborted', () => aborted());
  incoming.on('error', aborted);
  if (takes)
    incoming.on('data', (chunk: Buffer) => {
      if (!takes(chunk.length, chunk)) aborted(new BodyRefused('the body is too long'));
    });
  incoming.on('end', () => {
    const passed = trailers?.(incoming.rawTrailers) ?? incoming.rawTrailers;
    if (passed.length > 0) outgoing.addTrailers(pairsOf(passed));
    outgoing.end();
  });
  incoming.pipe(outgoing, { end: false });
}

function errorKind(error: Error & { code?: string }): ExchangeFailure['kind'] {
  return error.code?.startsWith('HPE_') ? 'malformed' : 'aborted';
}
