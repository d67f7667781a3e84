import { type Decision, evaluate, type Reason } from '../core/policy/index.ts';
import type { ManisCookies, ResourceClaims } from '../core/session/index.ts';
import type { HttpRequest } from '../io/http/message.ts';
import type { SignedIn } from './authenticate.ts';
import { certificateHolder } from './client-certificates.ts';
import type { Counters } from './counters.ts';
import type { Presented, PresentedReason } from './credentials/presented.ts';
import type { AtResource } from './door.ts';
import { type Problem, problemOfDecision } from './problems.ts';
import { readCookies } from './request-context.ts';
import type { WhoAsks } from './who-asks.ts';

export interface JudgingParts {
  readonly who: WhoAsks;
  readonly counters: Counters;
}

/** Who asks for something of a resource, and whether they may. */
export interface Judged {
  readonly decision: Decision;
  readonly signedIn: SignedIn<ResourceClaims> | undefined;
  /** Whether it is by a session that they are. */
  readonly hasSession: boolean;
  readonly cookies: ManisCookies;
  /** The Cookie field for the backend. */
  readonly passedCookie: string | undefined;
  /** A credential that the request brought in its fields. */
  readonly presented: Presented | undefined;
  /** Why that one stands for nobody. */
  readonly fault: PresentedReason | undefined;
}

/** Undefined where the cookies of Manis are not as Manis writes them. */
export function judge(
  parts: JudgingParts,
  at: AtResource,
  request: HttpRequest,
  presented: Presented | undefined,
): Judged | undefined {
  const { context } = at;
  const { manis: cookies, passed } = readCookies(context.connection, request.rawHeaders);
  if (typeof cookies === 'string') {
    parts.counters.add('sessions', cookies);
    return undefined;
  }
  const who = parts.who.of(at, cookies, presented);
  const signedIn = typeof who === 'string' ? undefined : who;
  const judged = decide(at, signedIn);
  parts.counters.add('decisions', judged.decision.reason);
  return {
    ...judged,
    cookies,
    passedCookie: passed,
    presented,
    fault: typeof who === 'string' ? who : undefined,
  };
}

/** By the session or the credential, if there is one; where that does not do, by the certificate that the client holds. */
function decide(
  { context, resource: { record, policy } }: AtResource,
  signedIn: SignedIn<ResourceClaims> | undefined,
): Pick<Judged, 'decision' | 'signedIn' | 'hasSession'> {
  const decision = evaluate(policy, context, signedIn?.subject);
  const certificate = decision.outcome === 'allow' ? undefined : context.clientCertificate;
  const holder = certificate && certificateHolder(certificate, context, record.id);
  const second = holder && evaluate(policy, context, holder.subject);
  if (second?.outcome === 'allow') return { decision: second, signedIn: holder, hasSession: false };
  return { decision, signedIn, hasSession: signedIn !== undefined };
}

/** What is wrong with a credential that was brought is told where it is nothing that the client could mend by signing in. */
export function problemOf({ fault }: Judged, outcome: 'deny' | 'challenge', reason: Reason): Problem {
  return fault === 'too-many-tries' || fault === 'try-again' ? fault : problemOfDecision(outcome, reason);
}
