import type { Reason } from '../core/policy/index.ts';
import {
  RETRY_AFTER_MAINTENANCE_SECONDS,
  RETRY_WHEN_BUSY_SECONDS,
  RETRY_WHEN_OVERLOADED_SECONDS,
  RETRY_WHEN_WAY_IS_BACK_SECONDS,
} from './constants.ts';

/**
 * Everything that can keep the PoP from serving a request, with its HTTP status. The words for people are in
 * `pages/problem-texts.ts`; the same names are in logs, metrics and answers.
 */
export const PROBLEM_STATUS = {
  'request-malformed': 400,
  'host-missing': 400,
  'host-duplicated': 400,
  'host-malformed': 400,
  'host-differs': 400,
  'path-refused': 400,
  'cookies-refused': 400,
  'form-malformed': 400,
  'form-expired': 403,
  'origin-refused': 403,
  'link-expired': 400,
  'share-link-invalid': 404,
  'share-link-used-up': 410,
  'share-link-not-admitted': 403,
  'too-many-tries': 429,
  'try-again': 503,
  'set-up-unknown': 404,
  'invitation-unknown': 404,
  'reset-unknown': 404,
  'headers-too-many': 431,
  'uri-too-long': 414,
  'body-too-large': 413,
  'rate-limited': 429,
  busy: 503,
  overloaded: 503,
  maintenance: 503,
  'form-too-large': 413,
  'method-refused': 405,
  'plain-http': 403,
  'name-mismatch': 421,
  'host-unknown': 404,
  'access-only': 404,
  'page-unknown': 404,
  'sign-in-needed': 401,
  'not-a-member': 403,
  denied: 403,
  'no-healthy-target': 503,
  'device-pop-lost': 503,
  'pop-stopping': 503,
  'target-refused': 502,
  'target-unreachable': 502,
  'target-aborted': 502,
  'target-malformed': 502,
  'target-tls-failed': 502,
  'target-no-websockets': 502,
  'target-timed-out': 504,
  'deadline-exceeded': 504,
  'snapshot-missing': 503,
  'snapshot-stale': 503,
  'control-unreachable': 503,
} as const satisfies Record<string, number>;

export type Problem = keyof typeof PROBLEM_STATUS;

/** When to ask again, for what passes. */
export const RETRY_AFTER_SECONDS: Readonly<Partial<Record<Problem, number>>> = {
  'too-many-tries': 60,
  busy: RETRY_WHEN_BUSY_SECONDS,
  overloaded: RETRY_WHEN_OVERLOADED_SECONDS,
  maintenance: RETRY_AFTER_MAINTENANCE_SECONDS,
  'no-healthy-target': RETRY_WHEN_WAY_IS_BACK_SECONDS,
  'device-pop-lost': RETRY_WHEN_WAY_IS_BACK_SECONDS,
  'pop-stopping': RETRY_WHEN_WAY_IS_BACK_SECONDS,
};

/** What a person learns about a refusal by policy: never the rule, and nothing on how it was reached. */
export function problemOfDecision(outcome: 'deny' | 'challenge', _reason: Reason): Problem {
  return outcome === 'challenge' ? 'sign-in-needed' : 'denied';
}
