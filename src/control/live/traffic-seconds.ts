/** What traffic was like, second by second, for each organisation. */
import { LATENCY_BUCKETS, latencyQuantileMs } from '../../core/link/index.ts';
import type { HeardTraffic } from '../request-log/request-intake.ts';
import type { TrafficCounts, TrafficSecond } from './live-shapes.ts';

interface Sum {
  requests: number;
  errors: number;
  bytesOut: number;
  readonly denied: Record<string, number>;
  readonly latency: number[];
  readonly byResource: Record<string, TrafficCounts>;
  readonly byPop: Record<string, TrafficCounts>;
}

export class TrafficSeconds {
  readonly #kept: number;
  readonly #mostResources: number;
  #running = new Map<string, Sum>();
  /** The newest seconds of all organisations, the oldest first: so many together, whoever has the traffic. */
  #past: { readonly organisationId: string; readonly second: TrafficSecond }[] = [];

  constructor(kept: number, mostResources: number) {
    this.#kept = kept;
    this.#mostResources = mostResources;
  }

  /** What a PoP counted. */
  add(popId: string, traffic: readonly HeardTraffic[]): void {
    for (const each of traffic) {
      const sum = this.#running.get(each.organisationId) ?? newSum();
      this.#running.set(each.organisationId, sum);
      sum.requests += each.requests;
      sum.errors += each.errors;
      sum.bytesOut += each.bytesOut;
      for (const [reason, count] of Object.entries(each.denied)) sum.denied[reason] = (sum.denied[reason] ?? 0) + count;
      for (const [bucket, count] of each.latency.entries()) sum.latency[bucket] = (sum.latency[bucket] ?? 0) + count;
      count(sum.byPop, popId, each);
      if (each.resourceId in sum.byResource || Object.keys(sum.byResource).length < this.#mostResources)
        count(sum.byResource, each.resourceId, each);
    }
  }

  /** The second is over: what each organisation had in it. Those without traffic are not among them. */
  end(unixMs: number): ReadonlyMap<string, TrafficSecond> {
    const seconds = new Map([...this.#running].map(([id, sum]) => [id, secondOf(sum, unixMs)]));
    this.#running = new Map();
    for (const [organisationId, second] of seconds) this.#past.push({ organisationId, second });
    if (this.#past.length > this.#kept * 1.5) this.#past = this.#past.slice(-this.#kept);
    return seconds;
  }

  /** What there is of an organisation since a time, the oldest first. */
  since(organisationId: string, unixMs: number): TrafficSecond[] {
    const own = this.#past.filter((each) => each.organisationId === organisationId && each.second.unixMs >= unixMs);
    return own.map(({ second }) => second);
  }
}

function newSum(): Sum {
  const latency = new Array<number>(LATENCY_BUCKETS).fill(0);
  // Ids and reasons come from outside: no name in them is one of an object's own.
  const empty = <Value>(): Record<string, Value> => Object.create(null) as Record<string, Value>;
  return { requests: 0, errors: 0, bytesOut: 0, denied: empty(), latency, byResource: empty(), byPop: empty() };
}

function count(counts: Record<string, TrafficCounts>, id: string, { requests, errors }: TrafficCounts): void {
  const own = counts[id] ?? { requests: 0, errors: 0 };
  counts[id] = { requests: own.requests + requests, errors: own.errors + errors };
}

function secondOf({ latency, ...sum }: Sum, unixMs: number): TrafficSecond {
  const quantile = (share: number): number | null => {
    const ms = latencyQuantileMs(latency, share);
    return ms === null ? null : Math.round(ms * 10) / 10;
  };
  return { ...sum, unixMs, p50Ms: quantile(0.5), p95Ms: quantile(0.95) };
}
