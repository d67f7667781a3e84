import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, in order; undefined where one of them is none, or something else stands beside them. */
export function readCertificates(pem: string): X509Certificate[] | undefined {
  const blocks = pem.match(BLOCK);
  if (!blocks || /-----BEGIN/.test(pem.replace(BLOCK, ''))) return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

/** What a client certificate and its key do not fit in: `key-unreadable` also where it is locked with a passphrase. */
export type ClientCertificateFault = 'certificate-unreadable' | 'key-unreadable' | 'key-differs';

export function faultInClientCertificate(chainPem: string, keyPem: string): ClientCertificateFault | undefined {
  const [leaf] = readCertificates(chainPem) ?? [];
  if (!leaf) return 'certificate-unreadable';
  let key: KeyObject;
  try {
    key = createPrivateKey(keyPem);
  } catch {
    return 'key-unreadable';
  }
  return leaf.checkPrivateKey(key) ? undefined : 'key-differs';
}

/** What people see of a certificate in place of its bytes. */
export function certificateSummary(chainPem: string): { readonly subject: string; readonly notAfterUnixMs: number } {
  const [leaf] = readCertificates(chainPem) ?? [];
  return {
    subject: leaf?.subject.split('\n').join(',') ?? '',
    notAfterUnixMs: leaf ? Date.parse(leaf.validTo) : 0,
  };
}
