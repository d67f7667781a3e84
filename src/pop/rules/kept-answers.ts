import { type Keeping, keepingOf } from '../../core/http-rules/index.ts';
import { fieldValue } from '../../core/routing/index.ts';
import type { AnswerWatcher } from '../serving.ts';
import {
  DEFAULT_KEPT_ANSWER_BYTES,
  KEPT_ANSWER_OVERHEAD_BYTES,
  KEPT_VARIANTS_MAX,
  MAXIMUM_COLLECTED_BYTES,
  MAXIMUM_KEPT_BYTES,
} from './constants.ts';

/** An answer of a target as it came, without what belongs to the connection; never to be changed. */
export interface KeptAnswer {
  readonly status: number;
  readonly fields: readonly string[];
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
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** One that is fresh and was chosen by the same fields. */
  find({ uri, route, of, rawHeaders }: KeptKey, nowUnixMs: number): KeptAnswer | undefined {
    const variants = this.#kept.get(uri);
    if (!variants) return undefined;
    const live = variants.filter((kept) => kept.of === of && isFresh(kept, nowUnixMs));
    if (live.length < variants.length) this.#put(uri, live);
    const found = live.find(
      (kept) =>
        kept.route === route && kept.keeping.vary.every((name, i) => fieldValue(rawHeaders, name) === kept.chosenBy[i]),
    );
    if (found) this.#put(uri, live);
    return found;
  }

  /** Collects an answer that may be kept while it passes; it is kept only once it came whole. */
  keeperOf(
    { uri, route, of, rawHeaders, isWritten }: KeptKey,
    answer: { readonly status: number; readonly fields: readonly string[] },
    answerBytes: number = DEFAULT_KEPT_ANSWER_BYTES,
    nowUnixMs: number,
  ): AnswerWatcher | undefined {
    const keeping = keepingOf(answer.status, answer.fields, nowUnixMs);
    if (!keeping || Number(fieldValue(answer.fields, 'content-length') ?? 0) > answerBytes) return undefined;
    if (isWritten && keeping.vary.some(isWritten)) return undefined;
    const chosenBy = keeping.vary.map((name) => fieldValue(rawHeaders, name));
    return new Collector(this.#collecting, answerBytes, (body) => {
      const said = fieldValue(answer.fields, 'content-length');
      if (said !== undefined && Number(said) !== body.length) return;
      const texts = [uri, route, ...answer.fields, ...chosenBy].reduce((sum, text) => sum + (text?.length ?? 0), 0);
      const bytes = body.length + texts + KEPT_ANSWER_OVERHEAD_BYTES;
      this.#keep(uri, { ...answer, body, keeping, keptUnixMs: nowUnixMs, route, chosenBy, of, bytes });
    });
  }

  /** What an unsafe request may have changed is asked for anew (section 4.4). */
  forget(uri: string): void {
    this.#put(uri, []);
  }

  #keep(uri: string, answer: KeptAnswer): void {
    const others = (this.#kept.get(uri) ?? []).filter((kept) => kept.of === answer.of && !isSameVariant(kept, answer));
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

/** Collects one answer, as long as it is short enough and all that are collected are few. */
class Collector implements AnswerWatcher {
  readonly #all: { bytes: number };
  readonly #most: number;
  readonly #keep: (body: Buffer) => void;
  #parts: Buffer[] | undefined = [];
  #length = 0;

  constructor(all: { bytes: number }, most: number, keep: (body: Buffer) => void) {
    this.#all = all;
    this.#most = most;
    this.#keep = keep;
  }

  take(chunk: Buffer): void {
    if (!this.#parts) return;
    if (this.#length + chunk.length > this.#most || this.#all.bytes + chunk.length > MAXIMUM_COLLECTED_BYTES)
      return void this.#drop();
    this.#length += chunk.length;
    this.#all.bytes += chunk.length;
    this.#parts.push(chunk);
  }

  ended(isWhole: boolean): void {
    const body = isWhole && this.#parts ? Buffer.concat(this.#parts, this.#length) : undefined;
    this.#drop();
    if (body) this.#keep(body);
  }

  #drop(): void {
    this.#all.bytes -= this.#length;
    this.#length = 0;
    this.#parts = undefined;
  }
}

function isFresh({ keeping, keptUnixMs }: KeptAnswer, nowUnixMs: number): boolean {
  return ageMs({ keeping, keptUnixMs }, nowUnixMs) < keeping.freshMs;
}

/** How old an answer is by now (section 4.2.3). */
export function ageMs({ keeping, keptUnixMs }: Pick<KeptAnswer, 'keeping' | 'keptUnixMs'>, nowUnixMs: number): number {
  return keeping.ageMs + Math.max(0, nowUnixMs - keptUnixMs);
}

function isSameVariant(one: KeptAnswer, other: KeptAnswer): boolean {
  return one.route === other.route && one.chosenBy.join('\n') === other.chosenBy.join('\n');
}
