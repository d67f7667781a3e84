import { fieldValue } from '../core/routing/index.ts';
import { subjectId } from '../core/session/index.ts';
import type { HttpUpgrade } from '../io/http/message.ts';
import { type RelayedUpgrade, relayUpgrade } from '../io/http-upgrade.ts';
import { clientFields, outgoingRequest } from './backend-request.ts';
import { UPSTREAM_HEADERS_TIMEOUT_MS } from './constants.ts';
import type { ForwarderParts } from './forward.ts';
import type { LiveExchange } from './live-exchanges.ts';
import { type OpenWay, openWay } from './open-way.ts';
import type { AdmittedRequest, FailureAnswer } from './serving.ts';

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
    const way = await openWay(this.#parts, admitted, client, fail);
    if (way) this.#join(admitted, way, client, fail);
  }

  #join(
    admitted: AdmittedRequest,
    { tries, candidate, stream }: OpenWay,
    client: HttpUpgrade,
    fail: FailureAnswer,
  ): void {
    const { assertions, choice, counters, live, random } = this.#parts;
    const mark = choice.newMark(admitted, candidate);
    const { context, track } = admitted;
    track.sent(candidate);
    let relayed: RelayedUpgrade | undefined;
    const exchange: LiveExchange = {
      resourceId: admitted.resource.record.id,
      subjectId: admitted.signedIn && subjectId(admitted.signedIn.claims.subject),
      through: candidate.connector.overlayAddress,
      stillAdmitted: () => admitted.stillAdmitted(),
      cut: () => {
        counters.add('exchanges', 'cut');
        client.stream.destroy();
        stream.destroy();
      },
      goAway: () => relayed?.goAway(random.bytes(4)),
    };
    live.add(exchange);
    context.course.sent();
    const method = client.protocol === 'websocket' ? 'GET' : context.method;
    const outgoing = outgoingRequest(admitted, candidate.target, assertions, { method, hasBody: false });
    relayed = relayUpgrade({ stream, headersTimeoutMs: UPSTREAM_HEADERS_TIMEOUT_MS }, outgoing, client, {
      switched: (fields) => {
        context.course.answered();
        tries.ended('succeeded');
        counters.add('exchanges', 'upgraded');
        return clientFields(fields, admitted, mark);
      },
      refused: (answer) => {
        context.course.answered();
        const status = answer.statusCode ?? 502;
        tries.ended(status === 502 || status === 503 || status === 504 ? 'failed' : 'succeeded');
        live.remove(exchange);
        counters.add('exchanges', 'upgrade-refused');
        const response = client.refuse();
        response.writeHead(status, clientFields(answer.rawHeaders, admitted, mark));
        answer.on('error', () => response.destroy());
        response.on('close', () => answer.destroy());
        // Only who reads a socket learns that it has ended.
        client.stream.on('end', () => response.destroy()).resume();
        answer.pipe(response);
      },
      failed: (failure) => {
        live.remove(exchange);
        const problem = tries.lastFailure(failure);
        if (problem) fail(client.refuse(), problem, tries.reason ?? problem);
      },
      ended: () => {
        live.remove(exchange);
        counters.add('exchanges', 'upgrade-ended');
      },
    });
  }
}
