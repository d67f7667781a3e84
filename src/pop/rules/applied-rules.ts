import type { CompiledAction, CompiledHttp, Variable } from '../../core/http-rules/index.ts';
import type { HttpResponse } from '../../io/http/message.ts';
import type { AdmittedRequest, AnswerWatcher, RequestRules } from '../serving.ts';
import { withCors } from './cors.ts';
import type { KeptExchange } from './kept-exchange.ts';

type Forward = CompiledAction & { readonly kind: 'forward' };

export interface Applied {
  readonly http: CompiledHttp;
  readonly admitted: AdmittedRequest;
  /** Path and query for the backend. */
  readonly target: string;
  readonly route: Forward | undefined;
  readonly kept: KeptExchange | undefined;
  readonly look: (name: Variable) => string;
}

/** The settings of a resource, applied to one request and its answer. */
export class AppliedRules implements RequestRules {
  readonly target: string;
  readonly targets: ReadonlySet<string> | undefined;
  /** Its address among the public answers that are kept, where the resource has any kept. */
  readonly #kept: KeptExchange | undefined;
  readonly #http: CompiledHttp;
  readonly #admitted: AdmittedRequest;
  readonly #route: Forward | undefined;
  readonly #look: (name: Variable) => string;

  constructor({ http, admitted, target, route, kept, look }: Applied) {
    this.#http = http;
    this.target = target;
    this.targets = route?.targets;
    this.#kept = kept;
    this.#admitted = admitted;
    this.#route = route;
    this.#look = look;
  }

  /** The fields for the backend: after those of the resource those of the route. */
  requestFields(fields: string[]): string[] {
    const shared = this.#http.request?.apply(fields, this.#look) ?? fields;
    const own = this.#route?.request?.apply(shared, this.#look) ?? shared;
    return this.#kept?.requestFields(own) ?? own;
  }

  /** The backend's fields for the client: as above, then presets, and Manis's word on other origins where it has one. */
  responseFields(fields: string[]): string[] {
    const told = this.#kept ? [...fields, 'Cache-Status', this.#kept.status] : fields;
    const shared = this.#http.response?.apply(told, this.#look) ?? told;
    const own = this.#route?.response?.apply(shared, this.#look) ?? shared;
    const all = this.#http.preset?.apply(own, this.#look) ?? own;
    return this.#http.origins.size > 0 ? withCors(this.#admitted, this.#http, all) : all;
  }

  answer(admitted: AdmittedRequest, response: HttpResponse): HttpResponse | undefined {
    return this.#kept ? this.#kept.answer(admitted, response) : response;
  }

  answered(status: number, raw: readonly string[]): AnswerWatcher | undefined {
    return this.#kept?.answered(status, raw);
  }

  get bodyBytes(): number | undefined {
    return this.#http.settings.limits?.bodyBytes;
  }

  get answerMs(): number | undefined {
    return this.#http.settings.limits?.answerMs;
  }
}
