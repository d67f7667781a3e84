/** What many requests are like together. */
import { LATENCY_BUCKETS, latencyBucket, latencyQuantileMs } from '../../core/link/index.ts';
import type { RequestLogTable } from '../../io/store/index.ts';
import { ANALYTICS_GROUPS_MAX, ANALYTICS_GROUPS_SHOWN, ANALYTICS_STEPS } from '../constants.ts';

export interface Counted {
  readonly key: string;
  readonly name: string;
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
}

interface Sum {
  name: string;
  requests: number;
  errors: number;
  refused: number;
}

type Row = Pick<
  RequestLogTable,
  'unix_ms' | 'resource_id' | 'country' | 'subject_id' | 'subject_name' | 'status' | 'outcome' | 'reason' | 'total_ms'
>;

export class Analytics {
  readonly #fromUnixMs: number;
  readonly #stepMs: number;
  readonly #whole: Sum = newSum('');
  readonly #latency = new Array<number>(LATENCY_BUCKETS).fill(0);
  readonly #resources = new Map<string, Sum>();
  readonly #countries = new Map<string, Sum>();
  readonly #users = new Map<string, Sum>();
  readonly #statuses = new Map<string, Sum>();
  readonly #reasons = new Map<string, Sum>();
  readonly #steps: Sum[];
  #oldestUnixMs: number | null = null;

  constructor(fromUnixMs: number, untilUnixMs: number) {
    this.#fromUnixMs = fromUnixMs;
    this.#stepMs = Math.max(1, Math.ceil((untilUnixMs - fromUnixMs) / ANALYTICS_STEPS));
    this.#steps = Array.from({ length: ANALYTICS_STEPS }, () => newSum(''));
  }

  get requests(): number {
    return this.#whole.requests;
  }

  add(row: Row): void {
    const unixMs = Number(row.unix_ms);
    const isRefused = row.outcome === 'denied' || row.outcome === 'challenged';
    const isError = row.status >= 500 || row.outcome === 'failed';
    const sums = [
      this.#whole,
      this.#steps[Math.floor((unixMs - this.#fromUnixMs) / this.#stepMs)],
      sumIn(this.#resources, row.resource_id, row.resource_id),
      sumIn(this.#countries, row.country ?? '', row.country ?? ''),
      sumIn(this.#users, row.subject_id ?? '', row.subject_name ?? ''),
      sumIn(this.#statuses, String(row.status), String(row.status)),
      isRefused ? sumIn(this.#reasons, row.reason, row.reason) : undefined,
    ];
    for (const sum of sums) {
      if (!sum) continue;
      sum.requests++;
      if (isError) sum.errors++;
      if (isRefused) sum.refused++;
    }
    const bucket = latencyBucket(row.total_ms);
    this.#latency[bucket] = (this.#latency[bucket] ?? 0) + 1;
    this.#oldestUnixMs = Math.min(this.#oldestUnixMs ?? unixMs, unixMs);
  }

  result() {
    const { requests, errors, refused } = this.#whole;
    return {
      ...{ requests, errors, refused },
      oldestUnixMs: this.#oldestUnixMs,
      p50Ms: latencyQuantileMs(this.#latency, 0.5),
      p95Ms: latencyQuantileMs(this.#latency, 0.95),
      stepMs: this.#stepMs,
      overTime: this.#steps.map(({ name: _, ...sum }, i) => ({ unixMs: this.#fromUnixMs + i * this.#stepMs, ...sum })),
      byResource: mostOf(this.#resources),
      byCountry: mostOf(this.#countries),
      byUser: mostOf(this.#users),
      byStatus: mostOf(this.#statuses),
      byReason: mostOf(this.#reasons),
    };
  }
}

function newSum(name: string): Sum {
  return { name, requests: 0, errors: 0, refused: 0 };
}

/** Undefined where there are too many to tell apart. */
function sumIn(sums: Map<string, Sum>, key: string, name: string): Sum | undefined {
  const known = sums.get(key);
  if (known || sums.size >= ANALYTICS_GROUPS_MAX) return known;
  const sum = newSum(name);
  sums.set(key, sum);
  return sum;
}

function mostOf(sums: ReadonlyMap<string, Sum>): Counted[] {
  const all = [...sums].map(([key, sum]) => ({ key, ...sum }));
  return all.sort((a, b) => b.requests - a.requests).slice(0, ANALYTICS_GROUPS_SHOWN);
}
