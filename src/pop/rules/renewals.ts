import { Places } from '../../core/budget/index.ts';
import { isSecretName } from '../../core/capture/index.ts';
import { NobodysRequest, NobodysResponse } from '../../io/http/nobodys-request.ts';
import type { Counters } from '../counters.ts';
import type { Forwarder } from '../forward.ts';
import { RequestTrack } from '../request-log/request-track.ts';
import type { AdmittedRequest, RequestRules } from '../serving.ts';
import { DEFAULT_KEPT_ANSWER_BYTES, RENEWAL_MS, RENEWALS_AT_ONCE } from './constants.ts';

/** An answer that is renewed, and who keeps it. */
export interface Renewal {
  /** The request that found it stale, and was answered with it. */
  readonly because: AdmittedRequest;
  /** The fields of requests that it was chosen by, flat. */
  readonly chosenBy: readonly string[];
  readonly rulesOf: (admitted: AdmittedRequest) => RequestRules;
  readonly over: () => void;
}

const NO_HIDDEN_NAMES: ReadonlySet<string> = new Set();

/**
 * Asks targets for news of public answers that are given stale meanwhile (RFC 5861 section 3), a few at once. It is done
 * because of a request that the policy let in without asking who it is, and on nobody's behalf: it carries no cookie, no
 * credential, no address and no assertion, and is cut as soon as that request would not be let in any more.
 */
export class Renewals {
  readonly #forwarder: Pick<Forwarder, 'forward'>;
  readonly #counters: Counters;
  readonly #places = new Places(RENEWALS_AT_ONCE);

  constructor(forwarder: Pick<Forwarder, 'forward'>, counters: Counters) {
    this.#forwarder = forwarder;
    this.#counters = counters;
  }

  /** False: it may not be, or there is no room, and whoever wants the answer asks the target. */
  begin({ because, chosenBy, rulesOf, over }: Renewal): boolean {
    if (!isAnybodys(because, chosenBy)) return false;
    const { record } = because.resource;
    const owner = because.view.organisationOf(record);
    const hasPlace = this.#places.isFor(owner);
    this.#counters.add('exchanges', hasPlace ? 'renewal' : 'renewal-no-room');
    if (!hasPlace) return false;
    this.#places.take(owner);
    const response = new NobodysResponse(record.http?.cache?.answerBytes ?? DEFAULT_KEPT_ANSWER_BYTES);
    const late = setTimeout(() => response.destroy(), RENEWAL_MS);
    response.once('close', () => {
      clearTimeout(late);
      this.#places.give(owner);
      over();
    });
    const admitted = nobodys(because, chosenBy);
    const ruled = { ...admitted, rules: rulesOf(admitted) };
    this.#forwarder.forward(ruled, response, { hasBody: false, alone: false }, () => {
      this.#counters.add('exchanges', 'renewal-failed');
      response.destroy();
    });
    return true;
  }
}

/** Whether the policy let it in whoever it is, and its answer was chosen by nothing that could be a credential. */
function isAnybodys({ signedIn, context }: AdmittedRequest, chosenBy: readonly string[]): boolean {
  if (signedIn !== undefined || context.clientCertificate !== undefined) return false;
  return !chosenBy.some((text, at) => at % 2 === 0 && isSecretName(text, NO_HIDDEN_NAMES));
}

function nobodys({ context, view, resource, decision, lasting }: AdmittedRequest, fields: readonly string[]) {
  const request = new NobodysRequest(context.request.url ?? '', ['Accept', '*/*', ...fields]);
  const stillAdmitted = lasting();
  return {
    ...{ context: context.ofNobody(request, context.course.caused()), view, resource, decision, request },
    ...{ signedIn: undefined, cookie: undefined, isOwnAuthorization: undefined, targetMark: undefined },
    ...{ setCookies: [], rules: undefined, track: new RequestTrack() },
    stillAdmitted,
    lasting: () => stillAdmitted,
  } satisfies AdmittedRequest;
}
