import { type Decision, evaluate, normaliseTarget, plainContext } from '../../core/policy/index.ts';
import type { AuthorizeRequest, Prompt } from '../../core/session/index.ts';
import type { SignedIn } from '../authenticate.ts';
import { REAUTHENTICATED_WITHIN_MS } from '../constants.ts';
import type { AtPortal } from '../portal-visit.ts';
import type { PublishedResource } from '../published-resource.ts';
import { type StepUpWhy, stepUpLocation } from './second-step-pages.ts';

/** Methods that a session can be strengthened by, without beginning anew. */
const ON_TOP: ReadonlySet<string> = new Set(['password', 'totp', 'recovery-code', 'passkey', 'email-otp']);

/**
 * Where somebody who is signed in goes first, because the policy asks for more than the session says: to just what is
 * missing. Undefined: nothing is. Judged here as the resource's host judges it, so it comes out the same after the proof.
 */
export function stepUpFor(
  at: AtPortal,
  signedIn: SignedIn,
  asked: AuthorizeRequest,
  resource: PublishedResource,
): string | undefined {
  const returnTo = `/authorize${at.context.target.query}`;
  const decision = decisionThere(at, signedIn, asked, resource);
  if (decision?.outcome === 'challenge') return locationFor(decision.reason, methodsOf(decision), returnTo);
  // What the resource's host saw of the request cannot be seen here (its header fields, say): its word counts, once.
  const ageMs = at.context.nowUnixMs - signedIn.claims.authenticatedAtUnixMs;
  if (asked.prompt === undefined || decision?.outcome === 'allow' || ageMs < REAUTHENTICATED_WITHIN_MS)
    return undefined;
  return locationFor(asked.prompt, [], returnTo);
}

function decisionThere(
  { context, view }: AtPortal,
  { subject }: SignedIn,
  asked: AuthorizeRequest,
  resource: PublishedResource,
): Decision | undefined {
  const target = normaliseTarget(asked.returnTo);
  if (typeof target === 'string') return undefined;
  const { clientAddress, nowUnixMs, place, device, certificate } = context;
  const header = (name: string): string | undefined => context.header(name);
  const there = plainContext({ clientAddress, nowUnixMs, place, device, certificate, header, target, method: 'GET' });
  // At the portal people are their account; the resource's organisation knows them by their roles there.
  const member = view.users.member(subject.userId, view.organisationOf(resource.record));
  if (member === undefined || member === 'not-a-member') return undefined;
  return evaluate(resource.policy, there, { ...subject, roles: member.roles, groups: member.groups });
}

const WHY: Readonly<Record<Prompt, StepUpWhy>> = {
  'mfa-required': 'mfa',
  'session-too-old': 'age',
  'method-required': 'method',
};

function locationFor(reason: string, methods: readonly string[], returnTo: string): string {
  const signIn = `/sign-in?${new URLSearchParams({ return: returnTo })}`;
  const why = WHY[reason as Prompt] as StepUpWhy | undefined;
  if (why === undefined) return signIn;
  const onTop = methods.filter((method) => ON_TOP.has(method));
  // Asked for an identity provider, say: that is a sign-in of its own.
  if (why === 'method' && onTop.length === 0) return signIn;
  return stepUpLocation(why, returnTo, why === 'method' ? onTop : []);
}

function methodsOf({ methods, ways }: Decision): readonly string[] {
  return methods ?? ways?.methods ?? [];
}
