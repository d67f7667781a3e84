/** Portal sessions: issued here, kept as rows so that they can be listed and revoked, verified by whoever sees the token. */

import { fromBase64Url } from '../base/index.ts';
import { recordKey } from '../core/link/index.ts';
import {
  type Audience,
  type Circumstances,
  type IssuerKey,
  issueSessionToken,
  newId as newSessionId,
  type PortalClaims,
  type ResourceClaims,
  type Revocation,
  RevocationTable,
  renewedClaims,
  SessionVerifier,
  type SignInFacts,
  verifySessionToken,
} from '../core/session/index.ts';
import {
  findPortalSession,
  findUser,
  firstOrganisation,
  insertPortalSession,
  type PortalSessionsTable,
  type UsersTable,
} from '../io/store/index.ts';
import { USER_AGENT_MAX_CHARS } from './constants.ts';
import type { Control } from './control.ts';
import { noticeNewDevice } from './mail/notices.ts';
import { ControlFailure } from './problems.ts';

export interface LiveSession {
  readonly claims: PortalClaims;
  readonly row: PortalSessionsTable;
  readonly user: UsersTable;
}

export interface SessionOrigin {
  readonly clientAddress: string;
  readonly userAgent: string;
  readonly popId: string | null;
}

export class PortalSessions {
  readonly #control: Control;
  readonly #verifier: SessionVerifier;
  readonly #keys = new Map<string, { readonly text: string; readonly key: IssuerKey }>();

  constructor(control: Control) {
    this.#control = control;
    const keys = { keyOf: (id: string) => this.#keyOf(id) };
    // Revocation is judged by the session's row, which every control node sees; the table stays empty.
    this.#verifier = new SessionVerifier({ keys, revocations: new RevocationTable() });
  }

  /**
   * What the token of a session says that a PoP judged while control was away. Control takes it for nothing but to end it:
   * there is no row, so the PoPs are told by its id.
   */
  readJudgedByPop(token: string): PortalClaims | undefined {
    const audience = { kind: 'portal', host: this.#control.portalHost, alsoOfPops: true } as const;
    const claims = verifySessionToken(token, this.#signedByPops(), audience, this.#control.clock.unixMs());
    return typeof claims !== 'string' && claims.kind === 'portal' ? claims : undefined;
  }

  /** The same for a session with a resource that stands alone (of a guest, or the holder of a credential). */
  readStandAlone(token: string, audience: Audience & { readonly kind: 'resource' }): ResourceClaims | undefined {
    const claims = verifySessionToken(token, this.#signedByPops(), audience, this.#control.clock.unixMs());
    return typeof claims !== 'string' && claims.kind === 'resource' && claims.parentId === claims.id
      ? claims
      : undefined;
  }

  /** The word of any PoP, whatever is revoked: ending what has ended does no harm. */
  #signedByPops(): Circumstances {
    const { publisher, crypto } = this.#control;
    const keyOf = (id: string): IssuerKey | undefined => {
      const record = publisher.current?.records.get(recordKey({ kind: 'pop', id }));
      const key =
        record?.kind === 'pop' ? crypto.verifier(fromBase64Url(record.signingKey) ?? new Uint8Array()) : undefined;
      return key && { verifier: key, issuer: 'pop', mayIssue: () => true };
    };
    return { keys: { keyOf }, revocations: new RevocationTable() };
  }

  /** The key of any control node: a session goes on when the node that signed it is gone. */
  #keyOf(controlId: string): IssuerKey | undefined {
    const record = this.#control.publisher.current?.records.get(recordKey({ kind: 'control', id: controlId }));
    if (record?.kind !== 'control') return undefined;
    let known = this.#keys.get(controlId);
    if (known?.text !== record.signingKey) {
      const verifier = this.#control.crypto.verifier(fromBase64Url(record.signingKey) ?? new Uint8Array());
      if (!verifier) return undefined;
      known = { text: record.signingKey, key: { verifier, issuer: 'control', mayIssue: () => true } };
      this.#keys.set(controlId, known);
    }
    return known.key;
  }

  /** A new session of a user who has proved who they are, just now or at `provedUnixMs`. */
  async issue(
    user: UsersTable,
    methods: readonly string[],
    origin: SessionOrigin,
    facts: SignInFacts = {},
    provedUnixMs = Number.POSITIVE_INFINITY,
  ) {
    const { crypto, clock, store, portalHost } = this.#control;
    const lifetimes = await this.#lifetimes();
    const nowUnixMs = Math.round(clock.unixMs());
    const claims: PortalClaims = {
      kind: 'portal',
      id: newSessionId(crypto),
      subject: { kind: 'user', userId: user.id },
      epoch: user.session_epoch,
      methods,
      authenticatedAtUnixMs: Math.max(0, Math.min(nowUnixMs, Math.round(provedUnixMs))),
      startedAtUnixMs: nowUnixMs,
      issuedAtUnixMs: nowUnixMs,
      expiresAtUnixMs: nowUnixMs + lifetimes.absoluteMs,
      idleExpiresAtUnixMs: nowUnixMs + Math.min(lifetimes.idleMs, lifetimes.absoluteMs),
      host: portalHost,
      ...facts,
    };
    const row: PortalSessionsTable = {
      id: claims.id,
      user_id: user.id,
      created_unix_ms: nowUnixMs,
      expires_unix_ms: claims.expiresAtUnixMs,
      client_address: origin.clientAddress,
      user_agent: origin.userAgent.slice(0, USER_AGENT_MAX_CHARS),
      pop_id: origin.popId,
      revoked_unix_ms: null,
      provider_id: facts.via?.providerId ?? null,
      provider_sid: facts.via?.sid ?? null,
    };
    await insertPortalSession(store.database, row);
    this.#control.afterwards.do(() => noticeNewDevice(this.#control, user, row));
    return { token: this.#sign(claims), claims };
  }

  /** The session that a token stands for, if it is live and its user may be signed in. */
  async verify(token: string): Promise<LiveSession | undefined> {
    const { clock, store, portalHost } = this.#control;
    const claims = this.#verifier.verify(token, { kind: 'portal', host: portalHost }, clock.unixMs());
    if (typeof claims === 'string' || claims.kind !== 'portal') return undefined;
    const row = await findPortalSession(store.database, claims.id);
    if (!row || row.revoked_unix_ms !== null) return undefined;
    const user = await findUser(store.database, claims.subject.userId);
    if (!user || user.disabled === 1 || claims.epoch < user.session_epoch) return undefined;
    return { claims, row, user };
  }

  /** A token with a new idle time; the same one while it is young. Failure `session-ended`. */
  async renew(token: string): Promise<{ readonly token: string; readonly claims: PortalClaims }> {
    const session = await this.verify(token);
    if (!session) throw new ControlFailure('session-ended', 'the session has ended; sign in again');
    const claims = renewedClaims(session.claims, await this.#lifetimes(), Math.round(this.#control.clock.unixMs()));
    return claims ? { token: this.#sign(claims), claims } : { token, claims: session.claims };
  }

  /** The same session, in which the person has just proved more, or the same once more. */
  strengthen({ claims }: LiveSession, methods: readonly string[], facts: Pick<SignInFacts, 'mfaAtUnixMs'>) {
    const nowUnixMs = Math.round(this.#control.clock.unixMs());
    const stronger = { ...claims, methods, authenticatedAtUnixMs: nowUnixMs, issuedAtUnixMs: nowUnixMs, ...facts };
    return { token: this.#sign(stronger), claims: stronger };
  }

  /** The same session where all others of its user end. */
  renewEpoch({ claims }: LiveSession, epoch: number) {
    const renewed = { ...claims, epoch, issuedAtUnixMs: Math.round(this.#control.clock.unixMs()) };
    return { token: this.#sign(renewed), claims: renewed };
  }

  /**
   * A session for something that is done in a person's name now. Of their own session it knows what that does; a token of
   * theirs proves neither how they signed in nor when. Undefined for an API key, which is not its user.
   */
  momentary(
    { user, portal, name }: { readonly user: UsersTable | null; readonly portal?: PortalClaims; readonly name: string },
    lifeMs: number,
  ): string | undefined {
    if (!user || name.startsWith('key:')) return undefined;
    const { crypto, clock, portalHost } = this.#control;
    const nowUnixMs = Math.round(clock.unixMs());
    const claims: Omit<PortalClaims, 'expiresAtUnixMs' | 'idleExpiresAtUnixMs'> = portal ?? {
      ...{ kind: 'portal', id: newSessionId(crypto), subject: { kind: 'user', userId: user.id }, host: portalHost },
      ...{ epoch: user.session_epoch, methods: [], authenticatedAtUnixMs: 0, startedAtUnixMs: nowUnixMs },
      issuedAtUnixMs: nowUnixMs,
    };
    const ends = Math.min(nowUnixMs + lifeMs, portal?.expiresAtUnixMs ?? Number.POSITIVE_INFINITY);
    const times = { issuedAtUnixMs: nowUnixMs, expiresAtUnixMs: ends, idleExpiresAtUnixMs: ends };
    return this.#sign({ ...claims, ...times });
  }

  #sign(claims: PortalClaims): string {
    return issueSessionToken(claims, this.#control.keys.sessionKey);
  }

  async #lifetimes() {
    const organisation = await firstOrganisation(this.#control.store.database);
    if (!organisation) throw new ControlFailure('internal', 'the organisation is missing from the store');
    return { absoluteMs: organisation.session_absolute_ms, idleMs: organisation.session_idle_ms };
  }
}

/** What ends a portal session and every session with a resource that came from it. */
export function revocationOf(row: PortalSessionsTable, atUnixMs: number): Revocation {
  return { kind: 'session', sessionId: row.id, userId: row.user_id, atUnixMs, expiresAtUnixMs: row.expires_unix_ms };
}
