import { fieldValue, rewriteRequestFields, rewriteResponseFields } from '../core/routing/index.ts';
import type { HttpRequest, HttpResponse } from '../io/http/message.ts';
import { answerProblem, closeOverBody } from './answers.ts';
import { passedTrailers } from './backend-request.ts';
import type { ControlCalls } from './control-calls.ts';
import type { Counters } from './counters.ts';
import { EventStreamAnswer } from './event-stream-answer.ts';
import type { LiveExchange, LiveExchanges } from './live-exchanges.ts';
import type { AtPortal } from './portal-visit.ts';

/** Passes what is control's on the portal's host to control, with the client's address and the link's secret. */
export class ControlRelay {
  readonly #control: ControlCalls;
  readonly #counters: Counters;
  readonly #live: LiveExchanges;

  constructor(control: ControlCalls, counters: Counters, live: LiveExchanges) {
    this.#live = live;
    this.#control = control;
    this.#counters = counters;
  }

  request(at: AtPortal, request: HttpRequest, response: HttpResponse, expectsContinue: boolean): void {
    const { client, authentication } = this.#control;
    if (!client) return void this.#refuse(at, request, response, 'no-link');
    // Control's answers do not depend on the body alone, so there is nothing to wait for.
    if (expectsContinue) response.writeContinue();
    const { context } = at;
    const { rawHeaders } = request;
    const { fields } = rewriteRequestFields(rawHeaders, {
      host: at.view.authorityOf(context.host),
      // The portal's cookie is what control knows the person by.
      cookie: fieldValue(rawHeaders, 'cookie', '; '),
      append: [
        ['x-manis-link', authentication],
        ['x-manis-client-address', context.clientAddressText],
        ['x-manis-request-id', context.requestId],
      ],
    });
    const hasBody =
      fieldValue(rawHeaders, 'transfer-encoding') !== undefined ||
      (fieldValue(rawHeaders, 'content-length') ?? '0') !== '0';
    const headers = withoutExpect(fields);
    const outgoing = {
      method: context.method,
      path: context.target.path + context.target.query,
      headers,
      incoming: request,
      hasBody,
    };
    const events = new PassedEvents(this.#live, response);
    client.upstream.relay(outgoing, response, {
      head(status, raw) {
        events.begin(raw);
        return closeOverBody(request, status, rewriteResponseFields(raw, () => false).fields);
      },
      data: (chunk) => events.pass(chunk),
      trailers: passedTrailers,
      failed: (failure) => {
        if (failure.kind !== 'client-aborted') this.#refuse(at, request, response, failure.kind);
      },
      ended: (how) => {
        events.over();
        this.#counters.add('exchanges', `control-${how}`);
      },
    });
  }

  #refuse(at: AtPortal, request: HttpRequest, response: HttpResponse, reason: string): void {
    this.#counters.add('problems', 'control-unreachable');
    const { requestId, host } = at.context;
    answerProblem(request, response, { problem: 'control-unreachable', reason: `control-${reason}`, requestId, host });
  }
}

/** An answer of control that never ends by itself: where the PoP stops, it is ended in good order, and the page comes back. */
class PassedEvents implements LiveExchange {
  readonly resourceId = '';
  readonly subjectId = undefined;
  readonly through = undefined;
  readonly #live: LiveExchanges;
  readonly #response: HttpResponse;
  #events: EventStreamAnswer | undefined;

  constructor(live: LiveExchanges, response: HttpResponse) {
    this.#live = live;
    this.#response = response;
  }

  begin(headers: readonly string[]): void {
    this.#events = EventStreamAnswer.of(headers, this.#response);
    if (this.#events) this.#live.add(this);
  }

  pass(chunk: Buffer): boolean {
    return this.#events?.pass(chunk) ?? true;
  }

  over(): void {
    if (this.#events) this.#live.remove(this);
  }

  /** Control judges that. */
  stillAdmitted(): boolean {
    return true;
  }

  cut(): void {
    this.#response.destroy();
  }

  goAway(): void {
    this.#events?.end();
  }
}

function withoutExpect(fields: readonly string[]): string[] {
  return fields.filter((_, i) => (fields[i - (i % 2)] as string).toLowerCase() !== 'expect');
}
