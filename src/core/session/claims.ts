/** Who a session stands for. */
export interface SessionSubject {
  readonly userId: string;
}

interface CommonClaims {
  /** The session's id, 22 characters of base64url; it stays when the token is renewed. */
  readonly id: string;
  readonly subject: SessionSubject;
  /** The user's session epoch at sign-in; a user signed out everywhere has a higher one. */
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

/** A session with the auth portal; issued by control. */
export interface PortalClaims extends CommonClaims {
  readonly kind: 'portal';
}

/** A session with one resource on one host; issued by the PoP that redeemed the code. */
export interface ResourceClaims extends CommonClaims {
  readonly kind: 'resource';
  readonly resourceId: string;
  /** The portal session that it came from; when that one is revoked, this one is too. */
  readonly parentId: string;
}

export type SessionClaims = PortalClaims | ResourceClaims;

/** What a one-time code says: who may have a session with one resource on one host, for whom brought the verifier. */
export interface CodeClaims {
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
  /** The end of the portal session, which the session with the resource does not outlive. */
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
