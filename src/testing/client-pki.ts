/** Authorities and certificates of clients, for tests. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';

export interface Issued {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

export interface Wanted {
  readonly name: string;
  readonly isAuthority?: boolean;
  readonly email?: string;
  /** Names that a server has; it is for servers then, where `purposes` says nothing else. */
  readonly dns?: readonly string[];
  /** OIDs of extended key usage; client authentication where it is left out, none where it is empty. */
  readonly purposes?: readonly string[];
  readonly serial?: string;
  readonly fromMs?: number;
  readonly untilMs?: number;
}

x509.cryptoProvider.set(webcrypto as unknown as Crypto);
let serials = 0x1000;

/** Signed by `issuer`, or by itself. Times are relative to `nowUnixMs`. */
export async function issue(nowUnixMs: number, wanted: Wanted, issuer?: Issued): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const { name, isAuthority = false, email, dns } = wanted;
  const { purposes = isAuthority ? [] : [dns ? SERVER_AUTHENTICATION : CLIENT_AUTHENTICATION] } = wanted;
  const usage = isAuthority
    ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
    : x509.KeyUsageFlags.digitalSignature;
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(isAuthority, undefined, true),
    new x509.KeyUsagesExtension(usage, true),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
  ];
  if (purposes.length > 0) extensions.push(new x509.ExtendedKeyUsageExtension([...purposes]));
  if (dns) extensions.push(new x509.SubjectAlternativeNameExtension(dns.map((value) => ({ type: 'dns', value }))));
  if (email !== undefined) extensions.push(new x509.SubjectAlternativeNameExtension([{ type: 'email', value: email }]));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: wanted.serial ?? (++serials).toString(16),
    subject: `CN=${name}`,
    issuer: issuer?.certificate.subject ?? `CN=${name}`,
    notBefore: new Date(nowUnixMs + (wanted.fromMs ?? -DAY_MS)),
    notAfter: new Date(nowUnixMs + (wanted.untilMs ?? 30 * DAY_MS)),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: ALGORITHM,
    extensions,
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const keyPem = x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
  return { certificatePem: certificate.toString('pem'), keyPem, keys, certificate };
}

/** A list of what an authority revoked. */
export async function revocationList(
  nowUnixMs: number,
  authority: Issued,
  serials: readonly string[],
  untilMs = DAY_MS,
): Promise<string> {
  const list = await x509.X509CrlGenerator.create({
    issuer: authority.certificate.subject,
    thisUpdate: new Date(nowUnixMs - DAY_MS),
    nextUpdate: new Date(nowUnixMs + untilMs),
    signingAlgorithm: ALGORITHM,
    signingKey: authority.keys.privateKey,
    entries: serials.map((serialNumber) => ({ serialNumber, revocationDate: new Date(nowUnixMs - 1000) })),
  });
  return list.toString('pem');
}
