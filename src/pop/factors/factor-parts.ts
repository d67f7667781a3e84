import type { SessionCrypto, SigningKey } from '../../core/session/index.ts';
import type { AuditRecorder } from '../audit-recorder.ts';
import type { Counters } from '../counters.ts';
import { FACTOR_TEXTS } from '../pages/factor-texts.ts';
import { TEXTS } from '../pages/texts.ts';
import type { PortalVisit } from '../portal-visit.ts';
import { clientFacts } from '../portal-visit.ts';
import type { SnapshotHolder } from '../snapshot-holder.ts';
import type { AskerFacts, FactorCalls, Refused } from './factor-calls.ts';

/** What the pages about factors are made from. */
export interface FactorParts {
  readonly calls: FactorCalls;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly counters: Counters;
  readonly holder: SnapshotHolder;
  readonly audit: Pick<AuditRecorder, 'recordSignIn'>;
}

/** Who is asking control: the second step that is under way, or the session. */
export function askerOf(visit: PortalVisit, browser: string, prefers: 'step' | 'session'): AskerFacts | undefined {
  const { portal, second } = visit.cookies;
  const session = visit.signedIn ? portal : undefined;
  const facts = { browser, ...clientFacts(visit) };
  if (prefers === 'step' && second !== undefined) return { ...facts, step: second };
  if (session !== undefined) return { ...facts, session };
  return second === undefined ? undefined : { ...facts, step: second };
}

/** What a refusal means to the person, with its status. */
export function problemOf(refused: Refused, wrong: string): { readonly problem: string; readonly status: number } {
  const texts = FACTOR_TEXTS.problems;
  switch (refused.outcome) {
    case 'limited':
      return { problem: texts.limited(TEXTS.seconds(refused.retryAfterSeconds)), status: 429 };
    case 'unreachable':
      return { problem: texts.unreachable, status: 503 };
    case 'refused':
      return { problem: problemOfCode(refused.code, wrong), status: 401 };
  }
}

function problemOfCode(code: string, wrong: string): string {
  const texts = FACTOR_TEXTS.problems;
  if (code === 'factor-refused') return wrong;
  if (code === 'factors-too-many') return texts.tooMany;
  if (code === 'account-shared') return texts.shared;
  return code === 'password-weak' ? texts.weak : texts.refused;
}
