import { X509Certificate } from 'node:crypto';
import { Failure } from '../base/index.ts';
import { plainSerial } from './client-certificate.ts';

/** What a list of revoked certificates (RFC 5280 section 5) says. */
export interface RevocationList {
  /** Hexadecimal in lower case, without zeros in front. */
  readonly serials: readonly string[];
  /** When the next one is due; undefined where it does not say. */
  readonly untilUnixMs: number | undefined;
}

/**
 * Reads a list and checks that the authority signed it. Rejects with Failure `revocation-list-invalid`. The X.509 library
 * is loaded only when there is a list.
 */
export async function readRevocationList(pem: string, authorityPem: string): Promise<RevocationList> {
  await import('reflect-metadata');
  const { X509Crl, X509Certificate: PublicCertificate } = await import('@peculiar/x509');
  const list = parse(() => new X509Crl(pem));
  const authority = parse(() => new PublicCertificate(authorityPem));
  const isItsOwn =
    list.issuer === authority.subject && (await list.verify({ publicKey: authority.publicKey }).catch(() => false));
  if (!isItsOwn) throw new Failure('revocation-list-invalid', 'the list was not signed by this authority');
  return {
    serials: list.entries.map(({ serialNumber }) => plainSerial(serialNumber)),
    untilUnixMs: list.nextUpdate?.getTime(),
  };
}

function parse<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new Failure('revocation-list-invalid', 'the text is no list of revoked certificates in PEM', error);
  }
}

/** A certificate that may vouch for others. Throws Failure `client-authority-invalid`. */
export function readAuthorityCertificate(pem: string): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw new Failure('client-authority-invalid', 'the text is no certificate in PEM', error);
  }
  if (!certificate.ca)
    throw new Failure('client-authority-invalid', 'the certificate is no authority (basicConstraints)');
  return certificate;
}
