/** A real OpenID provider (oidc-provider) on loopback, whose tokens can be tampered with, and that can change its keys. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import { Agent, fetch as undiciFetch } from 'undici';

export interface ProviderClient {
  readonly redirectUri: string;
  readonly backChannelLogoutUri: string;
  readonly signedOutUri: string;
}

export class RealProvider {
  readonly clientId = 'manis';
  readonly clientSecret = 'a-secret-that-nobody-reads-twice';
  /** Groups of everybody who signs in. */
  groups: readonly string[] = [];
  /** Claims that take the place of those in the next ID tokens. */
  tampered: Readonly<Record<string, unknown>> | undefined;
  /** Answers browsers and nobody else. */
  isDown = false;
  readonly #server: Server;
  readonly #ca: string;
  #client: ProviderClient | undefined;
  #handle: ((request: IncomingMessage, response: ServerResponse) => unknown) | undefined;
  #key: JWK = { kty: 'RSA' };
  #kid = 0;

  private constructor(ca: string) {
    this.#ca = ca;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** @param ca of the portal, where sign-outs are told. */
  static async start(ca: string): Promise<RealProvider> {
    const provider = new RealProvider(ca);
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async serve(client: ProviderClient): Promise<void> {
    this.#client = client;
    await this.rotateKeys();
  }

  /** New keys in place of the old ones; who is signed in stays so. */
  async rotateKeys(): Promise<void> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    this.#key = { ...(await exportJWK(privateKey)), kid: `key-${++this.#kid}`, alg: 'RS256', use: 'sig' };
    this.#handle = this.#make().callback();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #make(): Provider {
    const client = this.#client;
    if (!client) throw new Error('the provider has no client');
    // The portal's certificate is of an authority of its own, and its name is that of this machine.
    const portal = new Agent({
      connect: {
        ca: this.#ca,
        lookup: (_name, options, done) =>
          options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
      },
    });
    return new Provider(this.issuer, {
      clients: [
        {
          client_id: this.clientId,
          client_secret: this.clientSecret,
          redirect_uris: [client.redirectUri],
          post_logout_redirect_uris: [client.signedOutUri],
          backchannel_logout_uri: client.backChannelLogoutUri,
          backchannel_logout_session_required: true,
        },
      ],
      jwks: { keys: [this.#key as never] },
      cookies: { keys: ['of the test'] },
      claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
      scopes: ['openid', 'profile', 'email', 'groups'],
      conformIdTokenClaims: false,
      features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
      fetch: ((url: string, options: object) => undiciFetch(url, { ...options, dispatcher: portal })) as never,
      findAccount: (_context: unknown, sub: string) => ({
        accountId: sub,
        claims: async () => ({
          sub,
          name: sub,
          email: `${sub}@example.com`,
          email_verified: true,
          groups: this.groups,
        }),
      }),
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if ((this.isDown && request.url?.startsWith('/token')) || !this.#handle) return void response.destroy();
    if (request.url?.startsWith('/token') && this.tampered) this.#tamper(response);
    this.#handle(request, response);
  }

  /** Signs the ID token anew, with other claims and the right key. */
  #tamper(response: ServerResponse): void {
    const end = response.end.bind(response) as (body?: unknown) => ServerResponse;
    response.end = ((body: unknown) => {
      void this.#changed(String(body)).then((text) => {
        response.removeHeader('content-length');
        end(text);
      });
      return response;
    }) as never;
  }

  async #changed(body: string): Promise<string> {
    const answer = JSON.parse(body) as { id_token?: string };
    if (answer.id_token === undefined) return body;
    const claims = { ...decodeJwt(answer.id_token), ...this.tampered };
    const key = await importJWK(this.#key, 'RS256');
    const header = { alg: 'RS256', kid: this.#key.kid ?? '' };
    return JSON.stringify({ ...answer, id_token: await new SignJWT(claims).setProtectedHeader(header).sign(key) });
  }
}
