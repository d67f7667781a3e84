import { assertNever } from '../../base/assert-never.ts';
import { HEALTHY_THRESHOLD, UNHEALTHY_THRESHOLD } from './constants.ts';
import type { Health } from './target.ts';
import { isTlsFault, type TlsFault, tlsFaultSentence } from './tls-fault.ts';

/**
 * What the checks of one target say, as its connector counts them:
 *
 *     unknown --first check--> healthy | unhealthy
 *     healthy --`unhealthy` failed checks in a row--> unhealthy
 *     unhealthy --`healthy` good checks in a row--> healthy
 */
export type CheckState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'healthy'; readonly failures: number }
  | { readonly kind: 'unhealthy'; readonly successes: number };

/** Checks in a row that change a state. */
export interface HealthThresholds {
  readonly healthy: number;
  readonly unhealthy: number;
}

export const DEFAULT_THRESHOLDS: HealthThresholds = { healthy: HEALTHY_THRESHOLD, unhealthy: UNHEALTHY_THRESHOLD };

export const NOT_CHECKED: CheckState = { kind: 'unknown' };

/** After one more check. */
export function afterCheck(state: CheckState, succeeded: boolean, thresholds = DEFAULT_THRESHOLDS): CheckState {
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
 * Why a way to a target is in the state it is in: stable codes, never a text of the target's.
 *
 * | code | said by | meaning |
 * |---|---|---|
 * | ok | connector | the last check was good |
 * | not-checked | connector, PoP | there is no check, or none has ended yet |
 * | connect-refused | connector | the target refused the connection |
 * | timed-out | connector | the check took longer than it may |
 * | unreachable | connector | its name or network is not there |
 * | closed | connector | the connection ended before an answer |
 * | malformed | connector | the answer is not HTTP |
 * | tls-... | connector | see `TlsFault` |
 * | status-NNN | connector | the answer had a status that is not expected |
 * | tunnel-down | PoP | no path leads to the connector |
 * | ejected | PoP | requests failed one after another |
 */
export type HealthReason =
  | 'ok'
  | 'not-checked'
  | 'connect-refused'
  | 'timed-out'
  | 'unreachable'
  | 'closed'
  | 'malformed'
  | TlsFault
  | `status-${number}`
  | 'tunnel-down'
  | 'ejected';

/** How one way to a target is, and since when. */
export interface WayState {
  readonly state: Health;
  /** A `HealthReason`, or a newer peer's. */
  readonly reason: string;
  readonly sinceUnixMs: number;
}

const SENTENCES: Readonly<Record<string, string>> = {
  ok: 'the last check was good',
  'not-checked': 'not checked',
  'connect-refused': 'the target refused the connection',
  'timed-out': 'the target did not answer in time',
  unreachable: 'the connector finds no way to the target',
  closed: 'the target closed the connection without an answer',
  malformed: 'the target does not speak HTTP',
  'tunnel-down': 'no tunnel leads to the connector',
  ejected: 'requests failed one after another',
};

/** A reason for people. */
export function healthSentence(reason: string): string {
  const status = /^status-(\d{3})$/.exec(reason)?.[1];
  if (status) return `the target answered with status ${status}`;
  return isTlsFault(reason) ? tlsFaultSentence(reason) : (SENTENCES[reason] ?? reason);
}
