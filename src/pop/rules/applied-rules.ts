import type { CompiledAction, CompiledHttp, Variable } from '../../core/http-rules/index.ts';
import type { AdmittedRequest, RequestRules } from '../serving.ts';
import { withCors } from './cors.ts';
import { requestVariable } from './request-variables.ts';

type Forward = CompiledAction & { readonly kind: 'forward' };

/** The settings of a resource, applied to one request and its answer. */
export class AppliedRules implements RequestRules {
  readonly http: CompiledHttp;
  readonly target: string;
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

  get bodyBytes(): number | undefined {
    return this.http.settings.limits?.bodyBytes;
  }

  get answerMs(): number | undefined {
    return this.http.settings.limits?.answerMs;
  }
}
