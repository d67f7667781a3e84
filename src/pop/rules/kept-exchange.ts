import type { Clock } from '../../base/index.ts';
import {
  askingFields,
  hasAlready,
  isOfABody,
  type KeptUse,
  keptUseOf,
  speaksOf,
  type Validators,
} from '../../core/http-rules/index.ts';
import { fieldsWithout, rewriteResponseFields } from '../../core/routing/index.ts';
import type { HttpResponse } from '../../io/http/message.ts';
import { clientFields } from '../backend-request.ts';
import type { AdmittedRequest, AnswerWatcher } from '../serving.ts';
import { AskingResponse, type Reply } from './asking-response.ts';
import { type AnswerHead, ageMs, type KeptAnswer, type KeptAnswers, type KeptKey } from './kept-answers.ts';

/** Answers of a target in trouble (RFC 5861 section 4), and Manis's own where there is none. */
const IN_TROUBLE: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** Asks the target for news of an answer in place of whoever found it stale; false: whoever found it does so. */
export type Renew = (stale: KeptAnswer) => boolean;

/** One admitted request and the public answers that are kept for its address. */
export class KeptExchange {
  readonly #kept: KeptAnswers;
  readonly #clock: Clock;
  readonly #key: KeptKey;
  readonly #method: string;
  readonly #answerBytes: number | undefined;
  readonly #use: KeptUse;
  readonly #renew: Renew;
  /** What the target is asked for news of. */
  #stale: KeptAnswer | undefined;
  /** The same, once the target said that it is still so. */
  #still: (AnswerHead & { readonly ageMs: number }) | undefined;
  /** What was done, for Cache-Status. */
  #course: string;

  /** `route`: by which it goes to a target, and as what. `isWritten`: whether rules write a field of it. */
  constructor(
    kept: KeptAnswers,
    clock: Clock,
    { context, resource }: Pick<AdmittedRequest, 'context' | 'resource'>,
    { route, isWritten }: Required<Pick<KeptKey, 'route' | 'isWritten'>>,
    renew: Renew = () => false,
  ) {
    this.#kept = kept;
    this.#clock = clock;
    this.#renew = renew;
    const { rawHeaders } = context.request;
    const { path, query } = context.target;
    const uri = `${resource.record.id} ${context.host} ${path}${query}`;
    this.#key = { uri, route, of: resource, rawHeaders, isWritten };
    this.#method = context.method;
    this.#answerBytes = resource.record.http?.cache?.answerBytes;
    this.#use = keptUseOf(this.#method, rawHeaders);
    this.#course = this.#whyForwarded();
  }

  /** What the cache did, as a field of an answer tells it (RFC 9211). */
  get status(): string {
    return `Manis; ${this.#course}`;
  }

  /** Answers with what is kept; else gives where the answer of a target goes. */
  answer(admitted: AdmittedRequest, response: HttpResponse): HttpResponse | undefined {
    if (this.#use.kind !== 'use') return response;
    const nowUnixMs = this.#clock.unixMs();
    const found = this.#kept.find(this.#key, nowUnixMs);
    if (!found) return response;
    const age = ageMs(found, nowUnixMs);
    if (this.#willDo(found, age, this.#use.youngerThanMs)) {
      this.#course = `hit; ttl=${secondsLeft(found, age)}`;
      const { status, fields, body } = this.#reply(admitted, { ...found, ageMs: age }, found.body);
      response.writeHead(status, fields);
      response.end(body);
      return undefined;
    }
    this.#course = age < found.keeping.freshMs ? 'fwd=request' : 'fwd=stale';
    this.renews(found);
    return new AskingResponse(response, {
      instead: (status, fields) => this.#instead(admitted, found, status, fields),
      over: () => this.renewed(found),
    });
  }

  /** The target is asked for news of what is kept, until `renewed`. */
  renews(stale: KeptAnswer): void {
    this.#stale = stale;
    this.#kept.asks(stale);
  }

  renewed(stale: KeptAnswer): void {
    this.#kept.hasAsked(stale);
  }

  /** The fields for the target, which is asked for news of what is kept where there is something. */
  requestFields(fields: string[]): string[] {
    const validators = this.#stale?.keeping.validators;
    return validators ? askingFields(fields, validators) : fields;
  }

  /** A target began to answer: what that is to what is kept. Gives what collects the answer, where it may be kept. */
  answered(status: number, raw: readonly string[]): AnswerWatcher | undefined {
    if (this.#method !== 'GET' && this.#method !== 'HEAD') {
      if (this.#method !== 'OPTIONS' && status >= 200 && status < 400) this.#kept.forget(this.#key.uri);
      return undefined;
    }
    const { fields } = rewriteResponseFields(raw, () => false);
    const stale = this.#stale;
    const validators = stale?.keeping.validators;
    if (stale) this.#course += `; fwd-status=${status}`;
    if (stale && validators && status === 304) return void this.#isStill(stale, validators, fields);
    const mayKeep = this.#method === 'GET' && this.#use.kind !== 'pass';
    const nowUnixMs = this.#clock.unixMs();
    const keeper = mayKeep
      ? this.#kept.keeperOf(this.#key, { status, fields }, this.#answerBytes, nowUnixMs, stale)
      : undefined;
    // What is about to take its place does so once it came whole: until then the others have this one.
    if (stale && !keeper && status < 500) this.#kept.drop(this.#key.uri, stale);
    if (keeper) this.#course += '; stored';
    return keeper;
  }

  #whyForwarded(): string {
    if (this.#use.kind === 'use') return 'fwd=miss';
    if (this.#use.kind === 'renew') return 'fwd=request';
    return this.#method === 'GET' || this.#method === 'HEAD' ? 'fwd=bypass' : 'fwd=method';
  }

  /** Fresh, or stale for so short a time that it will do while the target is asked for news of it (RFC 5861 section 3). */
  #willDo(found: KeptAnswer, age: number, youngerThanMs: number): boolean {
    const { freshMs, staleWhileAskedMs } = found.keeping;
    if (age < freshMs) return age < youngerThanMs;
    if (age >= freshMs + staleWhileAskedMs || age >= youngerThanMs) return false;
    return this.#kept.isAskedFor(found) || this.#renew(found);
  }

  #isStill(stale: KeptAnswer, validators: Validators, notModified: readonly string[]): void {
    const nowUnixMs = this.#clock.unixMs();
    if (speaksOf(validators, notModified)) {
      this.#still = this.#kept.freshened(this.#key, stale, notModified, nowUnixMs);
      return;
    }
    // It means another answer than it was asked about: this one is given once more, and next time all of it is asked for.
    this.#still = { status: stale.status, fields: stale.fields, ageMs: ageMs(stale, nowUnixMs) };
    this.#kept.drop(this.#key.uri, stale);
  }

  #instead(
    admitted: AdmittedRequest,
    stale: KeptAnswer,
    status: number,
    fields: readonly string[] | undefined,
  ): Reply | undefined {
    if (this.#still) return this.#reply(admitted, this.#still, stale.body);
    const { freshMs, staleOnErrorMs, validators } = stale.keeping;
    const age = ageMs(stale, this.#clock.unixMs());
    if (IN_TROUBLE.has(status) && age < freshMs + staleOnErrorMs) {
      this.#course += `; ttl=${secondsLeft(stale, age)}`;
      return this.#reply(admitted, { ...stale, ageMs: age }, stale.body);
    }
    // What the client asked of its own did not reach the target.
    const isKnown = validators && fields && hasAlready(status, this.#key.rawHeaders, fields);
    return isKnown ? { status: 304, fields: fieldsWithout(fields, isOfABody), body: undefined } : undefined;
  }

  #reply(admitted: AdmittedRequest, head: AnswerHead & { readonly ageMs: number }, body: Buffer): Reply {
    const age = String(Math.floor(head.ageMs / 1_000));
    const fields = clientFields([...fieldsWithout(head.fields, (name) => name === 'age'), 'Age', age], admitted);
    if (hasAlready(head.status, this.#key.rawHeaders, head.fields))
      return { status: 304, fields: fieldsWithout(fields, isOfABody), body: undefined };
    return {
      status: head.status,
      fields: [...fieldsWithout(fields, (name) => name === 'content-length'), 'Content-Length', String(body.length)],
      body: this.#method === 'HEAD' ? undefined : body,
    };
  }
}

function secondsLeft({ keeping }: KeptAnswer, age: number): number {
  return Math.floor((keeping.freshMs - age) / 1_000);
}
