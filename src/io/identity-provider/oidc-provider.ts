import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import type { Clock } from '../../base/index.ts';
import { LOGOUT_TOKEN_MAX_AGE_S, PROVIDER_CLOCK_SKEW_S, PROVIDER_TIMEOUT_MS } from './constants.ts';
import { Discovery } from './discovery.ts';
import { completeGroups } from './graph-groups.ts';
import { guardedRequest, jsonOf } from './guarded-request.ts';
import type {
  AttemptSecrets,
  IdentityProvider,
  ProviderAnswer,
  ProviderCheck,
  ProviderClientSettings,
  ProviderSignOut,
} from './identity-provider.ts';
import { failureOf, refuseErrorAnswer } from './oidc-failure.ts';
import { ProviderFailure } from './provider-failure.ts';
import { type Jwks, keyIdOf, ProviderKeys } from './provider-keys.ts';

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Signatures that everybody can check with a public key; `none` and secrets shared with the client are not among them. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** A provider that speaks OpenID Connect: discovery, code flow with PKCE, verified ID token. */
export class OidcProvider implements IdentityProvider {
  readonly #settings: ProviderClientSettings;
  readonly #clock: Clock;
  readonly #discovery: Discovery;
  readonly #keys: ProviderKeys;

  constructor(settings: ProviderClientSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#discovery = new Discovery(settings, clock);
    this.#keys = new ProviderKeys(clock, () => this.#readKeys());
  }

  async authorizationUrl(attempt: AttemptSecrets, challenge: string, redirectUri: string): Promise<URL> {
    const { config } = await this.#client();
    return client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: this.#settings.scopes.join(' '),
      state: attempt.id,
      nonce: attempt.nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...(attempt.fresh && { prompt: 'login', max_age: '0' }),
    });
  }

  async exchange(attempt: AttemptSecrets, query: URLSearchParams, redirectUri: string): Promise<ProviderAnswer> {
    const { config } = await this.#client();
    refuseErrorAnswer(query, attempt.id, config.serverMetadata());
    const url = new URL(redirectUri);
    url.search = query.toString();
    const checks = { expectedState: attempt.id, expectedNonce: attempt.nonce, pkceCodeVerifier: attempt.verifier };
    try {
      const tokens = await client.authorizationCodeGrant(config, url, {
        ...checks,
        idTokenExpected: true,
        // Some seconds more than none: what was proved a moment before the question is new enough.
        ...(attempt.fresh && { maxAge: PROVIDER_CLOCK_SKEW_S }),
      });
      const idClaims = tokens.claims();
      if (!idClaims) throw new ProviderFailure('provider-token-wrong', 'the provider sent no ID token');
      refuseForeignAudience(idClaims.aud, this.#settings.clientId, idClaims['azp']);
      const said = await this.#userInfo(config, tokens.access_token, idClaims.sub);
      // The ID token is signed, so its word goes before that of userinfo.
      const claims = await completeGroups({ ...said, ...idClaims }, tokens.access_token, this.#settings);
      const sid = sessionIdIn(idClaims);
      const { auth_time: authTime } = idClaims;
      return {
        claims,
        ...(sid !== undefined && { sid }),
        ...(typeof authTime === 'number' && { authenticatedAtUnixMs: authTime * 1000 }),
        ...(tokens.id_token !== undefined && { idToken: tokens.id_token }),
      };
    } catch (error) {
      throw failureOf(error);
    }
  }

  async endSessionUrl(hint: string | undefined, returnTo: string): Promise<URL | undefined> {
    const { config, metadata } = await this.#client();
    if (typeof metadata.end_session_endpoint !== 'string') return undefined;
    return client.buildEndSessionUrl(config, {
      post_logout_redirect_uri: returnTo,
      ...(hint !== undefined && { id_token_hint: hint }),
    });
  }

  async readSignOut(token: string): Promise<ProviderSignOut> {
    const { issuer, clientId } = this.#settings;
    try {
      const keys = createLocalJWKSet((await this.#keys.including(keyIdOf(token))) as unknown as JSONWebKeySet);
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: clientId,
        algorithms: ALGORITHMS,
        clockTolerance: PROVIDER_CLOCK_SKEW_S,
        currentDate: new Date(this.#clock.unixMs()),
        maxTokenAge: LOGOUT_TOKEN_MAX_AGE_S,
        requiredClaims: ['iat', 'jti'],
      });
      const { events, nonce, sub } = payload as Record<string, unknown>;
      // Section 2.6: it is a logout token by its event, and never an ID token, which has a nonce.
      const isLogout = typeof events === 'object' && events !== null && Object.hasOwn(events, LOGOUT_EVENT);
      if (!isLogout || nonce !== undefined) throw wrongToken('it is not a logout token');
      const subject = typeof sub === 'string' && sub !== '' ? sub : undefined;
      const session = sessionIdIn(payload);
      if (subject === undefined && session === undefined) throw wrongToken('it names nobody');
      return { ...(session !== undefined && { sid: session }), ...(subject !== undefined && { subject }) };
    } catch (error) {
      if (error instanceof ProviderFailure) throw error;
      throw wrongToken(error instanceof Error ? error.message : 'it does not hold');
    }
  }

  async check(): Promise<ProviderCheck> {
    const { metadata } = await this.#client();
    const { keys } = await this.#keys.including(undefined);
    return {
      issuer: metadata.issuer,
      authorizationEndpoint: String(metadata.authorization_endpoint),
      keys: keys.length,
      canSignOut: typeof metadata.end_session_endpoint === 'string',
    };
  }

  /** A client of its own for each exchange: what it fetches goes through here, and keys come from the ones that are known. */
  async #client(): Promise<{ config: client.Configuration; metadata: client.ServerMetadata }> {
    const metadata = await this.#discovery.metadata();
    const { clientId, clientSecret } = this.#settings;
    const identity = { client_id: clientId, [client.clockTolerance]: PROVIDER_CLOCK_SKEW_S };
    const config = new client.Configuration(metadata, clientId, identity, authenticationOf(metadata, clientSecret));
    config.timeout = PROVIDER_TIMEOUT_MS / 1000;
    if (this.#settings.allowPrivate) client.allowInsecureRequests(config);
    client.enableNonRepudiationChecks(config);
    let keyId: string | undefined;
    config[client.customFetch] = async (address, { method, headers, body }) => {
      if (address === metadata.jwks_uri) return Response.json(await this.#keys.including(keyId));
      const text = body === undefined || body === null ? undefined : String(body);
      const response = await guardedRequest(new URL(address), { method, headers, body: text }, this.#settings);
      if (address !== metadata.token_endpoint) return response;
      keyId = keyIdOf(await idTokenIn(response.clone()));
      return response;
    };
    return { config, metadata };
  }

  async #readKeys(): Promise<Jwks> {
    const metadata = await this.#discovery.metadata();
    const url = new URL(String(metadata.jwks_uri));
    const response = await guardedRequest(url, {}, this.#settings);
    const jwks = await jsonOf(response, url);
    if (response.status === 200 && Array.isArray(jwks['keys'])) return jwks as unknown as Jwks;
    throw new ProviderFailure('provider-answer-refused', `${url.href} holds no keys (status ${response.status})`);
  }

  async #userInfo(config: client.Configuration, accessToken: string, subject: string) {
    const { userinfo_endpoint: endpoint } = config.serverMetadata();
    if (!this.#settings.userInfo || endpoint === undefined) return {};
    // The subject must be that of the ID token (OpenID Connect Core section 5.3.2), which the library sees to.
    return client.fetchUserInfo(config, accessToken, subject);
  }
}

/** With the secret in the body, as most providers want it, unless this one takes it in the header only. */
function authenticationOf(metadata: client.ServerMetadata, secret: string): client.ClientAuth {
  if (secret === '') return client.None();
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_post') ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret);
}

async function idTokenIn(response: Response): Promise<string> {
  try {
    const { id_token: token } = (await response.json()) as { id_token?: unknown };
    return typeof token === 'string' ? token : '';
  } catch {
    return '';
  }
}

/** The library asks for `azp` where there are several audiences; a token that was made for somebody else is refused always. */
function refuseForeignAudience(audience: unknown, clientId: string, authorizedParty: unknown): void {
  if (authorizedParty !== undefined && authorizedParty !== clientId) throw wrongToken('it was made for another client');
  const others = (Array.isArray(audience) ? audience : [audience]).filter((one) => one !== clientId);
  if (others.length > 0 && authorizedParty !== clientId) throw wrongToken('it is meant for others as well');
}

function wrongToken(why: string): ProviderFailure {
  return new ProviderFailure('provider-token-wrong', `the provider's token is refused: ${why}`);
}

/** The provider's own id of a session. One with more than plain characters in it is none: it goes to every PoP. */
function sessionIdIn({ sid }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof sid === 'string' && sid.length <= 256 && /^[^\p{Cc}\p{Cs}]+$/u.test(sid) ? sid : undefined;
}
