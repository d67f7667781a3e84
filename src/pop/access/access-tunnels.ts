import { fieldValue } from '../../core/routing/index.ts';
import { ACCESS_PATH, subjectId } from '../../core/session/index.ts';
import type { HttpUpgrade } from '../../io/http/message.ts';
import { webSocketAccept } from '../../io/http/web-socket-accept.ts';
import { join } from '../../io/overlay/join-streams.ts';
import { WebSocketBytes } from '../../io/web-socket-bytes.ts';
import type { ForwarderParts } from '../forward.ts';
import type { LiveExchange } from '../live-exchanges.ts';
import { openWay, streamOpener } from '../open-way.ts';
import type { AdmittedRequest, FailureAnswer } from '../serving.ts';
import type { Carried } from '../streams/stream-judge.ts';

/** Where the WebSockets of `manis access tcp` are opened. */
export const ACCESS_TUNNEL_PATH = `${ACCESS_PATH}/tcp`;

/** Carries the bytes of admitted WebSockets to targets that speak no HTTP, one connection each. */
export class AccessTunnels {
  readonly #parts: ForwarderParts;

  constructor(parts: ForwarderParts) {
    this.#parts = parts;
  }

  /** `ended` hears what went through, if anything was opened. */
  async carry(
    admitted: AdmittedRequest,
    client: HttpUpgrade,
    fail: FailureAnswer,
    ended: (carried: Carried) => void,
  ): Promise<void> {
    const accept = acceptOf(client);
    if (accept === undefined) return fail(client.refuse(), 'request-malformed', 'web-socket-malformed');
    const way = await openWay(this.#parts, streamOpener(this.#parts.upstreams), admitted, client, fail);
    if (!way) return;
    const { live, counters, clock, random } = this.#parts;
    const startedMs = clock.nowMs();
    way.tries.ended('succeeded');
    client.accept(['Sec-WebSocket-Accept', accept, ...admitted.setCookies.flatMap((each) => ['Set-Cookie', each])]);
    const { opened: target, candidate } = way;
    const bytes = new WebSocketBytes({ stream: client.stream, head: client.head, role: 'server', random });
    const cut = (): void => {
      counters.add('exchanges', 'cut');
      bytes.destroy();
      target.destroy();
    };
    const exchange: LiveExchange = {
      resourceId: admitted.resource.record.id,
      subjectId: admitted.signedIn && subjectId(admitted.signedIn.claims.subject),
      through: candidate.connector.overlayAddress,
      stillAdmitted: admitted.lasting(),
      cut,
      // What is within has no way to say that it is over: both ends see that it broke, and connect anew.
      goAway: cut,
    };
    live.add(exchange);
    counters.add('exchanges', 'access-opened');
    bytes.once('close', () => {
      live.remove(exchange);
      counters.add('exchanges', 'access-ended');
      const { received: bytesReceived, sent: bytesSent } = bytes.counts;
      ended({ bytesReceived, bytesSent, durationMs: Math.round(clock.nowMs() - startedMs) });
    });
    join(target, bytes);
  }
}

/** The answer to a handshake of RFC 6455; undefined where it is none. */
function acceptOf({ protocol, request }: HttpUpgrade): string | undefined {
  const key = fieldValue(request.rawHeaders, 'sec-websocket-key') ?? '';
  const version = fieldValue(request.rawHeaders, 'sec-websocket-version');
  if (protocol !== 'websocket' || version !== '13' || !/^[A-Za-z0-9+/]{22}==$/.test(key)) return undefined;
  return webSocketAccept(key);
}
