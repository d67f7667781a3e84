/** Signing in through a provider while control is away: the PoP does the exchange, for people whom the provider knows already. */
import { judgeIdentity, personOf, provedTwoFactors } from '../../core/identity/index.ts';
import type { IdentityProviderRecord } from '../../core/link/index.ts';
import {
  issuePopPortalSession,
  type PortalClaims,
  type ProviderAttempt,
  type SessionCrypto,
  type SigningKey,
} from '../../core/session/index.ts';
import { type IdentityProviders, ProviderFailure } from '../../io/identity-provider/index.ts';
import type { AuditRecorder } from '../audit-recorder.ts';
import type { AtPortal } from '../portal-visit.ts';
import type { SnapshotHolder } from '../snapshot-holder.ts';
import { clientSettings, redirectUri, userByIdentity } from './known-providers.ts';
import type { ProviderResult } from './provider-calls.ts';

export interface ProviderHereParts {
  readonly holder: SnapshotHolder;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly providers: IdentityProviders;
  readonly audit: Pick<AuditRecorder, 'recordSignIn'>;
}

/** Judges a sign-in with what the snapshot knows (decision 0043). New people need control. */
export async function signInHere(
  parts: ProviderHereParts,
  at: AtPortal,
  record: IdentityProviderRecord,
  attempt: ProviderAttempt,
  query: string,
): Promise<ProviderResult> {
  const { result, claims } = await judgeHere(parts, at, record, attempt, query);
  if (claims || result.outcome === 'refused') parts.audit.recordSignIn(at.context, claims);
  return result;
}

interface JudgedHere {
  readonly result: ProviderResult;
  /** Of the session that begins. */
  readonly claims?: PortalClaims;
}

function refused(reason: string): JudgedHere {
  return { result: { outcome: 'refused', reason } };
}

async function judgeHere(
  { holder, crypto, key, providers }: ProviderHereParts,
  { context, view }: AtPortal,
  record: IdentityProviderRecord,
  attempt: ProviderAttempt,
  query: string,
): Promise<JudgedHere> {
  const settings = clientSettings(record);
  try {
    const back = redirectUri(view, record.name);
    const answer = await providers.of(settings).exchange(attempt, new URLSearchParams(query), back);
    const said = personOf(settings, answer.claims);
    if (!said) return refused('subject-missing');
    const user = userByIdentity(view, record.id, said.subject);
    const known = user && { userId: user.id, disabled: user.disabled };
    const verdict = judgeIdentity({ ...settings, provisioning: 'never' }, said, { byIdentity: known });
    if (verdict.kind === 'refused' || !user)
      return refused(verdict.kind === 'refused' && user ? verdict.reason : 'control-needed');
    if (!view.users.isMember(user, record.organisationId)) return refused('account-missing');
    const hasTwo = provedTwoFactors(settings, answer.claims);
    // A second factor is control's to judge; a passkey of theirs would have done for both.
    if (user.asksFactor && !hasTwo) return refused('factor-needed');
    const nowUnixMs = context.nowUnixMs;
    const provedAtUnixMs = Math.min(nowUnixMs, answer.authenticatedAtUnixMs ?? nowUnixMs);
    const signIn = {
      userId: user.id,
      methods: ['oidc', ...(hasTwo ? ['mfa'] : [])],
      authenticatedAtUnixMs: provedAtUnixMs,
      ...(hasTwo && { mfaAtUnixMs: provedAtUnixMs }),
      via: { providerId: record.id, ...(answer.sid !== undefined && { sid: answer.sid }) },
    };
    const at = { host: context.host, lifetimes: view.lifetimes, revocations: holder.revocations };
    const { token, claims } = issuePopPortalSession(crypto, key, signIn, at, nowUnixMs);
    if (holder.revocations.reasonAgainst(claims, key.id) !== undefined) return refused('provider-signed-out');
    const idToken = settings.signOut ? answer.idToken : undefined;
    return { result: { outcome: 'signed-in', token, expiresUnixMs: claims.idleExpiresAtUnixMs, idToken }, claims };
  } catch (error) {
    if (error instanceof ProviderFailure) return { result: { outcome: 'failed', code: error.code } };
    throw error;
  }
}
