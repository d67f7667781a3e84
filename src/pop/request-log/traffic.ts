import { LATENCY_BUCKETS, latencyBucket, MAX_TRAFFIC_REASONS, type ResourceTraffic } from '../../core/link/index.ts';
import { MAXIMUM_TRAFFIC_RESOURCES } from '../constants.ts';

interface Counts {
  requests: number;
  errors: number;
  bytesOut: number;
  readonly denied: Map<string, number>;
  readonly latency: number[];
}

/** A request that is over. */
export interface EndedRequest {
  readonly resourceId: string;
  readonly isError: boolean;
  /** Why it was refused, where it was. */
  readonly deniedFor: string | undefined;
  readonly totalMs: number;
  readonly bytesOut: number;
}

/** Counts all requests of a second, by resource. */
export class Traffic {
  #resources = new Map<string, Counts>();

  add({ resourceId, isError, deniedFor, totalMs, bytesOut }: EndedRequest): void {
    let counts = this.#resources.get(resourceId);
    if (!counts) {
      if (this.#resources.size >= MAXIMUM_TRAFFIC_RESOURCES) return;
      const latency = new Array<number>(LATENCY_BUCKETS).fill(0);
      counts = { requests: 0, errors: 0, bytesOut: 0, denied: new Map(), latency };
      this.#resources.set(resourceId, counts);
    }
    counts.requests++;
    counts.bytesOut += bytesOut;
    if (isError) counts.errors++;
    if (deniedFor !== undefined && (counts.denied.has(deniedFor) || counts.denied.size < MAX_TRAFFIC_REASONS))
      counts.denied.set(deniedFor, (counts.denied.get(deniedFor) ?? 0) + 1);
    const bucket = latencyBucket(totalMs);
    counts.latency[bucket] = (counts.latency[bucket] ?? 0) + 1;
  }

  /** What was counted since the last time. */
  take(): ResourceTraffic[] {
    const taken = this.#resources;
    this.#resources = new Map();
    return [...taken].map(([resourceId, { denied, ...counts }]) => ({
      ...{ resourceId, ...counts },
      denied: Object.fromEntries(denied),
    }));
  }
}
