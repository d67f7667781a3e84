import { createPrivateKey, X509Certificate } from 'node:crypto';
import { AcmeFailure } from './acme-failure.ts';

export interface IssuedCertificate {
  readonly notBeforeUnixMs: number;
  readonly notAfterUnixMs: number;
}

/**
 * Looks at what a directory issued before anybody relies on it. AcmeFailure `acme-answer-malformed` where it is no
 * certificate for this key and these names.
 */
export function checkIssued(chainPem: string, keyPem: string, names: readonly string[]): IssuedCertificate {
  try {
    const leaf = new X509Certificate(chainPem);
    if (!leaf.checkPrivateKey(createPrivateKey(keyPem))) throw new Error('it is for another key');
    const issued = (leaf.subjectAltName ?? '').split(', ').map((name) => name.replace(/^DNS:/, '').toLowerCase());
    const missing = names.find((name) => !issued.includes(name));
    if (missing !== undefined) throw new Error(`it is not for ${missing}`);
    return { notBeforeUnixMs: Date.parse(leaf.validFrom), notAfterUnixMs: Date.parse(leaf.validTo) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AcmeFailure('acme-answer-malformed', `the certificate of the directory is of no use: ${why}`, {}, error);
  }
}
