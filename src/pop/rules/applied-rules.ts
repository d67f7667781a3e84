import type { CompiledAction, CompiledHttp, Variable } from '../../core/http-rules/index.ts';
import type { AdmittedRequest } from '../serving.ts';
import { withCors } from './cors.ts';
import { requestVariable } from './request-variables.ts';

type Forward = CompiledAction & { readonly kind: 'forward' };

/** What a resource's settings make of one request that goes to a target. */
export class AppliedRules {
  readonly http: CompiledHttp;
  /** Path and query for the backend, normalised like every target. */
  readonly target: string;
  /** Ids of the targets that it may go to; undefined: any. */
  readonly targets: ReadonlySet<string> | undefined;
  readonly #admitted: AdmittedRequest;
  readonly #route: Forward | undefined;
  readonly #look: (name: Variable) => string;

  constructor(
    http: CompiledHttp,
    admitted: AdmittedRequest,
    target: string,
    route: Forward | undefined,
    popId: string,
  ) {
    this.http = http;
    this.target = target;
    this.targets = route?.targets;
    this.#admitted = admitted;
    this.#route = route;
    this.#look = (name) => requestVariable(admitted, popId, name);
  }

  /** The fields for the backend: after those of the resource those of the route. */
  requestFields(fields: string[]): string[] {
    const shared = this.http.request?.apply(fields, this.#look) ?? fields;
    return this.#route?.request?.apply(shared, this.#look) ?? shared;
  }

  /** The backend's fields for the client, without what Manis adds. The route's go first, as presets only fill gaps. */
  responseFields(fields: string[]): string[] {
    const own = this.#route?.response?.apply(fields, this.#look) ?? fields;
    const all = this.http.response?.apply(own, this.#look) ?? own;
    return this.http.origins.size > 0 ? withCors(this.#admitted, this.http, all) : all;
  }

  /** How many bytes of body a request may have. */
  get bodyBytes(): number | undefined {
    return this.http.settings.limits?.bodyBytes;
  }

  /** How long a target has to begin its answer. */
  get answerMs(): number | undefined {
    return this.http.settings.limits?.answerMs;
  }
}
