/** What PoPs decided while control was away, once they tell: sessions that they began, and sign-outs that they were told of. */
import {
  AUDIT_SIGNED_IN_HERE,
  AUDIT_SIGNED_OUT_THERE,
  type AuditEvent,
  type JudgedSession,
  type JudgedSignOut,
} from '../core/link/index.ts';
import {
  countLiveSessions,
  findAnyIdentityProvider,
  findUser,
  keepReportedSession,
  type UsersTable,
} from '../io/store/index.ts';
import { JUDGED_SESSIONS_MAX, SESSION_LIFETIME_MAX_MS, USER_AGENT_MAX_CHARS } from './constants.ts';
import type { Control } from './control.ts';
import { endSignedOut } from './providers/provider-sign-out.ts';

/**
 * Takes over what events of a PoP say that it decided. Twice is as good as once. A PoP is believed with what it could do anyway:
 * a session that it reports opens nothing by that, and is there to be seen and ended; ending more than was asked harms nobody's secrets.
 */
export async function takeJudgements(control: Control, popId: string, events: readonly AuditEvent[]): Promise<void> {
  for (const event of events) {
    const { session, signOut, reason } = event;
    if (reason === AUDIT_SIGNED_IN_HERE && session) await keepSession(control, popId, event, session);
    if (reason === AUDIT_SIGNED_OUT_THERE && signOut) await endThere(control, popId, event, signOut);
  }
}

async function keepSession(
  { store, clock }: Control,
  popId: string,
  { userId, unixMs, clientAddress }: AuditEvent,
  session: JudgedSession,
): Promise<void> {
  const nowUnixMs = Math.round(clock.unixMs());
  const isOver = session.expiresUnixMs <= nowUnixMs || session.expiresUnixMs > nowUnixMs + SESSION_LIFETIME_MAX_MS;
  if (userId === null || isOver) return;
  await store.transaction(async (transaction) => {
    const user = await findUser(transaction, userId);
    if (!user || user.disabled === 1 || hasEnded(session, user)) return;
    if ((await countLiveSessions(transaction, userId, nowUnixMs)) >= JUDGED_SESSIONS_MAX) return;
    await keepReportedSession(transaction, {
      ...{ id: session.id, user_id: userId, created_unix_ms: Math.round(unixMs), pop_id: popId },
      ...{ expires_unix_ms: Math.round(session.expiresUnixMs), revoked_unix_ms: null },
      ...{ client_address: clientAddress, user_agent: session.userAgent.slice(0, USER_AGENT_MAX_CHARS) },
      ...{ provider_id: session.providerId ?? null, provider_sid: session.providerSid ?? null },
    });
  });
}

/** Whether everything of the user was ended since. A PoP that has heard of no such thing says 0; accounts begin with 1. */
function hasEnded({ epoch }: JudgedSession, { session_epoch }: UsersTable): boolean {
  return session_epoch > 1 && epoch < session_epoch;
}

async function endThere(
  control: Control,
  popId: string,
  { unixMs, clientAddress }: AuditEvent,
  { providerId, sid, subject }: JudgedSignOut,
): Promise<void> {
  const row = await findAnyIdentityProvider(control.store.database, providerId);
  if (!row || row.enabled === 0) return;
  const atUnixMs = Math.round(Math.min(unixMs, control.clock.unixMs()));
  await endSignedOut(control, { name: `pop:${popId}`, clientAddress }, row.id, { sid, subject }, atUnixMs);
}
