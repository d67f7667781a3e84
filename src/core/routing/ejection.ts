import { EJECTION_MS, EJECTION_THRESHOLD, MAXIMUM_EJECTION_MS } from './constants.ts';

/**
 * Requests as witnesses, beside the checks: a run of failed ones over one way (a target through one connector) takes
 * the way out for a while, longer each time.
 */
export interface Ejection {
  /** Failed requests in a row. */
  readonly failedRequests: number;
  /** How many ejections there were without a good request after their end. */
  readonly count: number;
  /** Out until this monotonic time; 0 where it was never out. */
  readonly untilMs: number;
}

export const NEVER_EJECTED: Ejection = { failedRequests: 0, count: 0, untilMs: 0 };

/**
 * After a request. `succeeded` means that the target answered at all and not with a gateway's own failure; 4xx and most
 * 5xx are answers.
 */
export function afterRequest(ejection: Ejection, succeeded: boolean, nowMs: number): Ejection {
  if (succeeded) {
    if (ejection.failedRequests === 0 && ejection.count === 0) return ejection;
    // A request that began before the ejection says nothing about the time after it.
    return { ...ejection, failedRequests: 0, count: isEjected(ejection, nowMs) ? ejection.count : 0 };
  }
  if (isEjected(ejection, nowMs)) return ejection;
  const failedRequests = ejection.failedRequests + 1;
  // Once back from an ejection, a single failure is enough for the next, longer one.
  if (failedRequests < (ejection.count > 0 ? 1 : EJECTION_THRESHOLD)) return { ...ejection, failedRequests };
  const durationMs = Math.min(EJECTION_MS * 2 ** ejection.count, MAXIMUM_EJECTION_MS);
  return { failedRequests: 0, count: ejection.count + 1, untilMs: nowMs + durationMs };
}

/** Whether the way is out for its failed requests. */
export function isEjected(ejection: Ejection, nowMs: number): boolean {
  return nowMs < ejection.untilMs;
}
