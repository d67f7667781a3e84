import { assertNever } from '../../base/assert-never.ts';

export interface UserSubject {
  readonly kind: 'user';
  readonly userId: string;
}

/** Who a session stands for: a user; whoever can read an address's mail; whoever holds a credential of a resource. */
export type SessionSubject =
  | UserSubject
  | { readonly kind: 'guest'; readonly email: string }
  | { readonly kind: 'holder'; readonly credentialId: string };

/** One text for maps and revocations: the user's id, `guest:<email>`, `credential:<id>`. */
export function subjectId(subject: SessionSubject): string {
  switch (subject.kind) {
    case 'user':
      return subject.userId;
    case 'guest':
      return `guest:${subject.email}`;
    case 'holder':
      return `credential:${subject.credentialId}`;
    default:
      return assertNever(subject);
  }
}

/** What is known of a sign-in besides who it was. */
export interface SignInFacts {
  /** The identity provider that vouched, and its id of the session there. */
  readonly via?: { readonly providerId: string; readonly sid?: string };
  /** The part of the resource that the session opens, for the holder of a share link: `/docs` opens `/docs` and all below. */
  readonly pathPrefix?: string;
  /** The known device that proved itself. */
  readonly deviceKeyId?: string;
  /**
   * The PoP that judged the sign-in because control could not be reached, and so stands for it with its own key: the session
   * opens what that PoP may issue for, and ends with its key. Left out: control did.
   */
  readonly judgedBy?: string;
  /** When the second factor was given, or what stands for two; left out where none was. */
  readonly mfaAtUnixMs?: number;
}

interface CommonClaims extends SignInFacts {
  /** The session's id, 22 characters of base64url; it stays when the token is renewed. */
  readonly id: string;
  readonly subject: SessionSubject;
  /** The user's session epoch (the credential's version, 0 for a guest) at sign-in; signed out everywhere, it is higher. */
  readonly epoch: number;
  /** How the person signed in (the names of `LoginMethod` in core/policy); `mfa` is added where that stands for two factors. */
  readonly methods: readonly string[];
  /** When the person last proved who they are. All times are milliseconds since the Unix epoch. */
  readonly authenticatedAtUnixMs: number;
  /** When the session began; it stays when the token is renewed. */
  readonly startedAtUnixMs: number;
  /** When this token was signed. */
  readonly issuedAtUnixMs: number;
  /** The end of the session, whatever happens. */
  readonly expiresAtUnixMs: number;
  /** The end of this token unless it is renewed before. */
  readonly idleExpiresAtUnixMs: number;
  /** The host whose cookie holds the token: normalised, without port. */
  readonly host: string;
}

/** A session with the auth portal; issued by control, or by a PoP while control is away (`judgedBy`). */
export interface PortalClaims extends CommonClaims {
  readonly kind: 'portal';
  readonly subject: UserSubject;
}

/** A session with one resource on one host; issued by the PoP that redeemed the code. */
export interface ResourceClaims extends CommonClaims {
  readonly kind: 'resource';
  readonly resourceId: string;
  /** The portal session that it came from; when that one is revoked, this one is too. Its own id where there is none. */
  readonly parentId: string;
}

export type SessionClaims = PortalClaims | ResourceClaims;

/** What a one-time code says: who may have a session with one resource on one host, for whom brought the verifier. */
export interface CodeClaims extends SignInFacts {
  readonly kind: 'code';
  /** The code's own id; the id of the session is derived from it. */
  readonly id: string;
  readonly subject: SessionSubject;
  readonly epoch: number;
  readonly methods: readonly string[];
  readonly authenticatedAtUnixMs: number;
  readonly issuedAtUnixMs: number;
  readonly expiresAtUnixMs: number;
  readonly host: string;
  readonly resourceId: string;
  readonly parentId: string;
  /** The end of the portal session or credential, which the session with the resource does not outlive. */
  readonly parentExpiresAtUnixMs: number;
  /** Base64url SHA-256 of the verifier that the resource host set as a cookie (as RFC 7636's S256). */
  readonly challenge: string;
  /** Where the browser goes on the resource's host: path and query. */
  readonly returnTo: string;
}

/** How long sessions live. */
export interface SessionLifetimes {
  readonly absoluteMs: number;
  readonly idleMs: number;
}
