/**
 * The local certificate authority: made once in the data directory, signs leaves for this installation's names. The
 * X.509 library is loaded only when there is something to make, which keeps it out of an ordinary start.
 */
import { createHash, createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { Failure, type Random } from '../base/index.ts';
import { CA_LIFETIME_MS, CERTIFICATE_BACKDATE_MS, LEAF_LIFETIME_MS } from './certificate-constants.ts';
import { EVERYBODY_READS, OWNER_ONLY, readText, replaceFile } from './files.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface LocalCa {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** For people and browsers: the file to trust. */
  readonly file: string;
}

export interface Leaf {
  /** Leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
  readonly notAfterUnixMs: number;
}

/** Reads the authority from `ca.pem` and `ca-key.pem`, or makes it. Throws Failure `ca-unusable`. */
export async function openLocalCa(dataDir: string, nowUnixMs: number, random: Random): Promise<LocalCa> {
  const file = join(dataDir, 'ca.pem');
  const keyFile = join(dataDir, 'ca-key.pem');
  try {
    let certificatePem = await readText(file);
    let keyPem = await readText(keyFile);
    if (certificatePem === undefined) {
      // The key is written first: a crash in between leaves a key without a certificate, which is made anew.
      ({ certificatePem, keyPem } = await makeCa(nowUnixMs, random));
      await replaceFile(keyFile, keyPem, OWNER_ONLY);
      await replaceFile(file, certificatePem, EVERYBODY_READS);
    }
    if (keyPem === undefined) throw new Error('the key file is missing');
    refuseForeignKey(certificatePem, keyPem);
    return { certificatePem, keyPem, file };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure('ca-unusable', `the local CA in ${file} and ${keyFile} cannot be used: ${why}`, error);
  }
}

/** An authority that was kept elsewhere. Throws Failure `ca-unusable`. */
export function checkedCa(ca: LocalCa): LocalCa {
  try {
    refuseForeignKey(ca.certificatePem, ca.keyPem);
    return ca;
  } catch (error) {
    throw new Failure('ca-unusable', `the local CA of the store cannot be used: ${(error as Error).message}`, error);
  }
}

function refuseForeignKey(certificatePem: string, keyPem: string): void {
  if (!new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem)))
    throw new Error('the key does not belong to the certificate');
}

/** SHA-256 of a certificate's DER: its fingerprint, 32 bytes. Throws where the PEM holds none. */
export function certificateSha256(pem: string): Uint8Array {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest();
}

/** Signs a certificate for DNS names (wildcards included) and IP addresses. */
export async function issueLeaf(
  ca: LocalCa,
  names: { readonly dns: readonly string[]; readonly ip: readonly string[] },
  nowUnixMs: number,
  random: Random,
): Promise<Leaf> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(ca.certificatePem);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', derOf(ca.keyPem), ALGORITHM, false, ['sign']);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notAfterUnixMs = Math.min(nowUnixMs + LEAF_LIFETIME_MS, issuer.notAfter.getTime());
  const alternative = [
    ...names.dns.map((value) => ({ type: 'dns' as const, value })),
    ...names.ip.map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(random),
    subject: `CN=${names.dns[0] ?? names.ip[0] ?? 'manis'}`,
    issuer: issuer.subject,
    notBefore: new Date(nowUnixMs - CERTIFICATE_BACKDATE_MS),
    notAfter: new Date(notAfterUnixMs),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternative),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    chainPem: `${certificate.toString('pem')}\n${ca.certificatePem}`,
    keyPem: await exportKey(keys.privateKey),
    notAfterUnixMs,
  };
}

async function makeCa(nowUnixMs: number, random: Random): Promise<{ certificatePem: string; keyPem: string }> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(random),
    name: `CN=Manis local CA ${serial(random).slice(-8)}, O=Manis`,
    notBefore: new Date(nowUnixMs - CERTIFICATE_BACKDATE_MS),
    notAfter: new Date(nowUnixMs + CA_LIFETIME_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem: await exportKey(keys.privateKey) };
}

async function loadX509() {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as Crypto);
  return x509;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
}

function derOf(pem: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' }));
}

/** A positive number of 127 random bits (RFC 5280 section 4.1.2.2). */
function serial(random: Random): string {
  const bytes = random.bytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
