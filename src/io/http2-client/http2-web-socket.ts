import { type ClientHttp2Stream, constants } from 'node:http2';
import { fieldsWithout, fieldValue } from '../../core/routing/index.ts';
import type { HttpUpgrade } from '../http/message.ts';
import { webSocketAccept } from '../http/web-socket-accept.ts';
import type { ExchangeFailure, OutgoingRequest } from '../http-exchange.ts';
import type { UpgradeObserver } from '../http-upgrade.ts';
import { WebSocketSplice } from '../web-socket-splice.ts';
import { cancelStream } from './cancel-stream.ts';
import { plainFields, webSocketFields } from './fields.ts';
import type { ReservedStream } from './reservation.ts';

const NOTHING = Buffer.alloc(0);

/** Passes a WebSocket on over a stream of HTTP/2 (RFC 8441 section 5) and, when it is accepted, splices the two streams. */
export function relayWebSocket(
  reserved: ReservedStream,
  headersTimeoutMs: number,
  request: OutgoingRequest,
  client: HttpUpgrade,
  observer: UpgradeObserver,
): void {
  let stream: ClientHttp2Stream;
  try {
    const fields = webSocketFields(request, reserved.scheme);
    stream = reserved.connection.beginReserved(fields, { endStream: false, waitForTrailers: false });
  } catch (cause) {
    observer.failed({ kind: 'unprocessed', bodyReplayable: true, responseStarted: false, cause });
    return;
  }
  new WebSocketOpening(stream, headersTimeoutMs, { client, observer });
}

interface Parties {
  readonly client: HttpUpgrade;
  readonly observer: UpgradeObserver;
}

/** A WebSocket that is about to be, of which nothing is held on to once the streams are joined. */
class WebSocketOpening {
  readonly #stream: ClientHttp2Stream;
  readonly #late: NodeJS.Timeout;
  #parties: Parties | undefined;

  constructor(stream: ClientHttp2Stream, headersTimeoutMs: number, parties: Parties) {
    this.#stream = stream;
    this.#parties = parties;
    this.#late = setTimeout(() => this.#broke('timed-out', undefined), headersTimeoutMs);
    parties.client.stream.once('close', this.#clientClosed);
    stream.on('response', this.#answered).on('error', this.#failed).on('close', this.#closed);
  }

  readonly #clientClosed = (): void => this.#broke('client-aborted', undefined);
  readonly #failed = (error: Error): void => this.#broke(this.#kind, error);
  readonly #closed = (): void => this.#broke(this.#kind, undefined);

  readonly #answered = (
    headers: { readonly ':status'?: number },
    _flags: number,
    raw: readonly string[] = [],
  ): void => {
    const status = Number(headers[':status']);
    const parties = this.#settle();
    if (!parties) return;
    const { client, observer } = parties;
    const stream = this.#stream;
    const fields = plainFields(raw);
    if (status < 200 || status > 299) {
      observer.refused(status, fields, stream);
      return;
    }
    // HTTP/2 has no use for the key: that this target speaks WebSocket is said by its agreement to the protocol.
    const given = fieldsWithout(fields, (name) => name === 'sec-websocket-accept');
    const key = fieldValue(client.request.rawHeaders, 'sec-websocket-key') ?? '';
    client.accept(observer.switched([...given, 'Sec-WebSocket-Accept', webSocketAccept(key)]));
    const splice = new WebSocketSplice({ client, server: { stream, head: NOTHING } }, endOf(observer));
    observer.joined(splice);
  };

  get #kind(): ExchangeFailure['kind'] {
    return this.#stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ? 'unprocessed' : 'aborted';
  }

  #broke(kind: ExchangeFailure['kind'], cause: unknown): void {
    const parties = this.#settle();
    if (!parties) return;
    // Whatever else it says is of no interest.
    this.#stream.on('error', () => undefined);
    cancelStream(this.#stream);
    parties.observer.failed({ kind, bodyReplayable: true, responseStarted: false, cause });
  }

  /** Gives those whom it concerns, once. */
  #settle(): Parties | undefined {
    const parties = this.#parties;
    this.#parties = undefined;
    clearTimeout(this.#late);
    parties?.client.stream.off('close', this.#clientClosed);
    this.#stream.off('response', this.#answered).off('error', this.#failed).off('close', this.#closed);
    return parties;
  }
}

/** On its own, so that it holds on to nothing else. */
function endOf(observer: UpgradeObserver): () => void {
  return () => observer.ended();
}
