import { assertNever } from '../../base/assert-never.ts';
import {
  EJECTION_MS,
  EJECTION_THRESHOLD,
  HEALTHY_THRESHOLD,
  MAXIMUM_EJECTION_MS,
  UNHEALTHY_THRESHOLD,
} from './constants.ts';
import type { Health } from './target.ts';

/**
 * What is known of one target. Active checks (made by the connector) and passive outcomes (seen by the PoP) are two
 * witnesses: checks decide between healthy and unhealthy, a run of failed requests ejects for a while on top of it.
 *
 *     unknown --first check--> healthy | unhealthy
 *     healthy --UNHEALTHY_THRESHOLD failed checks in a row--> unhealthy
 *     unhealthy --HEALTHY_THRESHOLD good checks in a row--> healthy
 *     any --EJECTION_THRESHOLD failed requests in a row--> ejected until a deadline, longer each time
 */
export type CheckState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'healthy'; readonly failures: number }
  | { readonly kind: 'unhealthy'; readonly successes: number };

export interface TargetHealth {
  readonly checks: CheckState;
  /** Failed requests in a row. */
  readonly failedRequests: number;
  /** How many ejections there were without a good request after their end. */
  readonly ejections: number;
  /** Out until this monotonic time; 0 where it was never out. */
  readonly ejectedUntilMs: number;
}

export const UNKNOWN_HEALTH: TargetHealth = {
  checks: { kind: 'unknown' },
  failedRequests: 0,
  ejections: 0,
  ejectedUntilMs: 0,
};

export interface HealthThresholds {
  readonly healthy: number;
  readonly unhealthy: number;
  readonly ejection: number;
}

export const DEFAULT_THRESHOLDS: HealthThresholds = {
  healthy: HEALTHY_THRESHOLD,
  unhealthy: UNHEALTHY_THRESHOLD,
  ejection: EJECTION_THRESHOLD,
};

/** After an active check. */
export function afterCheck(health: TargetHealth, succeeded: boolean, thresholds = DEFAULT_THRESHOLDS): TargetHealth {
  const checks = nextCheckState(health.checks, succeeded, thresholds);
  return checks === health.checks ? health : { ...health, checks };
}

function nextCheckState(state: CheckState, succeeded: boolean, thresholds: HealthThresholds): CheckState {
  switch (state.kind) {
    case 'unknown':
      return succeeded ? { kind: 'healthy', failures: 0 } : { kind: 'unhealthy', successes: 0 };
    case 'healthy': {
      if (succeeded) return state.failures === 0 ? state : { kind: 'healthy', failures: 0 };
      const failures = state.failures + 1;
      return failures < thresholds.unhealthy ? { kind: 'healthy', failures } : { kind: 'unhealthy', successes: 0 };
    }
    case 'unhealthy': {
      if (!succeeded) return state.successes === 0 ? state : { kind: 'unhealthy', successes: 0 };
      const successes = state.successes + 1;
      return successes < thresholds.healthy ? { kind: 'unhealthy', successes } : { kind: 'healthy', failures: 0 };
    }
    default:
      return assertNever(state);
  }
}

/**
 * After a request. `succeeded` means that the target answered at all and not with a gateway's own failure; 4xx and most
 * 5xx are answers.
 */
export function afterRequest(
  health: TargetHealth,
  succeeded: boolean,
  nowMs: number,
  thresholds = DEFAULT_THRESHOLDS,
): TargetHealth {
  if (succeeded) {
    if (health.failedRequests === 0 && health.ejections === 0) return health;
    // A request that began before the ejection says nothing about the time after it.
    const ejections = isEjected(health, nowMs) ? health.ejections : 0;
    return { ...health, failedRequests: 0, ejections };
  }
  if (isEjected(health, nowMs)) return health;
  const failedRequests = health.failedRequests + 1;
  // Once back from an ejection, a single failure is enough for the next, longer one.
  const limit = health.ejections > 0 ? 1 : thresholds.ejection;
  if (failedRequests < limit) return { ...health, failedRequests };
  const durationMs = Math.min(EJECTION_MS * 2 ** health.ejections, MAXIMUM_EJECTION_MS);
  return { ...health, failedRequests: 0, ejections: health.ejections + 1, ejectedUntilMs: nowMs + durationMs };
}

/** Whether the target is out for its failed requests. */
export function isEjected(health: TargetHealth, nowMs: number): boolean {
  return nowMs < health.ejectedUntilMs;
}

/** The word for a choice: an ejected target is unhealthy while it is out. */
export function healthOf(health: TargetHealth, nowMs: number): Health {
  return isEjected(health, nowMs) ? 'unhealthy' : health.checks.kind;
}
