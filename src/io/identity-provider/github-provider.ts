import type { Claims } from '../../core/identity/index.ts';
import { GITHUB_PAGES_MAX } from './constants.ts';
import { guardedRequest, jsonOf } from './guarded-request.ts';
import type {
  AttemptSecrets,
  IdentityProvider,
  ProviderAnswer,
  ProviderCheck,
  ProviderClientSettings,
  ProviderSignOut,
} from './identity-provider.ts';
import { deniedOrFailed } from './oidc-failure.ts';
import { ProviderFailure } from './provider-failure.ts';

/**
 * GitHub speaks OAuth 2 without OpenID Connect: there is no ID token, so its API is asked who the token belongs to. What it
 * says is given the shape of claims: `sub` (the account's number; names change hands), `email` (the primary address, where it
 * is verified), `orgs`, and `teams` as `organisation/team`.
 */
export class GithubProvider implements IdentityProvider {
  readonly #settings: ProviderClientSettings;
  readonly #web: string;
  readonly #api: string;

  constructor(settings: ProviderClientSettings) {
    this.#settings = settings;
    this.#web = settings.issuer.replace(/\/$/, '');
    // An Enterprise Server has its API below its own address.
    this.#api = this.#web === 'https://github.com' ? 'https://api.github.com' : `${this.#web}/api/v3`;
  }

  async authorizationUrl(attempt: AttemptSecrets, challenge: string, redirectUri: string): Promise<URL> {
    const url = new URL(`${this.#web}/login/oauth/authorize`);
    url.search = new URLSearchParams({
      client_id: this.#settings.clientId,
      redirect_uri: redirectUri,
      scope: this.#settings.scopes.join(' '),
      state: attempt.id,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...(attempt.fresh && { prompt: 'select_account' }),
    }).toString();
    return url;
  }

  async exchange(attempt: AttemptSecrets, query: URLSearchParams, redirectUri: string): Promise<ProviderAnswer> {
    if (query.get('state') !== attempt.id || query.getAll('code').length > 1)
      throw new ProviderFailure('provider-response-wrong', 'the answer is not one to this attempt');
    const error = query.get('error');
    if (error !== null) throw deniedOrFailed(error);
    const token = await this.#token(query.get('code') ?? '', attempt.verifier, redirectUri);
    return { claims: await this.#claims(token) };
  }

  async endSessionUrl(): Promise<undefined> {
    return undefined;
  }

  async readSignOut(): Promise<ProviderSignOut> {
    throw new ProviderFailure('provider-token-wrong', 'GitHub does not tell of sign-outs');
  }

  async check(): Promise<ProviderCheck> {
    // Any answer that is GitHub's will do: the root of its API is open to everybody.
    await this.#ask(`${this.#api}/zen`, '').catch((error: unknown) => {
      if (error instanceof ProviderFailure && error.code !== 'provider-answer-refused') throw error;
    });
    return {
      issuer: this.#web,
      authorizationEndpoint: `${this.#web}/login/oauth/authorize`,
      keys: 0,
      canSignOut: false,
    };
  }

  async #token(code: string, verifier: string, redirectUri: string): Promise<string> {
    const { clientId, clientSecret } = this.#settings;
    const url = new URL(`${this.#web}/login/oauth/access_token`);
    const body = new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await guardedRequest(url, { method: 'POST', headers, body: body.toString() }, this.#settings);
    const answer = await jsonOf(response, url);
    // GitHub says errors with status 200.
    const { error, access_token: token } = answer;
    if (error === 'incorrect_client_credentials' || response.status === 404)
      throw new ProviderFailure('provider-client-refused', 'GitHub does not take the client id and secret');
    if (typeof token === 'string' && token !== '') return token;
    throw new ProviderFailure('provider-error', `GitHub refuses the exchange (${String(error).slice(0, 64)})`);
  }

  async #claims(token: string): Promise<Claims> {
    const user = (await this.#ask(`${this.#api}/user`, token)) as Record<string, unknown>;
    if (typeof user['id'] !== 'number')
      throw new ProviderFailure('provider-answer-refused', 'GitHub does not say who it is');
    const emails = await this.#list('/user/emails', token);
    const primary = emails.find(({ primary: is, verified }) => is === true && verified === true);
    const orgs = await this.#list('/user/orgs', token);
    const teams = await this.#list('/user/teams', token);
    return {
      sub: String(user['id']),
      preferred_username: user['login'],
      name: user['name'] ?? user['login'],
      ...(primary && { email: primary['email'], email_verified: true }),
      emails: emails.filter(({ verified }) => verified === true).map(({ email }) => email),
      orgs: orgs.map(({ login }) => login),
      teams: teams.map(({ slug, organization }) => `${(organization as { login?: unknown } | null)?.login}/${slug}`),
    };
  }

  /** All pages of a list, as far as that goes. What the token may not ask for is empty. */
  async #list(path: string, token: string): Promise<Readonly<Record<string, unknown>>[]> {
    const found: Readonly<Record<string, unknown>>[] = [];
    for (let page = 1; page <= GITHUB_PAGES_MAX; page++) {
      const items = await this.#ask(`${this.#api}${path}?per_page=100&page=${page}`, token);
      if (!Array.isArray(items)) return found;
      found.push(...items.filter((item) => typeof item === 'object' && item !== null));
      if (items.length < 100) return found;
    }
    return found;
  }

  async #ask(address: string, token: string): Promise<unknown> {
    const url = new URL(address);
    const headers = {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      ...(token !== '' && { authorization: `Bearer ${token}` }),
    };
    const response = await guardedRequest(url, { headers }, this.#settings);
    if ([403, 404].includes(response.status)) return undefined;
    if (response.status === 401)
      throw new ProviderFailure('provider-token-wrong', 'GitHub does not take its own token');
    if (response.status !== 200)
      throw new ProviderFailure('provider-answer-refused', `${url.origin}${url.pathname} answered ${response.status}`);
    try {
      return await response.json();
    } catch (error) {
      throw new ProviderFailure('provider-answer-refused', `${url.origin} does not answer in JSON`, error);
    }
  }
}
