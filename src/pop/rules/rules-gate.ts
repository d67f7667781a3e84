import type { Clock } from '../../base/index.ts';
import {
  type CompiledAction,
  type CompiledHttp,
  RateTable,
  type RedirectStatus,
  type Variable,
} from '../../core/http-rules/index.ts';
import { fieldValue } from '../../core/routing/index.ts';
import { subjectId } from '../../core/session/index.ts';
import { addressGroup } from '../../io/address-group.ts';
import { Encoders } from '../../io/encoders.ts';
import type { HttpResponse } from '../../io/http/message.ts';
import type { AtResource } from '../door.ts';
import type { Problem } from '../problems.ts';
import { isManisPath } from '../resource-endpoints.ts';
import type { AdmittedRequest } from '../serving.ts';
import { type Applied, AppliedRules } from './applied-rules.ts';
import { CompressingResponse } from './compressing-response.ts';
import { fieldsChosenBy, type KeptAnswer, KeptAnswers } from './kept-answers.ts';
import { KeptExchange } from './kept-exchange.ts';
import type { Renewals } from './renewals.ts';
import { requestVariable } from './request-variables.ts';

/** What tells that a request is over. */
export interface Ending {
  once(event: 'close', over: () => void): unknown;
}

/** A request that settings keep from a target. */
export interface RuleRefusal {
  readonly kind: 'refuse';
  readonly problem: Problem;
  readonly reason: string;
  readonly retryAfterMs?: number;
}

export type RuleVerdict =
  | RuleRefusal
  | { readonly kind: 'forward'; readonly rules: AppliedRules }
  | { readonly kind: 'redirect'; readonly location: string; readonly status: RedirectStatus }
  | {
      readonly kind: 'answer';
      readonly answer: (CompiledAction & { kind: 'answer' })['answer'];
      readonly fields: string[];
    };

/** What the settings of resources say of requests: before they are judged, and once they are admitted. */
export class RulesGate {
  readonly #clock: Clock;
  readonly #popId: string;
  readonly #renewals: Renewals;
  readonly #rates = new RateTable();
  readonly #encoders = new Encoders();
  readonly #kept = new KeptAnswers();
  /** Requests under way, by resource. */
  readonly #under = new Map<string, number>();

  constructor(clock: Clock, popId: string, renewals: Renewals) {
    this.#clock = clock;
    this.#popId = popId;
    this.#renewals = renewals;
  }

  /** What is cheap to see and the same for everybody, so that a flood costs no judging. */
  before({ context, resource }: AtResource, { settings: { limits } }: CompiledHttp): RuleRefusal | undefined {
    if (!limits) return undefined;
    const { uriBytes, headerBytes, perClient } = limits;
    if (uriBytes !== undefined && (context.request.url ?? '').length > uriBytes) return refuse('uri-too-long');
    if (headerBytes !== undefined && headLength(context.request.rawHeaders) > headerBytes)
      return refuse('headers-too-many', 'headers-too-large');
    if (!perClient) return undefined;
    const key = `${resource.record.id} ${addressGroup(context.clientAddressText)}`;
    return rateRefusal(this.#rates.take(key, perClient, this.#clock.nowMs()), 'client-rate');
  }

  /** What becomes of a request that the policy admits. `ending`: its close is the end of the request. */
  after(http: CompiledHttp, admitted: AdmittedRequest, ending: Ending): RuleVerdict {
    const { limits, maintenance } = http.settings;
    if (maintenance?.on && !this.#isBypassed(http, admitted))
      return refuse('maintenance', 'maintenance', maintenance.retryAfterMs);
    const refusal = limits && this.#beyond(limits, admitted, ending);
    return refusal ?? this.#routed(http, admitted);
  }

  /** The answer as the settings have it go out. */
  dressed({ settings }: CompiledHttp, { context, signedIn }: AdmittedRequest, response: HttpResponse): HttpResponse {
    const { compression } = settings;
    if (!compression) return response;
    return new CompressingResponse(response, {
      settings: compression,
      encoders: this.#encoders,
      method: context.method,
      rawHeaders: context.request.rawHeaders,
      isPersonal: signedIn !== undefined,
    });
  }

  #beyond(
    { bodyBytes, perUser, concurrent }: NonNullable<CompiledHttp['settings']['limits']>,
    { context, resource, signedIn }: AdmittedRequest,
    ending: Ending,
  ): RuleRefusal | undefined {
    const { id } = resource.record;
    const length = fieldValue(context.request.rawHeaders, 'content-length');
    if (bodyBytes !== undefined && length !== undefined && Number(length) > bodyBytes) return refuse('body-too-large');
    if (perUser && signedIn) {
      const key = `${id}  ${subjectId(signedIn.claims.subject)}`;
      const late = rateRefusal(this.#rates.take(key, perUser, this.#clock.nowMs()), 'user-rate');
      if (late) return late;
    }
    if (concurrent === undefined) return undefined;
    if (!this.#begun(id, concurrent)) return refuse('busy', 'concurrent-requests');
    ending.once('close', () => this.#ended(id));
    return undefined;
  }

  #begun(id: string, concurrent: number): boolean {
    const under = this.#under.get(id) ?? 0;
    if (under >= concurrent) return false;
    this.#under.set(id, under + 1);
    return true;
  }

  #ended(id: string): void {
    const under = (this.#under.get(id) ?? 1) - 1;
    if (under > 0) this.#under.set(id, under);
    else this.#under.delete(id);
  }

  #isBypassed({ settings, maintainers }: CompiledHttp, { context, signedIn }: AdmittedRequest): boolean {
    const roles = settings.maintenance?.bypass?.roles ?? [];
    if (signedIn?.subject.roles.some((role) => roles.includes(role))) return true;
    return context.clientAddress !== undefined && maintainers?.match(context.clientAddress) === true;
  }

  #routed(http: CompiledHttp, admitted: AdmittedRequest): RuleVerdict {
    const { context } = admitted;
    const found = http.routes?.find(context);
    if (found === 'unclear') return refuse('path-refused', 'route-unclear');
    const action = found?.action;
    const look = (name: Variable): string => requestVariable(admitted, this.#popId, name);
    switch (action?.kind) {
      case 'redirect': {
        const { redirect } = action;
        return { kind: 'redirect', location: redirect.locationOf(context.target, look), status: redirect.status };
      }
      case 'answer': {
        const type = ['Content-Type', action.answer.contentType ?? 'text/plain; charset=utf-8'];
        return { kind: 'answer', answer: action.answer, fields: action.headers?.apply(type, look) ?? type };
      }
      case 'forward': {
        const rewritten = action.rewrite?.(context.target, look) ?? context.target;
        if (typeof rewritten === 'string') return refuse('path-refused', rewritten);
        // What is Manis's own reaches no backend by a detour either.
        if (isManisPath(rewritten.path)) return refuse('path-refused', 'rewrite-unsafe');
        const target = rewritten.path + rewritten.query;
        return this.#forwarded({ http, admitted, target, route: action, look }, found?.route.name ?? '');
      }
      default: {
        const { path, query } = context.target;
        return this.#forwarded({ http, admitted, target: path + query, route: undefined, look }, '');
      }
    }
  }

  #forwarded(applied: Omit<Applied, 'kept'>, routeName: string): RuleVerdict {
    const { http, admitted, target, route: action } = applied;
    if (!http.settings.cache) return { kind: 'forward', rules: new AppliedRules({ ...applied, kept: undefined }) };
    const isWritten = (name: string): boolean =>
      http.request?.touches(name) === true || action?.request?.touches(name) === true;
    const key = { route: `${routeName} ${target}`, isWritten };
    const kept = new KeptExchange(this.#kept, this.#clock, admitted, key, (stale) => this.#renew(applied, key, stale));
    return { kind: 'forward', rules: new AppliedRules({ ...applied, kept }) };
  }

  /** Nobody waits for it: it goes the way of the request that found it stale, to the same address. */
  #renew(
    applied: Omit<Applied, 'kept'>,
    key: ConstructorParameters<typeof KeptExchange>[3],
    stale: KeptAnswer,
  ): boolean {
    const { id } = applied.admitted.resource.record;
    const { concurrent } = applied.http.settings.limits ?? {};
    if (concurrent !== undefined && !this.#begun(id, concurrent)) return false;
    const end = (): void => {
      if (concurrent !== undefined) this.#ended(id);
    };
    let exchange: KeptExchange | undefined;
    const isBegun = this.#renewals.begin({
      because: applied.admitted,
      chosenBy: fieldsChosenBy(stale),
      rulesOf: (admitted) => {
        exchange = new KeptExchange(this.#kept, this.#clock, admitted, key);
        exchange.renews(stale);
        const look = (name: Variable): string => requestVariable(admitted, this.#popId, name);
        return new AppliedRules({ ...applied, admitted, kept: exchange, look });
      },
      over: () => {
        exchange?.renewed(stale);
        end();
      },
    });
    if (!isBegun) end();
    return isBegun;
  }
}

function refuse(problem: Problem, reason: string = problem, retryAfterMs?: number): RuleRefusal {
  return { kind: 'refuse', problem, reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function rateRefusal(waitMs: number, reason: string): RuleRefusal | undefined {
  return waitMs > 0 ? refuse('rate-limited', reason, waitMs) : undefined;
}

/** As HTTP/1.1 writes it: name, colon, blank, value, line end. */
function headLength(rawHeaders: readonly string[]): number {
  let length = 0;
  for (const text of rawHeaders) length += text.length + 2;
  return length;
}
