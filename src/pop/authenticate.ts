import type { Subject } from '../core/policy/index.ts';
import {
  type Circumstances,
  type PortalClaims,
  type ResourceClaims,
  type RevocationTable,
  type SessionClaims,
  type SessionDropReason,
  SessionVerifier,
} from '../core/session/index.ts';
import type { KnownUser, SnapshotView } from './snapshot-view.ts';

/** Somebody whose session holds here and now. */
export interface SignedIn<Claims extends SessionClaims = SessionClaims> {
  readonly claims: Claims;
  readonly user: KnownUser;
  readonly subject: Subject;
}

/** Why a token stands for nobody. `user-unknown`: the snapshot has no such user, or a disabled one. */
export type AnonymousReason = SessionDropReason | 'user-unknown';

/** Says who a session cookie stands for, on every request and with no call to anybody. */
export class Authenticator {
  readonly #verifier: SessionVerifier;
  readonly #currentView: () => SnapshotView | undefined;
  /** By claims, which the verifier hands out as the same object while it remembers the token. */
  readonly #signedIn = new WeakMap<SessionClaims, SignedIn>();

  constructor(currentView: () => SnapshotView | undefined, revocations: RevocationTable) {
    this.#currentView = currentView;
    const circumstances: Circumstances = { keys: { keyOf: (keyId) => currentView()?.keyOf(keyId) }, revocations };
    this.#verifier = new SessionVerifier(circumstances);
  }

  /** The session with a resource at a host. */
  atResource(
    token: string,
    host: string,
    resourceId: string,
    unixMs: number,
  ): SignedIn<ResourceClaims> | AnonymousReason {
    const claims = this.#verifier.verify(token, { kind: 'resource', host, resourceId }, unixMs);
    return typeof claims === 'string' ? claims : (this.#of(claims) as SignedIn<ResourceClaims> | AnonymousReason);
  }

  /** The session with the portal. */
  atPortal(token: string, host: string, unixMs: number): SignedIn<PortalClaims> | AnonymousReason {
    const claims = this.#verifier.verify(token, { kind: 'portal', host, alsoOfPops: true }, unixMs);
    return typeof claims === 'string' ? claims : (this.#of(claims) as SignedIn<PortalClaims> | AnonymousReason);
  }

  #of(claims: SessionClaims): SignedIn | AnonymousReason {
    if (claims.subject.kind !== 'user') return 'user-unknown';
    const user = this.#currentView()?.user(claims.subject.userId);
    if (!user) return 'user-unknown';
    const known = this.#signedIn.get(claims);
    if (known?.user === user) return known;
    const subject: Subject = {
      kind: 'user',
      userId: user.record.id,
      email: user.record.email,
      roles: user.record.roles,
      groups: [],
      methods: claims.methods,
      mfa: claims.methods.includes('mfa'),
      authenticatedAtUnixMs: claims.authenticatedAtUnixMs,
    };
    const signedIn: SignedIn = { claims, user, subject };
    this.#signedIn.set(claims, signedIn);
    return signedIn;
  }
}
