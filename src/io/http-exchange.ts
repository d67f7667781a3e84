import type { HttpRequest, HttpResponse } from './http/message.ts';
import { RequestBody } from './http-request-body.ts';
import { clientCertificateRefusal } from './secure-stream.ts';

/** A request as it goes to the backend: headers are final, flat (name, value, name, value...). */
export interface OutgoingRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: readonly string[];
  /** The client's request; its body is streamed on. */
  readonly incoming: HttpRequest;
  readonly hasBody: boolean;
  /** The whole body, where it was read already: it can be sent once more. */
  readonly body?: Uint8Array;
  /** The client's trailers, flat; gives those that are sent on. All of them when left out. */
  readonly trailers?: (trailers: string[]) => string[];
  /**
   * Sees each part of a body that is streamed, before it is sent; false: the request is given up. Without the part: so
   * many bytes, which are all there were, were taken back and come once more.
   */
  readonly takes?: (bytes: number, part?: Uint8Array) => boolean;
  /** From the end of the request to the answer's head, in place of the upstream's; 0: as long as it takes. */
  readonly headersTimeoutMs?: number;
}

/** Where an exchange with a backend broke, before anything of the answer was sent to the client. */
export interface ExchangeFailure {
  /**
   * `connect`: no connection, nothing was sent. `timed-out`: no answer in time. `aborted`: the connection ended.
   * `malformed`: the answer is not HTTP. `client-aborted`: the client went away or sent a broken body. `unprocessed`: the
   * backend said that it did nothing of the request.
   */
  readonly kind: 'connect' | 'timed-out' | 'aborted' | 'malformed' | 'client-aborted' | 'unprocessed';
  /** Whether all of the request can be sent once more: its body is at hand, or nothing of it was taken. */
  readonly bodyReplayable: boolean;
  /** Whether a byte of an answer came. */
  readonly responseStarted: boolean;
  readonly cause: unknown;
  /** The whole body, where it was read to its end: it is to be sent from here. */
  readonly body?: Uint8Array;
}

/** Looks on while an answer is relayed. Exactly one of `failed` and `ended` is called, once. */
export interface ExchangeObserver {
  /** A connection takes the request; nothing of it was sent before. */
  sent?(): void;
  /** The backend's final head, flat headers as received; gives the flat headers that the client gets. */
  head(status: number, headers: string[]): string[];
  /** An interim answer (RFC 9110 section 15.2), as `head`; undefined: the client does not get it. Left out: none. */
  interim?(status: number, headers: string[]): string[] | undefined;
  /** Sees each part of the body before it is sent. False: it is not, as the observer has ended the answer. */
  data?(chunk: Buffer): boolean;
  /** The flat trailers as received; gives those that the client gets. */
  trailers(trailers: string[]): string[];
  /** The answer broke after its head. True: the observer has ended it so that everybody sees that; else it is cut. */
  truncated?(): boolean;
  failed(failure: ExchangeFailure): void;
  /** The head had been sent. `target-aborted`: the client's connection was cut so that it sees a truncated answer. */
  ended(how: 'complete' | 'client-aborted' | 'target-aborted'): void;
}

/** An exchange that can be given up before anything of the answer came; it fails then. */
export interface RelayHandle {
  /** Fails an exchange that nothing came back of yet. */
  abandon(): void;
  /** Fails an exchange that still waits for its connection: nobody saw anything of it. */
  abandonUnsent(): void;
  /** Ends the exchange wherever it is: it took too long. */
  cancel(): void;
}

/** The cause of an exchange that was abandoned after it was sent. */
export class WayLost extends Error {
  override readonly name = 'WayLost';
}

/** An exchange was ended because its time was over. */
class TookTooLong extends Error {
  readonly code = 'UND_ERR_HEADERS_TIMEOUT';
}

/** No connection was to be had in time; the request was not sent. */
export class ConnectTooSlow extends Error {
  override readonly name = 'ConnectTooSlow';
}

/** Marks failures of `open`, whatever they are, so that they are not mistaken for failures of an exchange. */
export class ConnectError extends Error {
  readonly code = 'MANIS_CONNECT';

  constructor(cause: unknown) {
    super('no connection', { cause });
  }
}

/**
 * One exchange. It speaks undici's first handler interface: that one hands out raw header bytes, while the second
 * builds an object of them that a proxy has no use for.
 */
export class Relay implements RelayHandle {
  readonly body: RequestBody | Uint8Array | null;
  readonly #request: OutgoingRequest;
  readonly #response: HttpResponse;
  readonly #observer: ExchangeObserver;
  #abort: ((error?: Error) => void) | undefined;
  #resume: () => void = () => undefined;
  #state: 'waiting' | 'streaming' | 'over' = 'waiting';
  #responseStarted = false;
  #late: NodeJS.Timeout | undefined;

  constructor(request: OutgoingRequest, response: HttpResponse, observer: ExchangeObserver) {
    this.#request = request;
    this.#response = response;
    this.#observer = observer;
    this.body = request.hasBody ? (request.body ?? new RequestBody(request)) : null;
    response.on('close', this.#clientClosed);
  }

  readonly #clientClosed = (): void => {
    if (this.#state === 'over') return;
    if (this.#abort) this.#abort(new Error('the client went away'));
    else this.#fail('client-aborted', undefined);
  };

  /** A connection that was free has taken the request already; else it has to come in time. */
  expectConnection(timeoutMs: number): void {
    if (this.#abort || this.#state === 'over') return;
    this.#late = setTimeout(() => {
      this.#fail('connect', new ConnectTooSlow('no connection in time'));
    }, timeoutMs);
  }

  abandon(): void {
    if (this.#state !== 'waiting' || this.#responseStarted) return;
    if (this.#abort) this.#abort(new WayLost('the way is lost'));
    else this.abandonUnsent();
  }

  abandonUnsent(): void {
    if (this.#state === 'waiting' && !this.#abort) this.#fail('connect', new ConnectTooSlow('the way is lost'));
  }

  cancel(): void {
    if (this.#state === 'over') return;
    if (this.#abort) this.#abort(new TookTooLong('it took too long'));
    else this.#fail('timed-out', undefined);
  }

  /** Called right before the request is written: one that is over by now is aborted, and never sent. */
  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    clearTimeout(this.#late);
    if (this.#state === 'over') abort();
    else this.#observer.sent?.();
  }

  /** The first byte of an answer came. */
  onResponseStarted(): void {
    this.#responseStarted = true;
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    if (status < 200) {
      passInterim(status, latin1(rawHeaders), this.#request, this.#response, this.#observer);
      return true;
    }
    this.#resume = resume;
    const headers = this.#observer.head(status, latin1(rawHeaders));
    this.#response.writeHead(status, headers);
    this.#state = 'streaming';
    // A 304 has no body whatever its Content-Length says (RFC 9110 section 8.6); undici would wait for one.
    if (status === 304) this.onComplete(null);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#observer.data?.(chunk) === false) return true;
    if (this.#response.write(chunk)) return true;
    this.#response.once('drain', this.#resume);
    return false;
  }

  onComplete(rawTrailers: Buffer[] | null): void {
    if (this.#state === 'over') return;
    this.#over();
    if (rawTrailers && rawTrailers.length > 0) {
      const trailers = this.#observer.trailers(latin1(rawTrailers));
      if (trailers.length > 0) this.#response.addTrailers(pairsOf(trailers));
    }
    this.#response.end();
    this.#observer.ended('complete');
  }

  onError(error: Error): void {
    if (this.#state === 'over') return;
    const clientAborted = this.#response.destroyed || this.#request.incoming.errored !== null;
    if (this.#state === 'waiting') {
      const refusal = clientCertificateRefusal(error);
      if (clientAborted) this.#fail('client-aborted', error);
      else if (refusal) this.#fail('connect', refusal);
      else this.#fail(kindOf(error), error instanceof ConnectError ? error.cause : error);
      return;
    }
    this.#over();
    // Ending the answer would make a part of it look like the whole.
    if (clientAborted || this.#observer.truncated?.() !== true) this.#response.destroy();
    this.#observer.ended(clientAborted ? 'client-aborted' : 'target-aborted');
  }

  #fail(kind: ExchangeFailure['kind'], cause: unknown): void {
    this.#over();
    const bodyReplayable = !(this.body instanceof RequestBody && this.body.started);
    this.#observer.failed({ kind, bodyReplayable, responseStarted: this.#responseStarted, cause });
  }

  #over(): void {
    this.#state = 'over';
    clearTimeout(this.#late);
    this.#response.off('close', this.#clientClosed);
  }
}

/** What `toString('latin1')` comes down to; Node's types leave it out. */
type LatinBuffer = Buffer & { latin1Slice(): string };

function latin1(raw: readonly Buffer[]): string[] {
  const texts = new Array<string>(raw.length);
  for (let i = 0; i < raw.length; i++) texts[i] = (raw[i] as LatinBuffer).latin1Slice();
  return texts;
}

/** Flat fields two by two. */
export function pairsOf(flat: readonly string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) result.push([flat[i] as string, flat[i + 1] as string]);
  return result;
}

function kindOf(error: Error & { code?: string }): ExchangeFailure['kind'] {
  switch (error.code) {
    case 'MANIS_CONNECT':
      return 'connect';
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'timed-out';
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
      return 'aborted';
    default:
      return error.code?.startsWith('UND_ERR') || error.name === 'HTTPParserError' ? 'malformed' : 'aborted';
  }
}

/**
 * Passes an interim answer on. 100 is given by whoever reads the body and 101 by an upgrade; HTTP/1.0 knows none of them
 * (RFC 9110 section 15.2).
 */
export function passInterim(
  status: number,
  headers: string[],
  { incoming }: OutgoingRequest,
  response: HttpResponse,
  observer: ExchangeObserver,
): void {
  if (status <= 101 || response.destroyed || response.headersSent || incoming.httpVersion === '1.0') return;
  const passed = observer.interim?.(status, headers);
  if (passed) response.writeInformation(status, passed);
}

/** Whether the client waits for `100 Continue` before it sends the body. */
export function expectsContinue({ headers }: OutgoingRequest): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i]?.toLowerCase() === 'expect') return true;
  return false;
}
