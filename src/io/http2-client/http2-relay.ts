import { type ClientHttp2Stream, constants } from 'node:http2';
import { fieldValue } from '../../core/routing/index.ts';
import type { HttpResponse } from '../http/message.ts';
import {
  ConnectTooSlow,
  type ExchangeFailure,
  type ExchangeObserver,
  expectsContinue,
  type OutgoingRequest,
  pairsOf,
  passInterim,
  type RelayHandle,
  WayLost,
} from '../http-exchange.ts';
import { clientCertificateRefusal } from '../secure-stream.ts';
import { cancelStream } from './cancel-stream.ts';
import type { Http2Connection } from './connection.ts';
import { plainFields, requestFields, trailerFields } from './fields.ts';
import { RequestPump } from './request-pump.ts';
import type { Waiting } from './reservation.ts';

/** One exchange over a stream of an HTTP/2 connection. */
export class Http2Relay implements RelayHandle, Waiting {
  readonly #request: OutgoingRequest;
  readonly #response: HttpResponse;
  readonly #observer: ExchangeObserver;
  #state: 'queued' | 'waiting' | 'streaming' | 'over' = 'queued';
  #connection: Http2Connection | undefined;
  #stream: ClientHttp2Stream | undefined;
  #pump: RequestPump | undefined;
  #isRequestSent = false;
  #responseStarted = false;
  #trailers: string[] = [];
  #late: NodeJS.Timeout | undefined;
  #headersTimeoutMs = 0;
  /** Why it was given up by us. */
  #givenUp: { readonly kind: ExchangeFailure['kind']; readonly cause: unknown } | undefined;

  constructor(request: OutgoingRequest, response: HttpResponse, observer: ExchangeObserver) {
    this.#request = request;
    this.#response = response;
    this.#observer = observer;
    response.on('close', this.#clientClosed);
  }

  readonly #clientClosed = (): void => this.#giveUp('client-aborted', undefined);

  /** Whether it still waits for a connection. */
  get isQueued(): boolean {
    return this.#state === 'queued';
  }

  expectConnection(timeoutMs: number): void {
    if (this.#state !== 'queued') return;
    this.#late = setTimeout(() => this.unsent(new ConnectTooSlow('no connection in time')), timeoutMs);
  }

  abandon(): void {
    if (this.#state === 'waiting' && !this.#responseStarted) this.#giveUp('aborted', new WayLost('the way is lost'));
    else this.abandonUnsent();
  }

  abandonUnsent(): void {
    if (this.#state === 'queued') this.unsent(new ConnectTooSlow('the way is lost'));
  }

  cancel(): void {
    this.#giveUp('timed-out', undefined);
  }

  /** No connection came for it: nobody saw anything of the request. */
  unsent(cause: unknown): void {
    if (this.#state === 'queued') this.#fail('connect', cause);
  }

  /** Sends the request over a connection that has room. */
  begin(connection: Http2Connection, scheme: 'http' | 'https', headersTimeoutMs: number): void {
    if (this.#state !== 'queued') return;
    clearTimeout(this.#late);
    this.#state = 'waiting';
    this.#connection = connection;
    this.#headersTimeoutMs = this.#request.headersTimeoutMs ?? headersTimeoutMs;
    const { hasBody, body } = this.#request;
    const isStreamed = hasBody && body === undefined;
    let stream: ClientHttp2Stream;
    try {
      const fields = requestFields(this.#request, scheme);
      stream = connection.begin(fields, { endStream: !hasBody, waitForTrailers: isStreamed });
    } catch (error) {
      this.#fail(isOfConnection(error) ? 'unprocessed' : 'malformed', error);
      return;
    }
    this.#stream = stream;
    this.#observer.sent?.();
    this.#listen(stream);
    if (!hasBody) this.#sent();
    else if (body !== undefined) {
      stream.end(body);
      this.#sent();
    } else if (!expectsContinue(this.#request)) this.#sendBody(stream);
    else this.#sentIsEnough();
  }

  #listen(stream: ClientHttp2Stream): void {
    stream.on('continue', () => {
      if (this.#state !== 'waiting') return;
      if (expectsContinue(this.#request)) this.#response.writeContinue();
      this.#sendBody(stream);
    });
    stream.on('headers', (headers, _flags, raw?: string[]) => {
      this.#responseStarted = true;
      if (this.#state === 'waiting')
        passInterim(Number(headers[':status']), plainFields(raw ?? []), this.#request, this.#response, this.#observer);
    });
    stream.on('response', (headers, flags, raw?: string[]) =>
      this.#head(Number(headers[':status']), raw ?? [], (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0),
    );
    stream.on('trailers', (_headers, _flags, raw?: string[]) => {
      this.#trailers = plainFields(raw ?? []);
    });
    stream.on('end', () => this.#ended(stream));
    stream.on('error', (error) => this.#broke(error));
    stream.on('close', () => this.#broke(undefined));
  }

  #head(status: number, raw: readonly string[], isWhole: boolean): void {
    if (this.#state !== 'waiting') return;
    clearTimeout(this.#late);
    this.#responseStarted = true;
    this.#pump?.forget();
    const fields = plainFields(raw);
    // A head that ends the stream is passed on as one: gRPC's answers of trailers alone mean nothing else.
    if (isWhole && mayHaveBody(this.#request.method, status, fields)) fields.push('content-length', '0');
    this.#response.writeHead(status, this.#observer.head(status, fields));
    this.#state = 'streaming';
    // Not before: Node tells of a head a turn later than it hands out data that came in the same packet.
    this.#stream?.on('data', this.#data);
  }

  readonly #data = (chunk: Buffer): void => {
    if (this.#state !== 'streaming' || this.#observer.data?.(chunk) === false) return;
    if (this.#response.write(chunk)) return;
    const stream = this.#stream;
    stream?.pause();
    this.#response.once('drain', () => stream?.resume());
  };

  /** Node ends a stream that was reset as it ends a whole one; only the code tells them apart. */
  #ended(stream: ClientHttp2Stream): void {
    if (this.#state !== 'streaming' || (stream.rstCode ?? 0) !== 0) return;
    this.#over();
    const trailers = this.#trailers.length > 0 ? this.#observer.trailers(this.#trailers) : [];
    if (trailers.length > 0) this.#response.addTrailers(pairsOf(trailers));
    this.#response.end();
    // What is left of the request nobody wants any more (RFC 9113 section 8.1).
    if (!this.#isRequestSent) cancelStream(stream);
    this.#observer.ended('complete');
  }

  #sendBody(stream: ClientHttp2Stream): void {
    if (this.#pump) return;
    const { incoming, trailers } = this.#request;
    this.#pump = new RequestPump(this.#request, stream, {
      ended: () => this.#sent(),
      aborted: (cause) => this.#giveUp('client-aborted', cause),
    });
    stream.on('wantTrailers', () => {
      const passed = trailers?.(incoming.rawTrailers) ?? incoming.rawTrailers;
      try {
        stream.sendTrailers(trailerFields(passed));
      } catch (error) {
        this.#giveUp('client-aborted', error);
      }
    });
  }

  #sent(): void {
    this.#isRequestSent = true;
    this.#sentIsEnough();
  }

  /** From here on the target has to say something. */
  #sentIsEnough(): void {
    clearTimeout(this.#late);
    if (this.#state !== 'waiting' || this.#headersTimeoutMs === 0) return;
    this.#late = setTimeout(() => this.#giveUp('timed-out', undefined), this.#headersTimeoutMs);
  }

  #giveUp(kind: ExchangeFailure['kind'], cause: unknown): void {
    if (this.#state === 'over') return;
    this.#givenUp ??= { kind, cause };
    this.#broke(undefined);
  }

  #broke(error: (Error & { code?: string }) | undefined): void {
    if (this.#state === 'over') return;
    const stream = this.#stream;
    if (this.#state !== 'streaming') {
      const { kind, cause } = this.#givenUp ?? this.#whatBroke(error);
      this.#fail(kind, cause);
    } else {
      this.#over();
      const isClient = this.#givenUp?.kind === 'client-aborted' || this.#response.destroyed;
      // Ending the answer would make a part of it look like the whole.
      if (!isClient && this.#observer.truncated?.() !== true) this.#response.destroy();
      this.#observer.ended(isClient ? 'client-aborted' : 'target-aborted');
    }
    if (stream) cancelStream(stream);
  }

  #whatBroke(error: (Error & { code?: string }) | undefined): { kind: ExchangeFailure['kind']; cause: unknown } {
    const stream = this.#stream;
    const cause = this.#connection?.failure ?? error;
    const refusal = clientCertificateRefusal(cause);
    if (refusal) return { kind: 'connect', cause: refusal };
    const isRefused = stream?.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    if (isRefused || this.#connection?.wasPassedBy(stream?.id)) return { kind: 'unprocessed', cause };
    const code = (cause as { code?: string } | undefined)?.code;
    return { kind: code === 'ERR_HTTP2_ERROR' ? 'malformed' : 'aborted', cause };
  }

  #fail(kind: ExchangeFailure['kind'], cause: unknown): void {
    const taken = this.#pump?.takeBack();
    this.#pump = undefined;
    this.#over();
    const [bodyReplayable, responseStarted] = [taken?.kind !== 'lost', this.#responseStarted];
    const body = taken?.kind === 'whole' ? { body: taken.body } : {};
    this.#observer.failed({ kind, bodyReplayable, responseStarted, cause, ...body });
  }

  #over(): void {
    this.#state = 'over';
    this.#pump?.stop();
    clearTimeout(this.#late);
    this.#response.off('close', this.#clientClosed);
  }
}

/** Whether no stream could be begun because of the connection: it is over, or has had all its streams. */
function isOfConnection(error: unknown): boolean {
  const { code } = error as { code?: string };
  return /^ERR_HTTP2_(?:INVALID_SESSION|GOAWAY_SESSION|OUT_OF_STREAMS)$/.test(code ?? '');
}

function mayHaveBody(method: string, status: number, fields: readonly string[]): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304 && fieldValue(fields, 'content-length') === undefined;
}
