import { setTimeout as sleep } from 'node:timers/promises';
import { JsonClient, type JsonClientOptions } from '../json-client.ts';
import type { Log } from '../log.ts';
import {
  SPAN_ANSWER_BYTES,
  SPAN_BATCH_MAX,
  SPAN_EXPORT_INTERVAL_MS,
  SPAN_EXPORT_TIMEOUT_MS,
  SPAN_EXPORT_TRIES,
  SPAN_QUEUE_MAX,
  SPAN_RETRY_MAX_MS,
  SPAN_RETRY_MS,
} from './constants.ts';
import { otlpRequest, type TracedResource } from './otlp.ts';
import type { Span } from './span.ts';

export interface SpanExporterOptions {
  /** Of the collector, `/v1/traces` included. */
  readonly url: URL;
  /** Sent with each request: what the collector knows us by. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: TracedResource;
  readonly outbound: Pick<JsonClientOptions, 'ca' | 'proxy'>;
  readonly log: Log;
  /** In place of the usual ones, for tests. */
  readonly intervalMs?: number;
  readonly retryMs?: number;
}

/** What became of spans: taken by a collector, dropped for want of room, or taken by none. */
export type SpanCounts = Record<'exported' | 'dropped' | 'failed', number>;

/** What may be sent again (OTLP, "Retryable Response Codes"). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Sends spans to a collector by OTLP over HTTP, in batches, off the way of requests. Nothing waits for it. */
export class SpanExporter {
  readonly counts: SpanCounts = { exported: 0, dropped: 0, failed: 0 };
  readonly #options: SpanExporterOptions;
  readonly #client: JsonClient;
  readonly #stopped = new AbortController();
  #queue: Span[] = [];
  /** Spans that are neither taken nor given up, those on their way among them: a slow collector must not fill memory. */
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #isFailing = false;
  /** Since we stop: what is left is not tried any more, for each try may last long. */
  #hasFoundNobody = false;

  constructor(options: SpanExporterOptions) {
    this.#options = options;
    this.#client = new JsonClient({
      ...options.outbound,
      timeoutMs: SPAN_EXPORT_TIMEOUT_MS,
      answerBytes: SPAN_ANSWER_BYTES,
    });
  }

  add(spans: readonly Span[]): void {
    if (this.#waiting + spans.length > SPAN_QUEUE_MAX) {
      this.counts.dropped += spans.length;
      return;
    }
    this.#waiting += spans.length;
    this.#queue.push(...spans);
    this.#timer ??= setTimeout(() => this.#flush(), this.#options.intervalMs ?? SPAN_EXPORT_INTERVAL_MS).unref();
  }

  /** Sends what is there once more, without waiting for a collector that is away. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped.abort();
    this.#flush();
    await this.#sending;
    this.#client.close();
  }

  #flush(): void {
    this.#timer = undefined;
    const spans = this.#queue;
    this.#queue = [];
    for (let at = 0; at < spans.length; at += SPAN_BATCH_MAX) {
      const batch = spans.slice(at, at + SPAN_BATCH_MAX);
      this.#sending = this.#sending.then(() => this.#send(batch));
    }
  }

  async #send(batch: readonly Span[]): Promise<void> {
    if (this.#hasFoundNobody) return this.#told(batch.length, 'failed', 'this node stops');
    let waitMs = this.#options.retryMs ?? SPAN_RETRY_MS;
    let why = '';
    for (let tries = 0; tries < SPAN_EXPORT_TRIES; tries++) {
      const outcome = await this.#try(batch);
      if (outcome === 'taken') return this.#told(batch.length, 'exported');
      why = outcome.why;
      if (!outcome.mayRetry || this.#stopped.signal.aborted) break;
      await sleep(waitMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      waitMs = Math.min(2 * waitMs, SPAN_RETRY_MAX_MS);
    }
    this.#hasFoundNobody = this.#stopped.signal.aborted;
    this.#told(batch.length, 'failed', why);
  }

  async #try(batch: readonly Span[]): Promise<'taken' | { readonly why: string; readonly mayRetry: boolean }> {
    const { url, headers, resource } = this.#options;
    try {
      const { status } = await this.#client.send({ method: 'POST', url, headers, body: otlpRequest(resource, batch) });
      if (status >= 200 && status < 300) return 'taken';
      return { why: `${url.origin} answered ${status}`, mayRetry: RETRYABLE.has(status) };
    } catch (error) {
      return { why: error instanceof Error ? error.message : 'the connection broke', mayRetry: true };
    }
  }

  /** A collector that is away is told of once, and once when it is back. */
  #told(spans: number, what: 'exported' | 'failed', why?: string): void {
    this.#waiting -= spans;
    this.counts[what] += spans;
    const isFailing = what === 'failed';
    if (isFailing && !this.#isFailing) this.#options.log.warn('traces are not taken', { why });
    if (!isFailing && this.#isFailing) this.#options.log.info('traces are taken again');
    this.#isFailing = isFailing;
  }
}
