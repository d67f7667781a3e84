import { fieldValue, rewriteRequestFields, rewriteResponseFields } from '../core/routing/index.ts';
import type { HttpRequest, HttpResponse } from '../io/http/message.ts';
import { answerProblem, closeOverBody } from './answers.ts';
import { passedTrailers } from './backend-request.ts';
import type { ControlCalls } from './control-calls.ts';
import type { Counters } from './counters.ts';
import type { AtPortal } from './portal-visit.ts';

/** Passes what is control's on the portal's host to control, with the client's address and the link's secret. */
export class ControlRelay {
  readonly #control: ControlCalls;
  readonly #counters: Counters;

  constructor(control: ControlCalls, counters: Counters) {
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
    client.upstream.relay(outgoing, response, {
      head: (status, raw) => closeOverBody(request, status, rewriteResponseFields(raw, () => false).fields),
      trailers: passedTrailers,
      failed: (failure) => {
        if (failure.kind !== 'client-aborted') this.#refuse(at, request, response, failure.kind);
      },
      ended: (how) => this.#counters.add('exchanges', `control-${how}`),
    });
  }

  #refuse(at: AtPortal, request: HttpRequest, response: HttpResponse, reason: string): void {
    this.#counters.add('problems', 'control-unreachable');
    const { requestId, host } = at.context;
    answerProblem(request, response, { problem: 'control-unreachable', reason: `control-${reason}`, requestId, host });
  }
}

function withoutExpect(fields: readonly string[]): string[] {
  return fields.filter((_, i) => (fields[i - (i % 2)] as string).toLowerCase() !== 'expect');
}
