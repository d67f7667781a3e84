/** Judges a certificate that somebody gave, before anybody is served with it. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Failure, utcDay } from '../base/index.ts';
import {
  CERTIFICATE_CHAIN_MAX,
  CERTIFICATE_NAMES_MAX,
  CERTIFICATE_START_SKEW_MS,
  RSA_BITS_MIN,
} from './certificate-constants.ts';

export interface OwnCertificate {
  /** DNS names that it is for, in lower case, wildcards included. */
  readonly hosts: readonly string[];
  /** Leaf first, each followed by who signed it. */
  readonly chainPem: string;
  /** PKCS #8. */
  readonly keyPem: string;
  readonly notBeforeUnixMs: number;
  readonly notAfterUnixMs: number;
  /** SHA-256 of the leaf, hexadecimal. */
  readonly fingerprint: string;
  /** What works here and perhaps not everywhere. */
  readonly warnings: readonly string[];
}

const CURVES = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';

/** Throws Failure `certificate-invalid` with one sentence that says what is wrong, and never a piece of the key. */
export function readOwnCertificate(chainPem: string, keyPem: string, nowUnixMs: number): OwnCertificate {
  const chain = certificatesIn(chainPem);
  const [leaf] = chain;
  if (!leaf) throw wrong('the chain holds no certificate in PEM');
  const key = keyIn(keyPem);
  refuseOrder(chain, key);
  if (!leaf.checkPrivateKey(key)) throw wrong(`the key does not belong to ${nameOf(leaf)}`);
  refuseWeak(leaf.publicKey);
  refusePurpose(leaf);
  const hosts = hostsOf(leaf);
  refuseTimes(chain, nowUnixMs);
  return {
    hosts,
    chainPem: chain.map((one) => one.toString()).join(''),
    keyPem: String(key.export({ type: 'pkcs8', format: 'pem' })),
    notBeforeUnixMs: Date.parse(leaf.validFrom),
    notAfterUnixMs: Date.parse(leaf.validTo),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    warnings: warningsOf(chain),
  };
}

function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > CERTIFICATE_CHAIN_MAX)
    throw wrong(`the chain has more than ${CERTIFICATE_CHAIN_MAX} certificates`);
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw wrong(`certificate ${index + 1} of the chain cannot be read`, error);
    }
  });
}

function keyIn(pem: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem))
    throw wrong('the key is encrypted; give it without a passphrase');
  const block = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]*?-----END (?:RSA |EC )?PRIVATE KEY-----/.exec(pem)?.[0];
  if (block === undefined) throw wrong('the key is no private key in PEM');
  try {
    return createPrivateKey(block);
  } catch {
    // The library's words may hold a piece of what it read.
    throw wrong('the key cannot be read');
  }
}

/** Each signed by the next, as TLS sends them (RFC 8446 section 4.4.2 lets servers be lax; browsers of all ages are not). */
function refuseOrder(chain: readonly X509Certificate[], key: KeyObject): void {
  const own = chain.findIndex((one) => one.checkPrivateKey(key));
  if (own > 0) throw wrong(`the chain is in the wrong order: ${nameOf(chain[own])}, which the key is for, comes first`);
  for (const [index, one] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer && !isIssuedBy(one, issuer))
      throw wrong(
        `the chain is in the wrong order: ${nameOf(one)} is not signed by ${nameOf(issuer)}, which follows it`,
      );
  }
}

function isIssuedBy(one: X509Certificate, issuer: X509Certificate): boolean {
  return one.checkIssued(issuer) && one.verify(issuer.publicKey);
}

function refuseWeak(key: KeyObject): void {
  const details = key.asymmetricKeyDetails ?? {};
  const bits = details.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'rsa') {
    if (bits < RSA_BITS_MIN) throw wrong(`its RSA key has ${bits} bits; browsers take ${RSA_BITS_MIN} or more`);
  } else if (key.asymmetricKeyType !== 'ec' || !CURVES.has(details.namedCurve ?? ''))
    throw wrong(
      `its key is of a kind that browsers do not take (${details.namedCurve ?? key.asymmetricKeyType}); use P-256, P-384 or RSA`,
    );
}

function refusePurpose(leaf: X509Certificate): void {
  if (leaf.ca) throw wrong(`${nameOf(leaf)} is an authority, not a server`);
  const purposes = (leaf.keyUsage as readonly string[] | undefined) ?? [];
  if (purposes.length > 0 && !purposes.includes(SERVER_AUTHENTICATION) && !purposes.includes(ANY_PURPOSE))
    throw wrong(`${nameOf(leaf)} is not for servers: its extended key usage says so`);
}

function hostsOf(leaf: X509Certificate): string[] {
  const names = (leaf.subjectAltName ?? '')
    .split(', ')
    .flatMap((part) => (part.startsWith('DNS:') ? part.slice(4) : []));
  const hosts = [...new Set(names.map((name) => name.toLowerCase().replace(/\.$/, '')))];
  if (hosts.length === 0) throw wrong('it names no DNS names (subjectAltName); the common name alone does not count');
  if (hosts.length > CERTIFICATE_NAMES_MAX) throw wrong(`it names more than ${CERTIFICATE_NAMES_MAX} names`);
  const odd = hosts.find(
    (host) => !/^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{1,63}$/.test(host),
  );
  if (odd !== undefined) throw wrong(`it names ${JSON.stringify(odd.slice(0, 100))}, which is no host name`);
  return hosts;
}

function refuseTimes(chain: readonly X509Certificate[], nowUnixMs: number): void {
  for (const one of chain) {
    const [from, until] = [Date.parse(one.validFrom), Date.parse(one.validTo)];
    if (until <= nowUnixMs) throw wrong(`${nameOf(one)} expired on ${utcDay(until)}`);
    if (from > nowUnixMs + CERTIFICATE_START_SKEW_MS) throw wrong(`${nameOf(one)} is not valid before ${utcDay(from)}`);
  }
}

function warningsOf(chain: readonly X509Certificate[]): string[] {
  const last = chain.at(-1) as X509Certificate;
  // A leaf may not sign others, so it counts as issued by nobody.
  const isOfItself = last.subject === last.issuer && last.verify(last.publicKey);
  if (chain.length === 1 && !isOfItself)
    return ['the chain holds the leaf alone; without the intermediate certificates some clients do not trust it'];
  if (chain.length === 1) return ['it is signed by itself; nobody trusts it who was not told to'];
  return [];
}

function nameOf(certificate: X509Certificate | undefined): string {
  const subject = (certificate?.subject ?? '').replaceAll('\n', ', ').replace(/[\p{Cc}\p{Cs}]/gu, '?');
  return subject === '' ? 'a certificate without a subject' : subject.slice(0, 120);
}

function wrong(why: string, cause?: unknown): Failure {
  return new Failure('certificate-invalid', `the certificate cannot be used: ${why}`, cause);
}
