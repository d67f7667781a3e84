import type { Duplex } from 'node:stream';
import { fieldValue } from '../core/routing/index.ts';
import type { ExchangeFailure } from '../io/http-client.ts';
import { relayUpgrade, responseInsteadOfUpgrade } from '../io/http-upgrade.ts';
import { backendFields, clientFields } from './backend-request.ts';
import { UPSTREAM_HEADERS_TIMEOUT_MS } from './constants.ts';
import { type ForwarderParts, verdictOn } from './forward.ts';
import type { LiveExchange } from './live-exchanges.ts';
import type { AdmittedRequest, FailureAnswer } from './serving.ts';
import type { Candidate } from './target-choice.ts';

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

  async forward(
    admitted: AdmittedRequest,
    client: { socket: Duplex; head: Buffer },
    fail: FailureAnswer,
  ): Promise<void> {
    const { choice, upstreams } = this.#parts;
    let failure: ExchangeFailure = { kind: 'connect', bodyUntouched: true, cause: undefined };
    const candidates = choice.candidates(admitted.resource, admitted.view);
    for (const candidate of candidates) {
      try {
        const stream = await upstreams.open(candidate.target, candidate.connector);
        // Its close came while nobody listened and will not come again.
        if (client.socket.destroyed) return void stream.destroy();
        return this.#join(admitted, candidate, stream, client, fail);
      } catch (cause) {
        failure = { kind: 'connect', bodyUntouched: true, cause };
        this.#parts.counters.add('exchanges', `failed-${verdictOn(failure).tryFailure}`);
      }
    }
    const problem = candidates.length === 0 ? 'no-healthy-target' : verdictOn(failure).problem;
    fail(responseInsteadOfUpgrade(admitted.request, client.socket), problem, problem);
  }

  #join(
    admitted: AdmittedRequest,
    { target }: Candidate,
    stream: Duplex,
    client: { socket: Duplex; head: Buffer },
    fail: FailureAnswer,
  ): void {
    const { assertions, counters, live } = this.#parts;
    const { context, request } = admitted;
    const exchange: LiveExchange = {
      stillAdmitted: () => admitted.stillAdmitted(),
      cut: () => {
        counters.add('exchanges', 'cut');
        client.socket.destroy();
        stream.destroy();
      },
    };
    live.add(exchange);
    const headers = backendFields(admitted, target, assertions);
    const outgoing = {
      method: 'GET',
      path: context.target.path + context.target.query,
      headers,
      incoming: request,
      hasBody: false,
    };
    relayUpgrade({ stream, headersTimeoutMs: UPSTREAM_HEADERS_TIMEOUT_MS }, outgoing, client, {
      switched: (fields) => {
        counters.add('exchanges', 'upgraded');
        return clientFields(fields, admitted);
      },
      refused: (answer) => {
        live.remove(exchange);
        counters.add('exchanges', 'upgrade-refused');
        const response = responseInsteadOfUpgrade(request, client.socket);
        response.writeHead(answer.statusCode ?? 502, clientFields(answer.rawHeaders, admitted));
        answer.on('error', () => response.destroy());
        response.on('close', () => answer.destroy());
        // Only who reads a socket learns that it has ended.
        client.socket.on('end', () => response.destroy()).resume();
        answer.pipe(response);
      },
      failed: (failure) => {
        live.remove(exchange);
        const { problem, tryFailure } = verdictOn(failure);
        counters.add('exchanges', `failed-${tryFailure}`);
        if (tryFailure !== 'client-gone') fail(responseInsteadOfUpgrade(request, client.socket), problem, problem);
      },
      ended: () => {
        live.remove(exchange);
        counters.add('exchanges', 'upgrade-ended');
      },
    });
  }
}
