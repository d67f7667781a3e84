/** An identity provider in one process: with the issuer, claims and habits of each preset, and faults to order. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Preset } from '../core/identity/index.ts';

/** Path of the issuer and how it ends, by preset; Microsoft's tenant, Okta's server, Auth0's and authentik's slash. */
const ISSUER_PATHS: Readonly<Record<Preset, string>> = {
  google: '',
  entra: '/8c3a4b1e-0000-4000-8000-0123456789ab/v2.0',
  okta: '/oauth2/default',
  auth0: '/',
  github: '',
  keycloak: '/realms/north',
  authentik: '/application/o/manis/',
  generic: '',
};

type Key = Awaited<ReturnType<typeof generateKeyPair>>;
type Json = Record<string, unknown>;

/** What is wrong with the next answers. */
export interface Faults {
  /** Claims that take the place of the right ones. */
  claims?: Json;
  /** Header of the ID token: another key, another algorithm. */
  signedWith?: 'unknown-key' | 'none' | 'secret';
  /** Discovery document that takes the place of the right one. */
  discovery?: Json;
  /** The token endpoint answers so. */
  token?: { status: number; body: unknown };
  down?: boolean;
  redirect?: string;
  hugeBytes?: number;
  graphStatus?: number;
}

export class StandInProvider {
  readonly preset: Preset;
  readonly clientId = 'manis-client';
  readonly clientSecret = 'stand-in-secret';
  /** What is said of the person who signs in. */
  person: Json = { sub: 'subject-1', email: 'ann@example.com', email_verified: true, name: 'Ann' };
  /** What userinfo says beside. */
  userInfo: Json = {};
  graphGroups: string[] = [];
  readonly faults: Faults = {};
  /** Requests, by path. */
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #codes = new Map<string, { nonce: string; challenge: string; redirectUri: string }>();
  #keys: { kid: string; pair: Key }[] = [];
  #next = 0;

  private constructor(preset: Preset) {
    this.preset = preset;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(preset: Preset): Promise<StandInProvider> {
    const provider = new StandInProvider(preset);
    await provider.rotateKeys();
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    return provider;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get issuer(): string {
    return this.origin + ISSUER_PATHS[this.preset];
  }

  /** New keys in place of the old ones. */
  async rotateKeys(): Promise<void> {
    this.#keys = [{ kid: `key-${++this.#next}`, pair: await generateKeyPair('RS256') }];
  }

  /** What the browser brings back after the person has signed in at `url`: the query of the redirect URI. */
  signIn(url: URL): URLSearchParams {
    const code = `code-${++this.#next}`;
    const given = (name: string): string => url.searchParams.get(name) ?? '';
    this.#codes.set(code, {
      nonce: given('nonce'),
      challenge: given('code_challenge'),
      redirectUri: given('redirect_uri'),
    });
    const query = new URLSearchParams({ code, state: given('state') });
    if (this.preset !== 'github') query.set('iss', this.issuer);
    return query;
  }

  /** A logout token (Back-Channel Logout 1.0 section 2.4). */
  logoutToken(claims: Json): Promise<string> {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const now = Math.floor(Date.now() / 1000);
    return this.#sign({
      iss: this.issuer,
      aud: this.clientId,
      iat: now,
      exp: now + 120,
      jti: `j${++this.#next}`,
      events,
      ...claims,
    });
  }

  idToken(claims: Json): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return this.#sign({ iss: this.issuer, aud: this.clientId, iat: now, exp: now + 300, ...claims });
  }

  async #sign(claims: Json): Promise<string> {
    const { signedWith } = this.faults;
    if (signedWith === 'none') {
      const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
    }
    if (signedWith === 'secret')
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(this.clientSecret.padEnd(32)));
    const [key] = this.#keys;
    const used = signedWith === 'unknown-key' ? { kid: 'made-up', pair: await generateKeyPair('RS256') } : key;
    if (!used) throw new Error('the stand-in has no key');
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: used.kid }).sign(used.pair.privateKey);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    let body = '';
    for await (const part of request) body += part;
    this.asked.push(pathname);
    const { faults } = this;
    if (faults.down) return void response.destroy();
    if (faults.redirect !== undefined) return void response.writeHead(302, { location: faults.redirect }).end();
    if (faults.hugeBytes !== undefined) return void response.end('x'.repeat(faults.hugeBytes));
    const [status, answer] = await this.#route(pathname, request, new URLSearchParams(body));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  async #route(path: string, request: IncomingMessage, form: URLSearchParams): Promise<[number, unknown]> {
    if (this.preset === 'github') return this.#github(path, request, form);
    const base = this.issuer.replace(/\/$/, '').slice(this.origin.length);
    switch (path) {
      case `${base}/.well-known/openid-configuration`:
        return [200, { ...this.#metadata(), ...this.faults.discovery }];
      case '/keys':
        return [200, { keys: await this.#publicKeys() }];
      case '/token':
        return this.#token(request, form);
      case '/userinfo':
        return [200, { ...this.person, ...this.userInfo }];
      case '/graph/v1.0/me/getMemberObjects':
        return [this.faults.graphStatus ?? 200, { value: this.graphGroups }];
      default:
        return [404, { error: 'not_found' }];
    }
  }

  #metadata(): Json {
    const { origin, issuer, preset } = this;
    return {
      issuer,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      jwks_uri: `${origin}/keys`,
      userinfo_endpoint: `${origin}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      // Okta and Google say both; Keycloak says that its answers name the issuer (RFC 9207).
      token_endpoint_auth_methods_supported: preset === 'okta' ? ['client_secret_basic'] : ['client_secret_post'],
      ...(preset === 'keycloak' && { authorization_response_iss_parameter_supported: true }),
      ...(preset !== 'google' && { end_session_endpoint: `${origin}/logout` }),
    };
  }

  async #publicKeys(): Promise<Json[]> {
    return Promise.all(
      this.#keys.map(async ({ kid, pair }) => ({
        ...(await exportJWK(pair.publicKey)),
        kid,
        alg: 'RS256',
        use: 'sig',
      })),
    );
  }

  async #token(request: IncomingMessage, form: URLSearchParams): Promise<[number, unknown]> {
    if (this.faults.token) return [this.faults.token.status, this.faults.token.body];
    if (!this.#isClient(request, form))
      // Each says it in its own way.
      return this.preset === 'entra'
        ? [
            401,
            {
              error: 'invalid_client',
              error_description: 'AADSTS7000215: Invalid client secret provided.',
              error_codes: [7000215],
            },
          ]
        : [401, { error: 'invalid_client' }];
    const known = await this.#redeem(form);
    if (!known) return [400, { error: 'invalid_grant', error_description: 'the code is not valid <script>' }];
    const now = Math.floor(Date.now() / 1000);
    const idToken = await this.idToken({
      ...this.person,
      ...(this.preset === 'entra' && { tid: '8c3a4b1e-0000-4000-8000-0123456789ab', ver: '2.0' }),
      nonce: known.nonce,
      auth_time: now,
      ...this.faults.claims,
    });
    return [200, { access_token: 'access', token_type: 'Bearer', expires_in: 300, id_token: idToken }];
  }

  #isClient({ headers }: IncomingMessage, form: URLSearchParams): boolean {
    if (this.preset === 'okta') {
      // Both are form-encoded before (RFC 6749 section 2.3.1).
      const given = Buffer.from(headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString();
      return decodeURIComponent(given) === `${this.clientId}:${this.clientSecret}`;
    }
    return form.get('client_id') === this.clientId && form.get('client_secret') === this.clientSecret;
  }

  /** A code is good once, for its redirect URI and its verifier. */
  async #redeem(form: URLSearchParams) {
    const code = form.get('code') ?? '';
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from(form.get('code_verifier') ?? ''));
    const isRight = known?.challenge === Buffer.from(digest).toString('base64url');
    return isRight && known.redirectUri === form.get('redirect_uri') ? known : undefined;
  }

  /** GitHub says errors of its token endpoint with status 200. */
  async #github(path: string, request: IncomingMessage, form: URLSearchParams): Promise<[number, unknown]> {
    if (path === '/login/oauth/access_token') {
      if (this.faults.token) return [this.faults.token.status, this.faults.token.body];
      if (!this.#isClient(request, form)) return [200, { error: 'incorrect_client_credentials' }];
      const known = await this.#redeem(form);
      return known
        ? [200, { access_token: 'gho_x', token_type: 'bearer', scope: 'read:org' }]
        : [200, { error: 'bad_verification_code' }];
    }
    if (path === '/api/v3/zen') return [200, 'Keep it logically awesome.'];
    if (request.headers.authorization !== 'Bearer gho_x') return [401, { message: 'Bad credentials' }];
    const page = Number(new URL(request.url ?? '/', this.origin).searchParams.get('page') ?? 1);
    const answers: Json = { '/user': this.person, ...this.userInfo };
    const answer = answers[path.replace('/api/v3', '')];
    if (answer === undefined) return [404, { message: 'Not Found' }];
    return [200, Array.isArray(answer) ? answer.slice((page - 1) * 100, page * 100) : answer];
  }
}
