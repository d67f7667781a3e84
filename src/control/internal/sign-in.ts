import { signOut as revocationsOfSignOut, subjectId } from '../../core/session/index.ts';
import { findUserByEmail, revokePortalSession } from '../../io/store/index.ts';
import { audit, change } from '../change.ts';
import type { Actor, Control } from '../control.ts';
import { endSessions } from '../end-sessions.ts';
import { type DeviceProof, judgeDevice } from '../factors/device-proof.ts';
import { afterFirstStep } from '../factors/first-step.ts';
import { type PortalSessions, revocationOf } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly clientAddress: string;
  readonly userAgent: string;
  /** `browserOf` the form cookie: what a second step is bound to. */
  readonly browser: string;
  /** The secret of the cookie by which this browser is remembered. */
  readonly remembered?: string | undefined;
  readonly device?: DeviceProof | undefined;
}

/**
 * Signs a user in with a password. Every refusal is the same sentence after the same work, so nobody learns which
 * addresses exist; only the limits, which count names that do not exist as well, are told apart.
 */
export async function signIn(control: Control, sessions: PortalSessions, popId: string, given: Credentials) {
  const { store, limits, hasher } = control;
  const limit = await limits.begin(given);
  if (limit) {
    // Only the first is noted, or whoever goes on trying would fill the audit.
    if (limit.isFirst) await note(control, popId, given, 'sign-in.refuse', 'rate-limited');
    const retryAfterMs = Math.ceil(limit.waitMs);
    throw new ControlFailure('sign-in-rate-limited', 'too many tries to sign in; try again later', { retryAfterMs });
  }
  const user = await findUserByEmail(store.database, given.email);
  const fits = await hasher.verify(user?.password_hash ?? null, given.password);
  if (!user || !fits || user.disabled === 1) {
    await note(control, popId, given, 'sign-in.refuse', 'refused');
    throw new ControlFailure('sign-in-refused', 'the email address or the password is wrong');
  }
  await limits.succeeded(given);
  const binding = { purpose: 'sign-in', browser: given.browser, within: '' } as const;
  const deviceKeyId = await judgeDevice(control, user.id, given.device, binding);
  const proof = { methods: ['password'], ...(deviceKeyId !== undefined && { facts: { deviceKeyId } }) };
  const result = await afterFirstStep(control, sessions, user, proof, { ...given, popId });
  const actor: Actor = { name: `user:${user.id}`, clientAddress: given.clientAddress };
  const isDone = result.kind === 'signed-in';
  await audit(control, store.database, actor, {
    action: isDone ? 'sign-in' : 'sign-in.first-step',
    subject: isDone ? result.claims.id : user.id,
    detail: { popId },
  });
  return result;
}

export interface SignOut {
  readonly token: string;
  /** All sessions of the user. */
  readonly everywhere: boolean;
  /** Where the token is for, when it is not one of the portal's. */
  readonly resource?: { readonly id: string; readonly host: string } | undefined;
  readonly clientAddress: string;
}

/** Ends the session of a token, and every session that came from it. Always succeeds. */
export async function signOut(control: Control, sessions: PortalSessions, asked: SignOut): Promise<void> {
  const { token, everywhere, clientAddress } = asked;
  const session = await sessions.verify(token);
  if (!session) return signOutOfPop(control, sessions, asked);
  const atUnixMs = Math.round(control.clock.unixMs());
  await change(control, { name: `user:${session.user.id}`, clientAddress }, async (transaction) => {
    const auditNote = { action: 'sign-out', subject: session.row.id, detail: { everywhere } };
    if (everywhere)
      return { value: undefined, note: auditNote, revoke: await endSessions(transaction, session.user, atUnixMs) };
    const row = await revokePortalSession(transaction, session.row.id, atUnixMs);
    return { value: undefined, note: auditNote, revoke: row ? [revocationOf(row, atUnixMs)] : [] };
  });
}

/** The same for a session that is a PoP's word: it judged the sign-in, or a credential, or somebody is its guest. */
async function signOutOfPop(control: Control, sessions: PortalSessions, asked: SignOut): Promise<void> {
  const { token, resource, clientAddress } = asked;
  const claims = resource
    ? sessions.readStandAlone(token, { kind: 'resource', resourceId: resource.id, host: resource.host })
    : sessions.readJudgedByPop(token);
  if (!claims) return;
  const { judgedBy, subject, id } = claims;
  const detail = { ...(judgedBy !== undefined && { judgedBy }), ...(resource && { resourceId: resource.id }) };
  const note = { action: 'sign-out', subject: id, detail };
  const revoke = revocationsOfSignOut(claims, 'here', Math.round(control.clock.unixMs()));
  const name = subject.kind === 'user' ? `user:${subject.userId}` : subjectId(subject);
  await change(control, { name, clientAddress }, async () => ({ value: undefined, note, revoke }));
}

/** The account that was named is kept so that limits outlive a restart; the password never is. */
async function note(
  control: Control,
  popId: string,
  given: Credentials,
  action: string,
  outcome: string,
): Promise<void> {
  const actor: Actor = { name: `pop:${popId}`, clientAddress: given.clientAddress };
  const detail = { email: given.email.toLowerCase() };
  await audit(control, control.store.database, actor, { action, subject: null, outcome, detail });
}
