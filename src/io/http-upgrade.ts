import { type ClientRequest, request as httpRequest, type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import type { ExchangeFailure, ExchangeObserver, OutgoingRequest } from './http-client.ts';

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
  response: ServerResponse,
  observer: ExchangeObserver,
): void {
  const outgoing = open(
    connection,
    request,
    request.hasBody ? ['Connection', 'close', ...framing(request)] : ['Connection', 'close'],
  );
  let state: 'waiting' | 'streaming' | 'over' = 'waiting';
  let bodyUntouched = true;
  const over = (): void => {
    state = 'over';
    clearTimeout(late);
    response.off('close', clientClosed);
    if (!outgoing.destroyed) outgoing.destroy();
    connection.stream.destroy();
  };
  const broke = (kind: ExchangeFailure['kind'], cause: unknown): void => {
    if (state === 'over') return;
    const wasWaiting = state === 'waiting';
    over();
    if (wasWaiting) observer.failed({ kind, bodyUntouched, cause });
    else {
      response.destroy();
      observer.ended(kind === 'client-aborted' ? 'client-aborted' : 'target-aborted');
    }
  };
  const clientClosed = (): void => broke('client-aborted', undefined);
  const late = setTimeout(() => broke('timed-out', undefined), connection.headersTimeoutMs);
  response.on('close', clientClosed);
  const sendBody = (): void => {
    if (!bodyUntouched) return;
    bodyUntouched = false;
    streamBody(request, outgoing, () => broke('client-aborted', undefined));
  };
  outgoing.on('continue', () => {
    response.writeContinue();
    sendBody();
  });
  outgoing.on('error', (error) => broke(errorKind(error), error));
  outgoing.on('response', (answer) => {
    clearTimeout(late);
    response.writeHead(answer.statusCode ?? 502, observer.head(answer.statusCode ?? 502, answer.rawHeaders));
    state = 'streaming';
    answer.on('aborted', () => broke('aborted', undefined));
    answer.on('end', () => {
      if (!answer.complete) return broke('aborted', undefined);
      over();
      const trailers = observer.trailers(answer.rawTrailers);
      if (trailers.length > 0) response.addTrailers(pairsOf(trailers));
      response.end();
      observer.ended('complete');
    });
    answer.pipe(response, { end: false });
  });
  outgoing.flushHeaders();
  if (!request.hasBody) outgoing.end();
  else if (!expects(request)) sendBody();
}

/** What became of an upgrade. */
export interface UpgradeObserver {
  /** The backend agreed; gives the flat headers of the 101 that the client gets. */
  switched(headers: string[]): string[];
  /** The backend answered something else: it is relayed by the caller as an ordinary answer. */
  refused(answer: IncomingMessage): void;
  failed(failure: ExchangeFailure): void;
  /** Both directions are over. */
  ended(): void;
}

/** Passes a WebSocket handshake (RFC 6455 section 4) on and, when it is accepted, splices the two streams. */
export function relayUpgrade(
  connection: OwnConnection,
  request: OutgoingRequest,
  client: { readonly socket: Duplex; readonly head: Buffer },
  observer: UpgradeObserver,
): void {
  const outgoing = open(connection, request, ['Connection', 'Upgrade', 'Upgrade', 'websocket']);
  let waiting = true;
  const settle = (): boolean => {
    if (!waiting) return false;
    waiting = false;
    clearTimeout(late);
    client.socket.off('close', clientClosed);
    return true;
  };
  const broke = (kind: ExchangeFailure['kind'], cause: unknown): void => {
    if (!settle()) return;
    outgoing.destroy();
    connection.stream.destroy();
    observer.failed({ kind, bodyUntouched: true, cause });
  };
  const clientClosed = (): void => broke('client-aborted', undefined);
  const late = setTimeout(() => broke('timed-out', undefined), connection.headersTimeoutMs);
  client.socket.once('close', clientClosed);
  outgoing.on('error', (error) => broke(errorKind(error), error));
  outgoing.on('response', (answer) => {
    if (settle()) observer.refused(answer);
  });
  outgoing.on('upgrade', (answer, stream, head) => {
    if (!settle()) return void stream.destroy();
    client.socket.write(switchingHead(observer.switched(answer.rawHeaders)));
    if (head.length > 0) client.socket.write(head);
    if (client.head.length > 0) stream.write(client.head);
    splice(client.socket, stream, () => observer.ended());
  });
  outgoing.end();
}

/** A response on the connection of an upgrade request that is not granted; the connection closes after it. */
export function responseInsteadOfUpgrade(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => socket.end());
  return response;
}

/** Joins two streams both ways with backpressure; a half-closed side half-closes the other, a broken one breaks it. */
function splice(a: Duplex, b: Duplex, ended: () => void): void {
  let open = 2;
  const oneOver = (error?: Error | null): void => {
    if (error) {
      a.destroy();
      b.destroy();
    }
    if (--open === 0) ended();
  };
  pipeline(a, b, oneOver);
  pipeline(b, a, oneOver);
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

function framing(request: OutgoingRequest): string[] {
  const hasLength = request.incoming.headers['content-length'] !== undefined;
  return hasLength ? [] : ['Transfer-Encoding', 'chunked'];
}

function expects(request: OutgoingRequest): boolean {
  for (let i = 0; i < request.headers.length; i += 2) if (request.headers[i]?.toLowerCase() === 'expect') return true;
  return false;
}

function streamBody({ incoming, trailers }: OutgoingRequest, outgoing: ClientRequest, aborted: () => void): void {
  incoming.on('aborted', aborted);
  incoming.on('error', aborted);
  incoming.on('end', () => {
    const passed = trailers?.(incoming.rawTrailers) ?? incoming.rawTrailers;
    if (passed.length > 0) outgoing.addTrailers(pairsOf(passed));
    outgoing.end();
  });
  incoming.pipe(outgoing, { end: false });
}

function switchingHead(headers: readonly string[]): string {
  let head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${head}\r\n`;
}

function errorKind(error: Error & { code?: string }): ExchangeFailure['kind'] {
  return error.code?.startsWith('HPE_') ? 'malformed' : 'aborted';
}

function pairsOf(flat: readonly string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) result.push([flat[i] as string, flat[i + 1] as string]);
  return result;
}
