/**
 * An ACME directory by acme-client: its account, signatures, key authorisations and requests for certificates are the
 * library's; how bytes travel, what is read of an answer and what becomes of an error are ours. The library is loaded with
 * the first question: most nodes never ask one.
 */
import type { Client } from 'acme-client';
import type { Clock } from '../../base/index.ts';
import type { OutboundSettings } from '../outbound/outbound-agents.ts';
import type { AccountWish, AcmeAuthorization, AcmeDirectory, AcmeOrder, DirectoryFacts } from './acme-directory.ts';
import { AcmeFailure, plain } from './acme-failure.ts';
import { AcmeTransport } from './acme-transport.ts';
import { readAuthorization, readDirectory, readOrder } from './read-answers.ts';
import { type RenewalInfo, readRenewalInfo, renewalId } from './renewal-info.ts';

export interface AcmeClientOptions {
  readonly directoryUrl: string;
  readonly accountKeyPem: string;
  /** Left out: the account is still to be opened. */
  readonly accountUrl?: string;
  readonly binding?: { readonly keyId: string; readonly key: string };
  readonly outbound: OutboundSettings;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly timeoutMs?: number;
}

type Library = typeof import('acme-client');
/** What the types of the library leave out: who makes its requests. */
type OpenClient = Client & {
  http: {
    request: (url: string, method: string, options?: { data?: unknown }) => Promise<unknown>;
    getDirectory(): Promise<unknown>;
  };
  api: { apiRequest(url: string, payload: unknown, statuses: number[]): Promise<{ data: unknown }> };
};

export class AcmeClientDirectory implements AcmeDirectory {
  readonly #options: AcmeClientOptions;
  readonly #transport: AcmeTransport;
  #opened: Promise<{ library: Library; client: OpenClient }> | undefined;

  constructor(options: AcmeClientOptions) {
    this.#options = options;
    this.#transport = new AcmeTransport(options);
  }

  close(): void {
    this.#transport.close();
  }

  facts(): Promise<DirectoryFacts> {
    return this.#asked(async ({ http }) => readDirectory(await http.getDirectory()).facts);
  }

  openAccount({ contacts, termsAgreed }: AccountWish): Promise<string> {
    return this.#asked(async (client) => {
      const contact = contacts.map((address) => `mailto:${address}`);
      await client.createAccount({ termsOfServiceAgreed: termsAgreed, ...(contact.length > 0 && { contact }) });
      return client.getAccountUrl();
    });
  }

  order(names: readonly string[], { profile, replaces }: { profile?: string; replaces?: string }): Promise<AcmeOrder> {
    return this.#asked(async (client) => {
      const identifiers = names.map((value) => ({ type: 'dns', value }));
      const { renewalInfoUrl } = readDirectory(await client.http.getDirectory());
      const replaced = renewalInfoUrl === undefined || replaces === undefined ? undefined : renewalId(replaces);
      const wanted = { identifiers, ...(profile && { profile }), ...(replaced && { replaces: replaced }) };
      try {
        return readOrder(await client.createOrder(wanted));
      } catch (error) {
        // Something else has replaced it already (RFC 9773 section 5), or the directory does not know it.
        if (!replaced || !(error instanceof AcmeFailure) || error.code === 'acme-rate-limited') throw error;
        const { replaces: _replaces, ...plainly } = wanted as typeof wanted & { replaces?: string };
        return readOrder(await client.createOrder(plainly));
      }
    });
  }

  orderAt(url: string): Promise<AcmeOrder> {
    return this.#asked(async (client) => readOrder(await client.getOrder(orderOf(url))));
  }

  authorizations(orderUrl: string): Promise<AcmeAuthorization[]> {
    return this.#asked(async (client) => {
      const order = await client.getOrder(orderOf(orderUrl));
      return (await client.getAuthorizations(order)).map(readAuthorization);
    });
  }

  proof({ kind, token, url }: { kind: string; token: string; url: string }): Promise<string> {
    const challenge = { type: kind, token, url, status: 'pending' } as never;
    return this.#asked((client) => client.getChallengeKeyAuthorization(challenge));
  }

  async proofCertificate(name: string, keyAuthorization: string): Promise<{ certificatePem: string; keyPem: string }> {
    return this.#asked(async (_client, { crypto }) => {
      const authorization = { identifier: { type: 'dns', value: name } } as never;
      const key = await crypto.createPrivateEcdsaKey();
      const [keyPem, certificatePem] = await crypto.createAlpnCertificate(authorization, keyAuthorization, key);
      return { certificatePem: certificatePem.toString(), keyPem: keyPem.toString() };
    });
  }

  async ready(challengeUrl: string): Promise<void> {
    await this.#asked((client) => client.completeChallenge({ url: challengeUrl } as never));
  }

  async newKey(): Promise<string> {
    return this.#asked(async (_client, { crypto }) => (await crypto.createPrivateEcdsaKey()).toString());
  }

  finalise(orderUrl: string, names: readonly string[], keyPem: string): Promise<AcmeOrder> {
    return this.#asked(async (client, { crypto }) => {
      const order = await client.getOrder(orderOf(orderUrl));
      const [, request] = await crypto.createCsr({ altNames: [...names] }, keyPem);
      return readOrder(await client.finalizeOrder(order, request));
    });
  }

  certificate(orderUrl: string): Promise<string> {
    return this.#asked(async (client) => client.getCertificate(await client.getOrder(orderOf(orderUrl))));
  }

  renewalInfo(chainPem: string): Promise<RenewalInfo | undefined> {
    return this.#asked(async ({ http }) => {
      const { renewalInfoUrl } = readDirectory(await http.getDirectory());
      const id = renewalInfoUrl === undefined ? undefined : renewalId(chainPem);
      if (id === undefined) return undefined;
      const { data } = await this.#transport.request(`${renewalInfoUrl?.replace(/\/$/, '')}/${id}`, 'get');
      return readRenewalInfo(data);
    });
  }

  async #asked<Answer>(ask: (client: OpenClient, library: Library) => Promise<Answer>): Promise<Answer> {
    try {
      this.#opened ??= this.#open();
      const { library, client } = await this.#opened;
      return await ask(client, library);
    } catch (error) {
      if (error instanceof AcmeFailure) throw error;
      const message = error instanceof Error ? error.message : String(error);
      const code = /nonce/i.test(message) ? 'acme-nonce-refused' : 'acme-answer-malformed';
      throw new AcmeFailure(code, `the directory's answer is of no use: ${plain(message)}`, {}, error);
    }
  }

  async #open(): Promise<{ library: Library; client: OpenClient }> {
    const { directoryUrl, accountKeyPem, accountUrl, binding } = this.#options;
    const library = await import('acme-client');
    const client = new library.Client({
      ...{ directoryUrl, accountKey: accountKeyPem },
      ...(accountUrl !== undefined && { accountUrl }),
      // Keys are base64url in all the instructions there are; the library reads base64, which in Node is both.
      ...(binding && { externalAccountBinding: { kid: binding.keyId, hmacKey: binding.key } }),
    }) as OpenClient;
    client.http.request = (url, method, options) => this.#transport.request(url, method, options?.data);
    return { library, client };
  }
}

/** All that the library needs of an order to ask for it. */
function orderOf(url: string) {
  return { url } as never;
}
