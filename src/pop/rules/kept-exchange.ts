import type { Clock } from '../../base/index.ts';
import { hasAlready, mayUseKept } from '../../core/http-rules/index.ts';
import { rewriteResponseFields } from '../../core/routing/index.ts';
import type { HttpResponse } from '../../io/http/message.ts';
import { clientFields } from '../backend-request.ts';
import type { AdmittedRequest, AnswerWatcher } from '../serving.ts';
import { ageMs, type KeptAnswers, type KeptKey } from './kept-answers.ts';

/** Fields of a 304 that would speak of a body (RFC 9110 section 15.4.5). */
const OF_A_BODY = /^(?:content-(?:length|encoding|type|language|range)|transfer-encoding)$/i;

/** One admitted request and the public answers that are kept for its address. */
export class KeptExchange {
  readonly #kept: KeptAnswers;
  readonly #clock: Clock;
  readonly #key: KeptKey;
  readonly #method: string;
  readonly #answerBytes: number | undefined;

  /** `route`: by which it goes to a target, and as what. `isWritten`: whether rules write a field of it. */
  constructor(
    kept: KeptAnswers,
    clock: Clock,
    { context, resource }: Pick<AdmittedRequest, 'context' | 'resource'>,
    route: string,
    isWritten: (name: string) => boolean,
  ) {
    this.#kept = kept;
    this.#clock = clock;
    const { rawHeaders } = context.request;
    const { path, query } = context.target;
    const uri = `${resource.record.id} ${context.host} ${path}${query}`;
    this.#key = { uri, route, of: resource, rawHeaders, isWritten };
    this.#method = context.method;
    this.#answerBytes = resource.record.http?.cache?.answerBytes;
  }

  /** Answers with what is kept, and says so; false where nothing is that would do. */
  answer(admitted: AdmittedRequest, response: HttpResponse): boolean {
    const { rawHeaders } = this.#key;
    const nowUnixMs = this.#clock.unixMs();
    const found = mayUseKept(this.#method, rawHeaders) ? this.#kept.find(this.#key, nowUnixMs) : undefined;
    if (!found) return false;
    const age = String(Math.floor(ageMs(found, nowUnixMs) / 1_000));
    const fields = clientFields([...without(found.fields, /^age$/i), 'Age', age], admitted);
    if (hasAlready(rawHeaders, found.fields)) {
      response.writeHead(304, without(fields, OF_A_BODY));
      response.end();
    } else {
      response.writeHead(found.status, [
        ...without(fields, /^content-length$/i),
        'Content-Length',
        String(found.body.length),
      ]);
      response.end(this.#method === 'HEAD' ? undefined : found.body);
    }
    return true;
  }

  /** A target began to answer: what that is to what is kept. Gives what collects the answer, where it may be kept. */
  answered(status: number, raw: readonly string[]): AnswerWatcher | undefined {
    if (this.#method !== 'GET') {
      const isSafe = this.#method === 'HEAD' || this.#method === 'OPTIONS';
      if (!isSafe && status >= 200 && status < 400) this.#kept.forget(this.#key.uri);
      return undefined;
    }
    if (!mayUseKept('GET', this.#key.rawHeaders)) return undefined;
    const { fields } = rewriteResponseFields(raw, () => false);
    return this.#kept.keeperOf(this.#key, { status, fields }, this.#answerBytes, this.#clock.unixMs());
  }
}

function without(fields: readonly string[], name: RegExp): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2)
    if (!name.test(fields[i] as string)) kept.push(fields[i] as string, fields[i + 1] as string);
  return kept;
}
