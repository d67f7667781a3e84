import { toBase64Url } from '../../base/bytes.ts';
import { utf8 } from '../../base/text.ts';
import { newId } from './code.ts';
import { ASSERTION_CACHE_SIZE, ASSERTION_LIFETIME_MS, ASSERTION_REUSE_MS } from './constants.ts';
import type { SessionCrypto, SigningKey } from './crypto.ts';
import { RecentMap } from './recent-map.ts';

/** Who the backend is told about. Compared by reference in the cache: make one object per user and snapshot. */
export interface AssertedIdentity {
  readonly userId: string;
  readonly email?: string;
  readonly name?: string;
  readonly roles: readonly string[];
  /** Left out: none. */
  readonly groups?: readonly string[];
}

export interface AssertionInput {
  /** The portal's origin; JWKS is found below it. */
  readonly issuer: string;
  /** The resource's host. */
  readonly audience: string;
  readonly identity: AssertedIdentity;
  /** Unique for each assertion that is signed. */
  readonly id: string;
  readonly nowUnixMs: number;
}

/**
 * The value of `X-Manis-Assertion`: a JWT (RFC 7519) signed with EdDSA (RFC 8037), good for 5 minutes. Members stand in
 * a fixed order; what is not known is left out.
 */
export function buildAssertion(input: AssertionInput, key: SigningKey): string {
  const { identity } = input;
  const issuedAt = Math.floor(input.nowUnixMs / 1000);
  const body = `${segment({ alg: 'EdDSA', typ: 'JWT', kid: key.id })}.${segment({
    iss: input.issuer,
    aud: input.audience,
    sub: identity.userId,
    email: identity.email,
    name: identity.name,
    roles: identity.roles,
    groups: identity.groups?.length ? identity.groups : undefined,
    iat: issuedAt,
    exp: issuedAt + ASSERTION_LIFETIME_MS / 1000,
    jti: input.id,
  })}`;
  return `${body}.${toBase64Url(key.signer.sign(utf8(body)))}`;
}

function segment(json: Readonly<Record<string, unknown>>): string {
  return toBase64Url(utf8(JSON.stringify(json)));
}

/** The JWK Set (RFC 7517 section 5, RFC 8037 section 2) that backends verify assertions with. */
export function jwksDocument(keys: readonly { readonly id: string; readonly publicKey: Uint8Array }[]): string {
  return JSON.stringify({
    keys: keys.map(({ id, publicKey }) => ({
      kty: 'OKP',
      crv: 'Ed25519',
      x: toBase64Url(publicKey),
      kid: id,
      use: 'sig',
      alg: 'EdDSA',
    })),
  });
}

interface Held {
  readonly text: string;
  readonly identity: AssertedIdentity;
  readonly key: SigningKey;
  readonly signedAtUnixMs: number;
}

/**
 * Signs assertions and hands the same one out for a minute, so that requests do not wait for a signature. A backend
 * therefore sees a `jti` more than once; it names the assertion, not the request.
 */
export class AssertionIssuer {
  readonly #crypto: SessionCrypto;
  readonly #issuer: string;
  readonly #held = new RecentMap<Held>(ASSERTION_CACHE_SIZE);

  constructor(crypto: SessionCrypto, issuer: string) {
    this.#crypto = crypto;
    this.#issuer = issuer;
  }

  /** The assertion for a session at a host. Signs where there is none, the identity is another, or a minute has passed. */
  assertionFor(
    sessionId: string,
    audience: string,
    identity: AssertedIdentity,
    key: SigningKey,
    nowUnixMs: number,
  ): string {
    const place = `${sessionId}\n${audience}`;
    const held = this.#held.get(place);
    if (held?.identity === identity && held.key === key) {
      const ageMs = nowUnixMs - held.signedAtUnixMs;
      if (ageMs >= 0 && ageMs < ASSERTION_REUSE_MS) return held.text;
    }
    const id = newId(this.#crypto);
    const text = buildAssertion({ issuer: this.#issuer, audience, identity, id, nowUnixMs }, key);
    this.#held.set(place, { text, identity, key, signedAtUnixMs: nowUnixMs });
    return text;
  }
}
