import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { CLIENT_CHAIN_MAX } from './client-hello-constants.ts';

/** A certificate by which a client, in the handshake, proved to hold its key. */
export interface PresentedCertificate {
  readonly leaf: CertificateFacts;
  /**
   * The leaf and those behind it that the client sent, where the TLS library found a chain from them to one of the host's
   * authorities that is right in every respect: signatures, constraints, purpose, and validity at that time. Else undefined.
   */
  readonly chain: readonly CertificateFacts[] | undefined;
}

export interface CertificateFacts {
  /** SHA-256 of the certificate, hexadecimal in lower case. */
  readonly fingerprint: string;
  /** Hexadecimal in lower case, without zeros in front. */
  readonly serial: string;
  readonly commonName: string;
  /** Distinguished names in one line (RFC 4514, roughly: the way OpenSSL prints them, joined by commas). */
  readonly subject: string;
  readonly issuer: string;
  readonly emails: readonly string[];
  readonly notBeforeUnixMs: number;
  readonly notAfterUnixMs: number;
  /** It names no purpose at all, or the authentication of clients (RFC 5280 section 4.2.1.12). */
  readonly isForClients: boolean;
  readonly pem: string;
  /** Whether the holder of the other one signed this. */
  isIssuedBy(other: CertificateFacts): boolean;
  readonly certificate: X509Certificate;
}

const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** What a client showed; undefined where it was not asked, or showed nothing. */
export function presentedCertificate(socket: Socket): PresentedCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return undefined;
  const chain = socket.authorized ? chainOf(leaf) : undefined;
  return { leaf: certificateFacts(leaf), chain: chain?.map(certificateFacts) };
}

function chainOf(leaf: X509Certificate): X509Certificate[] | undefined {
  const chain = [leaf];
  for (let next = leaf.issuerCertificate; next && chain.length < CLIENT_CHAIN_MAX; next = next.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break;
    chain.push(next);
  }
  return chain;
}

/** Throws where the text is no certificate. */
export function readCertificate(pem: string): CertificateFacts & { readonly isAuthority: boolean } {
  const certificate = new X509Certificate(pem);
  return { ...certificateFacts(certificate), isAuthority: certificate.ca };
}

export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  const { subject, issuer, subjectAltName, keyUsage: purposes } = certificate;
  return {
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    serial: plainSerial(certificate.serialNumber),
    commonName: /(?:^|\n)CN=([^\n]*)/.exec(subject)?.[1] ?? '',
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    emails: emailsIn(subjectAltName ?? ''),
    notBeforeUnixMs: Date.parse(certificate.validFrom),
    notAfterUnixMs: Date.parse(certificate.validTo),
    isForClients: !purposes || purposes.length === 0 || purposes.includes(CLIENT_AUTHENTICATION),
    pem: certificate.toString(),
    certificate,
    isIssuedBy: ({ certificate: other }) => certificate.checkIssued(other) && certificate.verify(other.publicKey),
  };
}

export function plainSerial(hexadecimal: string): string {
  return hexadecimal.toLowerCase().replace(/^0+(?=.)/, '');
}

function oneLine(name: string): string {
  return name.split('\n').join(',');
}

/** Node quotes a name that could be taken for several (CVE-2021-44532); what is quoted is passed over. */
function emailsIn(names: string): string[] {
  if (names.includes('"')) return [];
  return names.split(', ').flatMap((name) => (name.startsWith('email:') ? [name.slice('email:'.length)] : []));
}
