import { MFA, methodsWith } from '../../core/session/index.ts';
import { hashSecret, newSecret } from '../../io/secrets.ts';
import { insertRememberedBrowser, spendProof } from '../../io/store/index.ts';
import { audit, change } from '../change.ts';
import { USER_AGENT_MAX_CHARS } from '../constants.ts';
import type { Actor } from '../control.ts';
import { newId } from '../ids.ts';
import type { PortalSessions } from '../portal-sessions.ts';
import { ControlFailure } from '../problems.ts';
import { isWholeAccount } from '../session-reach.ts';
import { type Asker, stepEnded } from './asker.ts';
import { beginFactorTry, factorTrySucceeded, tooManyTries } from './factor-limits.ts';
import type { FactorAnswer, FactorVerdict, FactorVisit } from './factor-method.ts';
import { canProve, FACTOR_METHODS, factorsOf } from './methods.ts';
import { mfaRulesOf } from './settings.ts';

export interface GivenFactor extends FactorAnswer {
  /** Name of a factor, or `password` where a session is to be proved anew. */
  readonly method: string;
  /** Leave the second step out in this browser from now on. */
  readonly remember: boolean;
}

/** What the page of a second step or of a step-up needs. */
export async function readSecondStep(asker: Asker) {
  const { control, user, methods, reach } = asker.visit;
  const offered = await factorsOf(control, user, methods);
  const { rememberMs } = await mfaRulesOf(control.store.database, user, reach);
  const need = canProve(offered) ? ('prove' as const) : ('enrol' as const);
  return {
    // What they came through may not add a factor: it would open other organisations as well.
    ...(need === 'enrol' &&
      !(await isWholeAccount(control, user, reach)) && {
        elsewhere: { hasPassword: user.password_hash !== null },
      }),
    userId: user.id,
    email: user.email,
    within: asker.visit.within,
    // Somebody who has a factor proves it: a second step never gets anybody round one that is there.
    need,
    offered,
    hasPassword: asker.kind === 'session' && user.password_hash !== null,
    rememberMs: asker.kind === 'step' ? rememberMs : 0,
  };
}

/** Judges a factor. A second step becomes a session, a session a stronger one. Failures `factor-refused`, `sign-in-rate-limited`. */
export async function finishSecondStep(sessions: PortalSessions, asker: Asker, given: GivenFactor) {
  const { visit } = asker;
  const verdict = await judge(asker, given);
  if (!verdict.ok) {
    await note(visit, 'second-step.refuse', verdict.reason, { method: given.method });
    throw new ControlFailure('factor-refused', 'that was not right');
  }
  const granted = await grant(sessions, asker, given.method, verdict.userVerified);
  const remembered = given.remember && asker.kind === 'step' ? await remember(visit) : undefined;
  return { ...granted, remembered };
}

/** The session that a proved factor leads to. */
export async function grant(sessions: PortalSessions, asker: Asker, method: string, userVerified: boolean) {
  const { visit } = asker;
  const { control, user } = visit;
  const unixMs = Math.round(control.clock.unixMs());
  if (asker.kind === 'step') {
    const { claims } = asker;
    if (!(await spendProof(control.store.database, claims.id, claims.expiresAtUnixMs))) throw stepEnded();
    const methods = methodsWith(claims.methods, method, userVerified);
    const { via, deviceKeyId } = claims;
    const facts = { ...(via && { via }), ...(deviceKeyId !== undefined && { deviceKeyId }) };
    const mfa = methods.includes(MFA) && { mfaAtUnixMs: unixMs };
    const session = await sessions.issue(user, methods, visit.origin, { ...facts, ...mfa });
    await note(visit, 'sign-in', 'done', { methods, popId: visit.origin.popId }, session.claims.id);
    return { ...session, user };
  }
  const { live } = asker;
  // Whoever reads somebody's mail gets in with a code and makes a password of their own: the two are one thing.
  const isPassword = method === 'password';
  const methods = isPassword
    ? [...new Set([...live.claims.methods, method])]
    : methodsWith(live.claims.methods, method, userVerified);
  const session = sessions.strengthen(
    live,
    methods,
    !isPassword && methods.includes(MFA) ? { mfaAtUnixMs: unixMs } : {},
  );
  await note(visit, 'session.step-up', 'done', { methods }, live.claims.id);
  return { ...session, user };
}

async function judge(asker: Asker, given: GivenFactor): Promise<FactorVerdict> {
  const { visit } = asker;
  const { control, user } = visit;
  if (given.method === 'password' && asker.kind === 'session') return judgePassword(visit, given.code);
  const method = FACTOR_METHODS.find(({ name }) => name === given.method);
  if (!method) return { ok: false, reason: 'method-unknown' };
  const { clientAddress } = visit.origin;
  const limit = await beginFactorTry(control, user.id, clientAddress, method.canBeGuessed);
  if (limit) throw await limited(visit, limit);
  const verdict = await method.judge(visit, given);
  if (verdict.ok) await factorTrySucceeded(control, user.id, clientAddress);
  return verdict;
}

async function judgePassword(visit: FactorVisit, password: string): Promise<FactorVerdict> {
  const { control, user, origin } = visit;
  const attempt = { email: user.email, clientAddress: origin.clientAddress };
  const limit = await control.limits.begin(attempt);
  if (limit) throw await limited(visit, limit);
  if (!(await control.hasher.verify(user.password_hash, password))) return { ok: false, reason: 'password-wrong' };
  await control.limits.succeeded(attempt);
  return { ok: true, userVerified: false };
}

/** Only the first is noted, or whoever goes on trying would fill the audit. */
async function limited(visit: FactorVisit, limit: { readonly waitMs: number; readonly isFirst: boolean }) {
  if (limit.isFirst) await note(visit, 'second-step.refuse', 'rate-limited', {});
  return tooManyTries(limit);
}

async function remember(visit: FactorVisit): Promise<{ token: string; expiresUnixMs: number } | undefined> {
  const { control, user, origin, reach } = visit;
  const { rememberMs } = await mfaRulesOf(control.store.database, user, reach);
  if (rememberMs === 0) return undefined;
  const unixMs = Math.round(control.clock.unixMs());
  const token = newSecret('mnr', control.random);
  const id = newId('rem', control.clock, control.random);
  const expiresUnixMs = unixMs + rememberMs;
  await change(control, actorOf(visit), async (transaction) => {
    await insertRememberedBrowser(transaction, {
      id,
      user_id: user.id,
      secret_hash: hashSecret(token),
      client_address: origin.clientAddress,
      user_agent: origin.userAgent.slice(0, USER_AGENT_MAX_CHARS),
      created_unix_ms: unixMs,
      expires_unix_ms: expiresUnixMs,
      last_used_unix_ms: unixMs,
    });
    return { value: undefined, note: { action: 'browser.remember', subject: id } };
  });
  return { token, expiresUnixMs };
}

export function actorOf({ user, origin }: FactorVisit): Actor {
  return { name: `user:${user.id}`, clientAddress: origin.clientAddress };
}

async function note(
  visit: FactorVisit,
  action: string,
  outcome: string,
  detail: Readonly<Record<string, unknown>>,
  subject: string = visit.user.id,
): Promise<void> {
  const { control } = visit;
  await audit(control, control.store.database, actorOf(visit), { action, subject, outcome, detail });
}
