/** An ACME directory that a test plays: it signs what it is asked for, when the test lets it. */
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import type { Clock, Random } from '../base/index.ts';
import type { ProofKind } from '../core/certificates/index.ts';
import type { AcmeAuthorization, AcmeDirectory, AcmeOrder, DirectoryFacts } from '../io/acme/acme-directory.ts';
import { AcmeFailure, type AcmeFailureCode } from '../io/acme/acme-failure.ts';
import type { RenewalInfo } from '../io/acme/renewal-info.ts';

const DAY_MS = 86_400_000;

interface PlayedOrder {
  readonly url: string;
  readonly names: readonly string[];
  status: AcmeOrder['status'];
  readonly told: Set<string>;
  chain?: string;
  readonly replaces: string | undefined;
}

export class StandInDirectory implements AcmeDirectory {
  readonly orders: PlayedOrder[] = [];
  readonly offered: ProofKind[] = ['http-01', 'tls-alpn-01', 'dns-01'];
  accounts = 0;
  lifeDays = 90;
  /** What it answers to every question; undefined: what was asked for. */
  refusing: { readonly code: AcmeFailureCode; readonly retryAfterMs?: number } | undefined;
  /** Whether proofs convince it. */
  proves: (kind: ProofKind) => boolean = () => true;
  /** Looks that it takes to make up its mind. */
  slowness = 0;
  window: ((notBefore: number, notAfter: number) => RenewalInfo) | undefined;
  directoryFacts: DirectoryFacts = { termsUrl: undefined, needsBinding: false, profiles: [] };
  /** Is told of every question. */
  asked: (what: string) => void = () => undefined;
  readonly #clock: Clock;
  readonly #looks = new Map<string, number>();
  #serial = 0;

  constructor(clock: Clock, _random?: Random) {
    this.#clock = clock;
  }

  async facts(): Promise<DirectoryFacts> {
    this.#ask('facts');
    return this.directoryFacts;
  }

  async openAccount(): Promise<string> {
    this.#ask('openAccount');
    this.accounts++;
    return 'https://directory.example/account/1';
  }

  async order(names: readonly string[], { replaces }: { replaces?: string }): Promise<AcmeOrder> {
    this.#ask('order');
    const url = `https://directory.example/order/${this.orders.length}`;
    this.orders.push({ url, names, status: 'pending', told: new Set(), replaces });
    return this.#told(url);
  }

  async orderAt(url: string): Promise<AcmeOrder> {
    this.#ask('orderAt');
    const order = this.#order(url);
    const looks = (this.#looks.get(url) ?? 0) + 1;
    this.#looks.set(url, looks);
    if (order.status === 'pending' && order.told.size === this.#bare(order).length && looks > this.slowness)
      order.status = [...order.told].every((kind) => this.proves(kind.split(' ')[0] as ProofKind))
        ? 'ready'
        : 'invalid';
    return this.#told(url);
  }

  async authorizations(url: string): Promise<AcmeAuthorization[]> {
    this.#ask('authorizations');
    const order = this.#order(url);
    const isInvalid = order.status === 'invalid';
    return this.#bare(order).map((name, index) => ({
      url: `${url}/${index}`,
      name,
      status: isInvalid ? 'invalid' : 'pending',
      challenges: this.offered.map((kind) => ({
        ...{ kind, url: `${url}/${index}/${kind}`, token: `token-${index}`, status: 'pending' },
        error: isInvalid ? { type: 'unauthorized', detail: 'it saw nothing there' } : undefined,
      })),
    }));
  }

  async proof({ kind, token }: { kind: string; token: string }): Promise<string> {
    return `${kind}.${token}`;
  }

  async proofCertificate(name: string): Promise<{ certificatePem: string; keyPem: string }> {
    return { certificatePem: `certificate of ${name}`, keyPem: 'key' };
  }

  async ready(challengeUrl: string): Promise<void> {
    this.#ask('ready');
    const [, url = '', index = '', kind = ''] = /^(.*)\/(\d+)\/([^/]+)$/.exec(challengeUrl) ?? [];
    this.#order(url).told.add(`${kind} ${index}`);
  }

  async newKey(): Promise<string> {
    const { privateKey } = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
    return `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`;
  }

  async finalise(url: string, names: readonly string[], keyPem: string): Promise<AcmeOrder> {
    this.#ask('finalise');
    const order = this.#order(url);
    order.chain = await this.#issue(names, keyPem);
    order.status = 'valid';
    return this.#told(url);
  }

  async certificate(url: string): Promise<string> {
    this.#ask('certificate');
    return this.#order(url).chain ?? '';
  }

  async renewalInfo(chainPem: string): Promise<RenewalInfo | undefined> {
    this.#ask('renewalInfo');
    const { X509Certificate } = await import('node:crypto');
    const { validFrom, validTo } = new X509Certificate(chainPem);
    return this.window?.(Date.parse(validFrom), Date.parse(validTo));
  }

  close(): void {}

  #bare(order: PlayedOrder): string[] {
    return order.names.map((name) => name.replace(/^\*\./, ''));
  }

  #told(url: string): AcmeOrder {
    const { status } = this.#order(url);
    return { url, status, error: undefined, retryAfterMs: undefined };
  }

  #order(url: string): PlayedOrder {
    const order = this.orders.find((one) => one.url === url);
    if (!order) throw new AcmeFailure('acme-not-found', 'there is no such order');
    return order;
  }

  #ask(what: string): void {
    this.asked(what);
    if (this.refusing)
      throw new AcmeFailure(this.refusing.code, 'the test says so', { retryAfterMs: this.refusing.retryAfterMs });
  }

  async #issue(names: readonly string[], keyPem: string): Promise<string> {
    await import('reflect-metadata');
    const x509 = await import('@peculiar/x509');
    x509.cryptoProvider.set(webcrypto as Crypto);
    const der = (type: 'spki' | 'pkcs8') =>
      new Uint8Array(
        type === 'spki'
          ? createPublicKey(keyPem).export({ type: 'spki', format: 'der' })
          : createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' }),
      );
    const publicKey = await webcrypto.subtle.importKey('spki', der('spki'), ALGORITHM, true, ['verify']);
    const privateKey = await webcrypto.subtle.importKey('pkcs8', der('pkcs8'), ALGORITHM, false, ['sign']);
    const notBefore = new Date(Math.floor(this.#clock.unixMs() / 1000) * 1000);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: (++this.#serial).toString(16).padStart(2, '0'),
      name: 'CN=played',
      notBefore,
      notAfter: new Date(notBefore.getTime() + this.lifeDays * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys: { publicKey, privateKey },
      extensions: [
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
        await x509.AuthorityKeyIdentifierExtension.create(publicKey),
      ],
    });
    return certificate.toString('pem');
  }
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
