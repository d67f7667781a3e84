import { assertNever } from '../base/index.ts';
import type { KnownDeviceRecord } from '../core/link/index.ts';
import type { Subject } from '../core/policy/index.ts';
import { identityFields } from '../core/routing/index.ts';
import {
  type AssertedIdentity,
  type Circumstances,
  type CodeAudience,
  MFA,
  type PortalClaims,
  type ResourceClaims,
  type RevocationTable,
  type SessionClaims,
  type SessionDropReason,
  SessionVerifier,
  subjectId,
} from '../core/session/index.ts';
import { HOLDER_KEPT_MS, HOLDER_PLACES_MAX } from './credentials/constants.ts';
import { holderGrant } from './credentials/holder-grant.ts';
import { isOver, type KnownCredential } from './credentials/known-credentials.ts';
import type { KnownUser } from './known-users.ts';
import type { SnapshotView } from './snapshot-view.ts';

/** Somebody whose session holds here and now. */
export interface SignedIn<Claims extends SessionClaims = SessionClaims> {
  readonly claims: Claims;
  readonly subject: Subject;
  /** What backends are told. */
  readonly identity: AssertedIdentity;
  /** Remote-User and its kin. */
  readonly identityFields: readonly string[];
  /** Undefined for guests and holders, who have sessions with resources alone. */
  readonly user: Claims extends PortalClaims ? KnownUser : KnownUser | undefined;
}

/**
 * Why a token stands for nobody. `user-unknown`: the snapshot has no such user, or a disabled one; `not-a-member`: the
 * user does not belong to the organisation of the resource; `credential-over`: the credential has ended, has a new secret,
 * or opens something else by now.
 */
export type AnonymousReason = SessionDropReason | 'user-unknown' | 'not-a-member' | 'credential-over';

/** Says who a session cookie stands for, on every request and with no call to anybody. */
export class Authenticator {
  readonly #verifier: SessionVerifier;
  readonly #currentView: () => SnapshotView | undefined;
  /** By claims, which the verifier hands out as the same object while it remembers the token. */
  readonly #signedIn = new WeakMap<SessionClaims, Known>();
  /** By resource and host. */
  readonly #holders = new WeakMap<KnownCredential, Map<string, SignedIn<ResourceClaims>>>();

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
    return typeof claims === 'string'
      ? claims
      : (this.#of(claims, unixMs) as SignedIn<ResourceClaims> | AnonymousReason);
  }

  /** The session with the portal. */
  atPortal(token: string, host: string, unixMs: number): SignedIn<PortalClaims> | AnonymousReason {
    const claims = this.#verifier.verify(token, { kind: 'portal', host, alsoOfPops: true }, unixMs);
    return typeof claims === 'string' ? claims : (this.#of(claims, unixMs) as SignedIn<PortalClaims> | AnonymousReason);
  }

  /** Whoever gives a credential's secret with every request: no session, and the same object while the record is the same. */
  holderOf(known: KnownCredential, { resourceId, host }: CodeAudience, unixMs: number): SignedIn<ResourceClaims> {
    const place = `${resourceId} ${host}`;
    const held = this.#holders.get(known) ?? new Map<string, SignedIn<ResourceClaims>>();
    this.#holders.set(known, held);
    const before = held.get(place);
    if (before && unixMs - before.claims.authenticatedAtUnixMs < HOLDER_KEPT_MS) return before;
    if (held.size >= HOLDER_PLACES_MAX) held.clear();
    const grant = holderGrant(known.record, unixMs);
    const claims: ResourceClaims = {
      ...{ kind: 'resource', id: known.identity.userId, parentId: known.identity.userId, host, resourceId },
      ...{ subject: grant.subject, epoch: grant.epoch, methods: grant.methods, authenticatedAtUnixMs: unixMs },
      ...{ startedAtUnixMs: unixMs, issuedAtUnixMs: unixMs },
      ...{ expiresAtUnixMs: grant.parentExpiresAtUnixMs, idleExpiresAtUnixMs: grant.parentExpiresAtUnixMs },
    };
    const signedIn = signedInHolder(claims, known) as SignedIn<ResourceClaims>;
    held.set(place, signedIn);
    return signedIn;
  }

  #of(claims: SessionClaims, unixMs: number): SignedIn | AnonymousReason {
    const { subject } = claims;
    switch (subject.kind) {
      case 'user': {
        const user = this.#userOf(claims, subject.userId);
        if (user === undefined || user === 'not-a-member') return user ?? 'user-unknown';
        const device =
          claims.deviceKeyId === undefined ? undefined : this.#currentView()?.knownDevice(claims.deviceKeyId);
        return this.#remember(claims, user, () => signedInUser(claims, user, device), device);
      }
      case 'holder': {
        const credential = this.#currentView()?.credentials.ofId(subject.credentialId);
        if (!credential || faultInHolder(claims, credential, unixMs)) return 'credential-over';
        return this.#remember(claims, credential, () => signedInHolder(claims, credential));
      }
      case 'guest':
        return this.#remember(claims, undefined, () => signedInGuest(claims, subject.email));
      default:
        return assertNever(subject);
    }
  }

  /** At the portal people are their account; at a resource they are what its organisation has made them. */
  #userOf(claims: SessionClaims, userId: string): KnownUser | 'not-a-member' | undefined {
    const view = this.#currentView();
    if (!view || claims.kind === 'portal') return view?.users.account(userId);
    const resource = view.resources.get(claims.resourceId);
    return resource && view.users.member(userId, view.organisationOf(resource.record));
  }

  /** One object per session as long as the record behind it stays the same: assertions are compared by their identity. */
  #remember(claims: SessionClaims, record: object | undefined, make: () => SignedIn, device?: object): SignedIn {
    const known = this.#signedIn.get(claims);
    if (known && known.record === record && known.device === device) return known.signedIn;
    const signedIn = make();
    this.#signedIn.set(claims, { record, device, signedIn });
    return signedIn;
  }
}

interface Known {
  readonly record: object | undefined;
  readonly device: object | undefined;
  readonly signedIn: SignedIn;
}

function faultInHolder(claims: SessionClaims, { record }: KnownCredential, unixMs: number): boolean {
  const isOpen = claims.kind === 'resource' && record.resourceIds.includes(claims.resourceId);
  // A link that leads to another part by now opens nothing of the one before.
  if (claims.pathPrefix !== record.pathPrefix) return true;
  return !isOpen || record.version !== claims.epoch || isOver(record, unixMs);
}

function provenBy({ methods, authenticatedAtUnixMs, mfaAtUnixMs, via }: SessionClaims) {
  const from = via && { providerId: via.providerId };
  const mfaAt = mfaAtUnixMs !== undefined && { mfaAtUnixMs };
  return { methods, mfa: methods.includes(MFA), authenticatedAtUnixMs, ...mfaAt, ...from };
}

function signedInUser(claims: SessionClaims, user: KnownUser, device: KnownDeviceRecord | undefined): SignedIn {
  const { roles, groups } = user;
  const { id: userId, email } = user.record;
  // A device is known for its own user alone.
  const known = device?.userId === userId && { device: { known: true, approved: device.approved } };
  const subject: Subject = { kind: 'user', userId, email, roles, groups, ...provenBy(claims), ...known };
  return { claims, subject, identity: user.identity, identityFields: user.identityFields, user };
}

function signedInHolder(claims: SessionClaims, { record, identity, identityFields }: KnownCredential): SignedIn {
  const { id, method } = record;
  const nobody = { userId: '', email: '', roles: [], groups: [] };
  const subject: Subject = { kind: 'holder', ...nobody, ...provenBy(claims), credential: { id, method } };
  return { claims, subject, identity, identityFields, user: undefined };
}

/** A guest is known by the address alone; backends see it as that of a user. */
function signedInGuest(claims: SessionClaims, email: string): SignedIn {
  const subject: Subject = { kind: 'guest', userId: '', email, roles: [], groups: [], ...provenBy(claims) };
  const identity = { userId: subjectId(claims.subject), email, roles: [] };
  return {
    claims,
    subject,
    identity,
    identityFields: identityFields({ user: email, email, groups: [] }),
    user: undefined,
  };
}
