/**
 * The local certificate authority: made once in the data directory, signs leaves for this installation's names. The
 * X.509 library is loaded only when there is something to make, which keeps it out of an ordinary start.
 */
import { createHash, createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { Failure, type Random } from '../base/index.ts';
import { CA_LIFETIME_MS, CERTIFICATE_BACKDATE_MS } from './certificate-constants.ts';
import { EVERYBODY_READS, OWNER_ONLY, readText, replaceFile } from './files.ts';
import { type Leaf, type LeafNames, LeafSigner, serialNumber } from './leaf-certificate.ts';

export type { Leaf } from './leaf-certificate.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface LocalCa {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** For people and browsers: the file to trust. */
  readonly file: string;
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

/** Signs a certificate for DNS names (wildcards included) and IP addresses. For many, keep a `LeafSigner`. */
export function issueLeaf(ca: LocalCa, names: LeafNames, nowUnixMs: number, random: Random): Leaf {
  return new LeafSigner(ca).sign(names, nowUnixMs, random);
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

function serial(random: Random): string {
  return Buffer.from(serialNumber(random)).toString('hex');
}
