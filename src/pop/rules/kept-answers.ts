import { freshenedFields, type Keeping, keepingOf } from '../../core/http-rules/index.ts';
import { fieldValue } from '../../core/routing/index.ts';
import type { AnswerWatcher } from '../serving.ts';
import { AnswerCollector } from './answer-collector.ts';
import {
  DEFAULT_KEPT_ANSWER_BYTES,
  KEPT_ANSWER_OVERHEAD_BYTES,
  KEPT_VARIANTS_MAX,
  MAXIMUM_KEPT_BYTES,
} from './constants.ts';

/** The head of a target's answer, without what belongs to the connection. */
export interface AnswerHead {
  readonly status: number;
  readonly fields: readonly string[];
}

/** An answer of a target as it came; never to be changed. */
export interface KeptAnswer extends AnswerHead {
  readonly body: Buffer;
  readonly keeping: Keeping;
  readonly keptUnixMs: number;
  /** What the target was asked by which route, and the values of the request's fields that it was chosen by. */
  readonly route: string;
  readonly chosenBy: readonly (string | undefined)[];
  /** What it is an answer of: another snapshot of the resource does not give it. */
  readonly of: object;
  readonly bytes: number;
}

/** What a request asks for: resource, host and target as it came, and by which route it goes where. */
export interface KeptKey {
  readonly uri: string;
  /** With the target as it goes: a route may lead each user elsewhere. */
  readonly route: string;
  readonly of: object;
  readonly rawHeaders: readonly string[];
  /** Whether what the target gets of a field is not what the client sent. */
  readonly isWritten?: (name: string) => boolean;
}

/** Public answers of all resources that ask for it, bounded in bytes; those used longest ago go first. */
export class KeptAnswers {
  /** By URI, each in a few variants (RFC 9111 section 4.1); the one used last is last. */
  readonly #kept = new Map<string, readonly KeptAnswer[]>();
  readonly #collecting = { bytes: 0 };
  readonly #asked = new WeakSet<KeptAnswer>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** One that was chosen by the same fields, and is fresh or may be again. */
  find({ uri, route, of, rawHeaders }: KeptKey, nowUnixMs: number): KeptAnswer | undefined {
    const variants = this.#kept.get(uri);
    if (!variants) return undefined;
    const live = variants.filter((kept) => kept.of === of && isOfUse(kept, nowUnixMs));
    if (live.length < variants.length) this.#put(uri, live);
    const found = live.find(
      (kept) =>
        kept.route === route && kept.keeping.vary.every((name, i) => fieldValue(rawHeaders, name) === kept.chosenBy[i]),
    );
    if (found) this.#put(uri, live);
    return found;
  }

  /** Collects an answer that may be kept while it passes; it is kept, in place of `before`, only once it came whole. */
  keeperOf(
    key: KeptKey,
    answer: AnswerHead,
    answerBytes: number = DEFAULT_KEPT_ANSWER_BYTES,
    nowUnixMs: number,
    before?: KeptAnswer,
  ): AnswerWatcher | undefined {
    const keeping = keepingFor(key, answer, nowUnixMs);
    if (!keeping || Number(fieldValue(answer.fields, 'content-length') ?? 0) > answerBytes) return undefined;
    return new AnswerCollector(this.#collecting, answerBytes, (body) => {
      const said = fieldValue(answer.fields, 'content-length');
      if (said !== undefined && Number(said) !== body.length) return;
      this.#keep(key.uri, keptAnswer(key, answer, keeping, body, nowUnixMs), before);
    });
  }

  /**
   * An answer that is still so, with what its target says anew of it (section 4.3.4). It is kept in place of the one that
   * was stale, unless it may not be any more or that one was forgotten while its target was asked.
   */
  freshened(
    key: KeptKey,
    stale: KeptAnswer,
    notModified: readonly string[],
    nowUnixMs: number,
  ): AnswerHead & { readonly ageMs: number } {
    const answer = { status: stale.status, fields: freshenedFields(stale.fields, notModified) };
    const keeping = keepingFor(key, answer, nowUnixMs);
    const isThere = this.#kept.get(key.uri)?.includes(stale) === true;
    if (isThere && keeping) this.#keep(key.uri, keptAnswer(key, answer, keeping, stale.body, nowUnixMs), stale);
    else this.drop(key.uri, stale);
    return { ...answer, ageMs: keeping?.ageMs ?? 0 };
  }

  /** While an answer's target is asked for news, others may have it as it is. */
  isAskedFor(kept: KeptAnswer): boolean {
    return this.#asked.has(kept);
  }

  asks(kept: KeptAnswer): void {
    this.#asked.add(kept);
  }

  hasAsked(kept: KeptAnswer): void {
    this.#asked.delete(kept);
  }

  drop(uri: string, answer: KeptAnswer): void {
    const variants = this.#kept.get(uri);
    if (variants?.includes(answer))
      this.#put(
        uri,
        variants.filter((kept) => kept !== answer),
      );
  }

  /** What an unsafe request may have changed is asked for anew (section 4.4). */
  forget(uri: string): void {
    this.#put(uri, []);
  }

  #keep(uri: string, answer: KeptAnswer, before?: KeptAnswer): void {
    const others = (this.#kept.get(uri) ?? []).filter(
      (kept) => kept !== before && kept.of === answer.of && !isSameVariant(kept, answer),
    );
    this.#put(uri, [...others.slice(1 - KEPT_VARIANTS_MAX), answer]);
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= MAXIMUM_KEPT_BYTES) break;
      this.forget(oldest);
    }
  }

  #put(uri: string, variants: readonly KeptAnswer[]): void {
    for (const { bytes } of this.#kept.get(uri) ?? []) this.#bytes -= bytes;
    this.#kept.delete(uri);
    if (variants.length === 0) return;
    for (const { bytes } of variants) this.#bytes += bytes;
    this.#kept.set(uri, variants);
  }
}

function keepingFor({ isWritten }: KeptKey, { status, fields }: AnswerHead, nowUnixMs: number): Keeping | undefined {
  const keeping = keepingOf(status, fields, nowUnixMs);
  return isWritten && keeping?.vary.some(isWritten) ? undefined : keeping;
}

function keptAnswer(
  { uri, route, of, rawHeaders }: KeptKey,
  answer: AnswerHead,
  keeping: Keeping,
  body: Buffer,
  keptUnixMs: number,
): KeptAnswer {
  const chosenBy = keeping.vary.map((name) => fieldValue(rawHeaders, name));
  const texts = [uri, route, ...answer.fields, ...chosenBy].reduce((sum, text) => sum + (text?.length ?? 0), 0);
  const bytes = body.length + texts + KEPT_ANSWER_OVERHEAD_BYTES;
  return { ...answer, body, keeping, keptUnixMs, route, chosenBy, of, bytes };
}

/** Whether anybody may ever be answered with it: as it is, or once its target said that it is still so. */
function isOfUse(kept: KeptAnswer, nowUnixMs: number): boolean {
  const { freshMs, validators, staleWhileAskedMs, staleOnErrorMs } = kept.keeping;
  return validators !== undefined || ageMs(kept, nowUnixMs) < freshMs + Math.max(staleWhileAskedMs, staleOnErrorMs);
}

/** How old an answer is by now (section 4.2.3). */
export function ageMs({ keeping, keptUnixMs }: Pick<KeptAnswer, 'keeping' | 'keptUnixMs'>, nowUnixMs: number): number {
  return keeping.ageMs + Math.max(0, nowUnixMs - keptUnixMs);
}

/** The fields of requests that an answer was chosen by, flat. */
export function fieldsChosenBy({ keeping, chosenBy }: KeptAnswer): string[] {
  return keeping.vary.flatMap((name, i) => {
    const value = chosenBy[i];
    return value === undefined ? [] : [name, value];
  });
}

function isSameVariant(one: KeptAnswer, other: KeptAnswer): boolean {
  return one.route === other.route && one.chosenBy.join('\n') === other.chosenBy.join('\n');
}
