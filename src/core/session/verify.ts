import type { SessionClaims } from './claims.ts';
import { decodeSessionClaims, encodeSessionClaims } from './claims-codec.ts';
import {
  CLOCK_SKEW_MS,
  MAXIMUM_POP_PORTAL_LIFETIME_MS,
  MAXIMUM_SESSION_LIFETIME_MS,
  VERIFIED_TOKEN_CACHE_SIZE,
} from './constants.ts';
import type { SigningKey, Verifier } from './crypto.ts';
import type { IssuerKey, IssuerKeys } from './keys.ts';
import type { SessionDropReason } from './reasons.ts';
import { RecentMap } from './recent-map.ts';
import type { RevocationTable } from './revocation-table.ts';
import { openToken, sealToken } from './token.ts';

/** Where a session is shown: it must have been issued for exactly this. */
export type Audience =
  /** `alsoOfPops`: a PoP's word is taken for a sign-in as well. Control never does. */
  | { readonly kind: 'portal'; readonly host: string; readonly alsoOfPops?: boolean }
  | { readonly kind: 'resource'; readonly host: string; readonly resourceId: string };

/** What a token is judged by. Everything but the signature is judged anew on every request. */
export interface Circumstances {
  readonly keys: IssuerKeys;
  readonly revocations: RevocationTable;
}

/** The token of a session, signed. */
export function issueSessionToken(claims: SessionClaims, key: SigningKey): string {
  return sealToken('manis session v1', encodeSessionClaims(claims), key);
}

interface Verified {
  readonly claims: SessionClaims;
  readonly keyId: string;
  readonly verifier: Verifier;
}

/**
 * Verifies session tokens and remembers those whose signature was right, by their text. A remembered token is still
 * asked on every request: is its key known and the same, may its issuer issue it, is it for this host, alive, not revoked?
 */
export class SessionVerifier {
  readonly #circumstances: Circumstances;
  readonly #verified: RecentMap<Verified>;

  constructor(circumstances: Circumstances, cacheSize = VERIFIED_TOKEN_CACHE_SIZE) {
    this.#circumstances = circumstances;
    this.#verified = new RecentMap(cacheSize);
  }

  /** Tokens remembered. */
  get cacheSize(): number {
    return this.#verified.size;
  }

  /** The claims of a session that holds here and now, or why it does not. */
  verify(token: string, audience: Audience, nowUnixMs: number): SessionClaims | SessionDropReason {
    const { keys } = this.#circumstances;
    const known = this.#verified.get(token);
    if (known !== undefined) {
      const key = keys.keyOf(known.keyId);
      if (key?.verifier === known.verifier) {
        const reason = faultOf(known, key, audience, nowUnixMs, this.#circumstances);
        if (reason === 'expired' || reason === 'idle-expired') this.#verified.delete(token);
        return reason ?? known.claims;
      }
      this.#verified.delete(token);
    }
    return this.#verifyUnknown(token, audience, nowUnixMs);
  }

  #verifyUnknown(token: string, audience: Audience, nowUnixMs: number): SessionClaims | SessionDropReason {
    const { keys } = this.#circumstances;
    const opened = openToken('manis session v1', token, keys);
    if (typeof opened === 'string') return opened;
    const claims = decodeSessionClaims(opened.payload);
    if (!claims) return 'token-not-canonical';
    const verified = { claims, keyId: opened.keyId, verifier: opened.key.verifier };
    const reason = faultOf(verified, opened.key, audience, nowUnixMs, this.#circumstances);
    if (reason === undefined) this.#verified.set(token, verified);
    return reason ?? claims;
  }
}

/** One verification without a memory; see `SessionVerifier` for the request path. */
export function verifySessionToken(
  token: string,
  circumstances: Circumstances,
  audience: Audience,
  nowUnixMs: number,
): SessionClaims | SessionDropReason {
  return new SessionVerifier(circumstances, 1).verify(token, audience, nowUnixMs);
}

function faultOf(
  { claims, keyId }: Verified,
  key: IssuerKey,
  audience: Audience,
  nowUnixMs: number,
  { keys, revocations }: Circumstances,
): SessionDropReason | undefined {
  if (claims.kind !== audience.kind) return 'kind-wrong';
  if (claims.host !== audience.host) return 'host-wrong';
  if (claims.kind === 'resource' && audience.kind === 'resource' && claims.resourceId !== audience.resourceId)
    return 'resource-wrong';
  if (audience.kind === 'portal' && !mayIssuePortal(claims, keyId, key, audience.alsoOfPops ?? false))
    return 'issuer-may-not';
  if (!key.mayIssue(claims) || !judgeMayIssue(keys, claims)) return 'issuer-may-not';
  return faultInTimes(claims, nowUnixMs) ?? revocations.reasonAgainst(claims, keyId);
}

/** A PoP's portal session names the PoP, so that what comes from it can be held against that PoP's key. */
function mayIssuePortal(claims: SessionClaims, keyId: string, key: IssuerKey, alsoOfPops: boolean): boolean {
  return key.issuer === 'control' ? claims.judgedBy === undefined : alsoOfPops && claims.judgedBy === keyId;
}

/**
 * Whether the PoP that judged the sign-in, where one did, is still known and may issue for the resource itself. A code made
 * from a portal session is asked the same, so a PoP's word opens no more than that PoP serves, on whichever PoP it is shown.
 */
export function judgeMayIssue(keys: IssuerKeys, claims: SessionClaims): boolean {
  if (claims.judgedBy === undefined || claims.kind === 'portal') return true;
  const judge = keys.keyOf(claims.judgedBy);
  return judge?.issuer === 'pop' && judge.mayIssue(claims);
}

function faultInTimes(claims: SessionClaims, nowUnixMs: number): SessionDropReason | undefined {
  if (claims.issuedAtUnixMs > nowUnixMs + CLOCK_SKEW_MS) return 'issued-in-the-future';
  if (claims.startedAtUnixMs > claims.issuedAtUnixMs) return 'issued-in-the-future';
  if (claims.expiresAtUnixMs - claims.startedAtUnixMs > MAXIMUM_SESSION_LIFETIME_MS) return 'lifetime-too-long';
  if (claims.kind === 'portal' && claims.judgedBy !== undefined)
    if (claims.expiresAtUnixMs - claims.startedAtUnixMs > MAXIMUM_POP_PORTAL_LIFETIME_MS) return 'lifetime-too-long';
  if (nowUnixMs >= claims.expiresAtUnixMs) return 'expired';
  return nowUnixMs >= claims.idleExpiresAtUnixMs ? 'idle-expired' : undefined;
}
